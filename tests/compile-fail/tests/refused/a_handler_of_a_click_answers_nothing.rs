use socketmode_driver::router::{Click, Router};
use socketmode_driver::{Message, Transport};

async fn approve(_: Click) -> Message {
    Message::new("Slack would drop this")
}

fn routes<T: Transport>() -> Router<(), T> {
    Router::new(()).action("approve", approve)
}

fn main() {}
