use socketmode_driver::Transport;
use socketmode_driver::router::Router;

async fn options() {}

fn routes<T: Transport>() -> Router<(), T> {
    Router::new(()).suggest("menu", options)
}

fn main() {}
