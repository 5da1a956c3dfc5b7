use socketmode_driver::Transport;
use socketmode_driver::router::Router;

fn deploy() -> &'static str {
    "done"
}

fn routes<T: Transport>() -> Router<(), T> {
    Router::new(()).command("/deploy", deploy)
}

fn main() {}
