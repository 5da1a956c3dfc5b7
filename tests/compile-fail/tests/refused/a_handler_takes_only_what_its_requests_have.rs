use socketmode_driver::Transport;
use socketmode_driver::router::{Click, Router, UserId};

async fn deploy(_: UserId, _: Click) {}

fn routes<T: Transport>() -> Router<(), T> {
    Router::new(()).command("/deploy", deploy)
}

fn main() {}
