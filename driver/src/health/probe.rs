//! What a probe is told.

use super::Health;

/// The answer to a probe: see [`Health::probe`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Probe {
    /// 200, 503 or 404.
    pub status: u16,
    /// The whole health as JSON (`application/json`), and the end of a line.
    pub body: String,
}

impl Health {
    /// What to answer to a probe that asks for this path:
    ///
    /// | path | 200 if | else |
    /// |---|---|---|
    /// | `/readyz` | the client is [ready](Self::ready) | 503 |
    /// | `/livez` | it is [live](Self::live) | 503 |
    /// | any other | | 404 |
    ///
    /// A query (`/readyz?verbose`) changes nothing. A client that is not ready gets no traffic anyway, as it is the one that asks
    /// for it; `/readyz` holds up a rollout until the new process receives. A process that is not live is to be started again.
    ///
    /// `Client::answer_probes` serves this. In a web server that is there already:
    ///
    /// ```
    /// use http::Response;
    /// use socketmode_driver::{Client, Transport};
    ///
    /// fn answer<T: Transport>(client: &Client<T>, path: &str) -> http::Result<Response<String>> {
    ///     let probe = client.health().probe(path);
    ///     Response::builder().status(probe.status).body(probe.body)
    /// }
    /// ```
    #[must_use]
    pub fn probe(&self, path: &str) -> Probe {
        let is_fine = match path.split_once('?').map_or(path, |(path, _)| path) {
            "/readyz" => Some(self.ready),
            "/livez" => Some(self.live),
            _ => None,
        };
        let status = match is_fine {
            Some(true) => 200,
            Some(false) => 503,
            None => 404,
        };
        let mut body = serde_json::to_string(self).unwrap_or_else(|error| error.to_string());
        body.push('\n');
        Probe { status, body }
    }
}
