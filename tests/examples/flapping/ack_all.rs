//! A bot that acknowledges everything.

use crate::bot::Program;
use futures_channel::oneshot;
use socketmode_driver::{Builder, Runtime};
use socketmode_protocol::Config;
use std::time::Duration;

/// How long the end may take.
const GRACE: Duration = Duration::from_secs(10);

/// With these settings.
pub(crate) struct AckAll<C>(pub(crate) C);

impl<C: FnOnce(&mut Config) + Send + 'static> Program for AckAll<C> {
    async fn run<R: Runtime>(self, builder: Builder<R>, stopped: oneshot::Receiver<()>) {
        let (client, mut events) = builder.config(self.0).connect().expect("a client");
        R::spawn(async move {
            // The end of the sender is the order to stop.
            let _ = stopped.await;
            client.shutdown(GRACE).await;
        })
        .expect("a task");
        while let Some(event) = events.next().await {
            if let Ok(request) = event.into_request() {
                request.ack();
            }
        }
    }
}
