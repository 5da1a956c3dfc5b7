use socketmode_driver::Request;

async fn on_event(request: Request) {
    let _ = request.ack().await;
    let _ = request.ack().await;
}

fn main() {}
