use socketmode_driver::protocol::payload::SlashCommand;
use socketmode_driver::{Request, ViewResponse};

async fn on_command(request: Request<SlashCommand>) {
    let _ = request.ack_with(ViewResponse::clear()).await;
}

fn main() {}
