use socketmode_driver::Transport;
use socketmode_driver::payload::AppMention;
use socketmode_driver::router::{Responder, Router};

async fn mentioned<T: Transport>(_: AppMention, _: Responder<T>) {}

fn routes<T: Transport>() -> Router<(), T> {
    Router::new(()).event::<AppMention, _>(mentioned::<T>)
}

fn main() {}
