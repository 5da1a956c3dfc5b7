//! An app as a `tower_service::Service`.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tower_service::Service;

use super::app::App;
use crate::request::Request;
use crate::transport::Transport;

/// Does what [`App::dispatch`] does: for programs that use layers of tower. It is always ready, and errors go to
/// [`Router::on_error`](super::Router::on_error).
///
/// ```
/// use socketmode_driver::router::App;
/// use socketmode_driver::{Request, Transport};
/// use tower_service::Service;
///
/// async fn handle<T: Transport>(mut app: App<(), T>, request: Request) {
///     let Ok(()) = app.call(request).await;
/// }
/// ```
impl<S: Send + Sync + 'static, T: Transport> Service<Request> for App<S, T> {
    type Response = ();
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<(), Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let app = self.clone();
        Box::pin(async move {
            app.dispatch(request).await;
            Ok(())
        })
    }
}
