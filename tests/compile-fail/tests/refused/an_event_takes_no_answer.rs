use socketmode_driver::Request;

async fn on_event(request: Request) {
    let _ = request.ack_with("hello").await;
}

fn main() {}
