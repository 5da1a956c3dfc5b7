use socketmode_driver::Transport;
use socketmode_driver::router::Router;
use std::rc::Rc;

async fn deploy() {
    let counter = Rc::new(1);
    std::future::ready(()).await;
    drop(counter);
}

fn routes<T: Transport>() -> Router<(), T> {
    Router::new(()).command("/deploy", deploy)
}

fn main() {}
