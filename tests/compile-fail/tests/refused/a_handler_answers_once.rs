use socketmode_driver::payload::SlashCommand;
use socketmode_driver::router::Ack;
use socketmode_driver::{AckError, Acked};

async fn deploy(ack: Ack<SlashCommand>) -> Result<Acked, AckError> {
    ack.ack_with("On it.").await?;
    ack.ack_with("Done.").await
}

fn main() {}
