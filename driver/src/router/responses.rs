//! Messages to a `response_url`, by an app that may have no bot token.

use std::sync::Arc;

use serde::Serialize;

use crate::transport::Transport;
use crate::web::{Web, WebError};

/// Only the calls of [`Web`] that need no token.
pub(super) struct Responses<T: Transport>(Arc<Web<T>>);

impl<T: Transport> Responses<T> {
    pub(super) fn new(web: Web<T>) -> Self {
        Self(Arc::new(web))
    }

    pub(super) async fn post(
        &self,
        url: &str,
        message: &(impl Serialize + ?Sized + Sync),
    ) -> Result<(), WebError> {
        self.0.respond(url, message).await
    }
}

impl<T: Transport> Clone for Responses<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
