use socketmode_driver::Transport;
use socketmode_driver::router::{Router, State};

async fn deploy(_: State<u32>) {}

fn routes<T: Transport>() -> Router<String, T> {
    Router::new(String::new()).command("/deploy", deploy)
}

fn main() {}
