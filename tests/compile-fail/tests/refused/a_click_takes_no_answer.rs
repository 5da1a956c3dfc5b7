use socketmode_driver::Request;
use socketmode_driver::protocol::payload::BlockActions;

async fn on_click(request: Request<BlockActions>) {
    let _ = request.ack_with("hello").await;
}

fn main() {}
