//! The Web API in a process that has no client.

use std::sync::Arc;

use super::builder::{BuildError, SLACK_API, base_url_of_the_environment};
use crate::net::Network;
use crate::token::BotToken;
use crate::transport::{Runtime, Transport};
use crate::web::base_url::BaseUrl;
use crate::web::{self, Installation, TokenSource, TokenUnavailable, Web};

impl<T: Runtime> Web<T> {
    /// The Web API in a process that has no [`Client`](crate::Client), such as a worker behind a queue or a job: with the
    /// proxy of the environment, and the base URL in `SLACK_API_URL` if it is set. Without a token only
    /// [`respond`](Self::respond) works.
    ///
    /// ```
    /// use socketmode_driver::{BotToken, Message, Runtime, Web};
    ///
    /// async fn report<R: Runtime>() -> Result<(), Box<dyn std::error::Error>> {
    ///     let web = Web::<R>::from_env(BotToken::from_env()?)?;
    ///     web.post_message("C0123", &Message::new("The night's report")).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// The base URL cannot be used, or there is no transport with the proxy of the environment.
    pub fn from_env(token: impl Into<Option<BotToken>>) -> Result<Self, BuildError> {
        let transport = T::with_network(&Network::default()).map_err(BuildError::Transport)?;
        let base = base_url_of_the_environment().unwrap_or_else(|| SLACK_API.to_owned());
        Self::over(Arc::new(transport), &base, token)
    }
}

impl<T: Transport> Web<T> {
    /// The same over a transport of your own, with the base URL of the Web API, such as `https://slack.com/api/`.
    ///
    /// # Errors
    /// The base URL cannot be used.
    pub fn over(
        transport: Arc<T>,
        base_url: &str,
        token: impl Into<Option<BotToken>>,
    ) -> Result<Self, BuildError> {
        let base = BaseUrl::parse(base_url, false).map_err(|why| BuildError::BaseUrl { why })?;
        Ok(match token.into() {
            Some(token) => Self::new(transport, base, token, web::turns()),
            None => Self::without_token(transport, base, web::turns()),
        })
    }

    /// The same with a token for each workspace: see [`Client::web_by_installation`](crate::Client::web_by_installation).
    pub fn by_installation<S, F>(self, source: S) -> Self
    where
        S: Fn(Installation) -> F + Send + Sync + 'static,
        F: Future<Output = Result<BotToken, TokenUnavailable>> + Send + 'static,
    {
        let source: TokenSource = Arc::new(move |installation| Box::pin(source(installation)));
        self.with_source(source)
    }
}
