//! Flags and environment variables.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use socketmode_jetstream::{ConnectOptions, Queue, async_nats};
use socketmode_tokio::router::Key;

use super::Outcome;

/// Puts what Slack sends by Socket Mode into a NATS JetStream stream, and acknowledges it once the stream has it. Commands, forms
/// and menus are answered by workers through the queue.
///
/// SLACK_APP_TOKEN holds the app-level token (xapp-…). SLACK_API_URL, HTTPS_PROXY, NO_PROXY and RUST_LOG are read too.
#[derive(Parser)]
#[command(name = "socketmode-gateway", version)]
pub(crate) struct Options {
    /// The name of the app, a part of the names of its streams and subjects
    #[arg(long, env = "SOCKETMODE_APP", default_value = "bot")]
    app: String,
    /// The servers of NATS, with commas between them; nats://user:password@host works too
    #[arg(long, env = "NATS_URL", default_value = "nats://127.0.0.1:4222", hide_env_values = true)]
    nats_url: String,
    /// A file with NATS credentials (JWT and NKey seed)
    #[arg(long, env = "NATS_CREDS", value_name = "FILE", hide_env_values = true)]
    nats_creds: Option<PathBuf>,
    /// A file with an NKey seed
    #[arg(
        long,
        env = "NATS_NKEY",
        value_name = "FILE",
        hide_env_values = true,
        conflicts_with = "nats_creds"
    )]
    nats_nkey: Option<PathBuf>,
    /// A user of NATS, whose password is in NATS_PASSWORD
    #[arg(long, env = "NATS_USER", conflicts_with_all = ["nats_creds", "nats_nkey"])]
    nats_user: Option<String>,
    /// A certificate authority of NATS, beside those of the system (PEM)
    #[arg(long, env = "NATS_CA", value_name = "FILE")]
    nats_ca: Option<PathBuf>,
    /// The client's certificate for NATS (PEM)
    #[arg(long, env = "NATS_CERT", value_name = "FILE", requires = "nats_key")]
    nats_cert: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, env = "NATS_KEY", value_name = "FILE", hide_env_values = true, requires = "nats_cert")]
    nats_key: Option<PathBuf>,
    /// Refuse a connection to NATS without TLS
    #[arg(long, env = "NATS_REQUIRE_TLS")]
    nats_require_tls: bool,
    /// The connections to Slack of this gateway
    #[arg(long, env = "SOCKETMODE_CONNECTIONS", default_value_t = 1)]
    pub(crate) connections: usize,
    /// How many gateways there are; with their connections, twice, they must stay within Slack's ten
    #[arg(long, env = "SOCKETMODE_GATEWAYS", default_value_t = 2)]
    pub(crate) gateways: usize,
    /// On how many servers the stream is stored
    #[arg(long, env = "SOCKETMODE_REPLICAS", default_value_t = 3)]
    replicas: usize,
    /// One server is enough: for development
    #[arg(long, env = "SOCKETMODE_ALLOW_SINGLE")]
    allow_single: bool,
    /// How much may wait, in MiB, if the stream is created here
    #[arg(long, env = "SOCKETMODE_MAX_MIB", default_value_t = 1024)]
    max_mib: u32,
    /// How long a request may wait for a worker
    #[arg(long, env = "SOCKETMODE_MAX_AGE_HOURS", default_value_t = 72)]
    max_age_hours: u32,
    /// How long the id of an event is remembered, at least 600
    #[arg(long, env = "SOCKETMODE_DUPLICATE_SECONDS", default_value_t = 1200)]
    duplicate_seconds: u32,
    /// After which silence of a worker another one gets its requests; the workers must have the same
    #[arg(long, env = "SOCKETMODE_ACK_WAIT_SECONDS", default_value_t = 10)]
    ack_wait_seconds: u32,
    /// Handle events with the same key one after another; the workers must have the same
    #[arg(long, env = "SOCKETMODE_ORDER")]
    order: Option<Order>,
    /// The partitions of an order
    #[arg(long, env = "SOCKETMODE_PARTITIONS", default_value_t = 8)]
    partitions: u16,
    /// Where /livez, /readyz and /metrics are answered
    #[arg(long, env = "SOCKETMODE_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub(crate) listen: String,
    /// How long a shutdown may take
    #[arg(long, env = "SOCKETMODE_GRACE_SECONDS", default_value_t = 20)]
    grace_seconds: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Order {
    Channel,
    Thread,
    User,
    Team,
}

impl Options {
    pub(crate) fn queue(&self) -> Queue {
        let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
        let mut queue = Queue::new(&self.app)
            .replicas(self.replicas)
            .max_bytes(i64::from(self.max_mib) << 20)
            .max_age(seconds(self.max_age_hours) * 3600)
            .duplicate_window(seconds(self.duplicate_seconds))
            .ack_wait(seconds(self.ack_wait_seconds));
        if self.allow_single {
            queue = queue.allow_single();
        }
        let key = self.order.map(|order| match order {
            Order::Channel => Key::Channel,
            Order::Thread => Key::Thread,
            Order::User => Key::User,
            Order::Team => Key::Team,
        });
        match key {
            Some(key) => queue.ordered(key, self.partitions),
            None => queue,
        }
    }

    pub(crate) fn servers(&self) -> Outcome<Vec<async_nats::ServerAddr>> {
        let parse = |url: &str| url.trim().parse().map_err(|_| "NATS_URL has an address that cannot be read");
        Ok(self.nats_url.split(',').map(parse).collect::<Result<_, _>>()?)
    }

    pub(crate) async fn nats(&self) -> Outcome<ConnectOptions> {
        let mut options = ConnectOptions::new().name("socketmode-gateway");
        if let Some(file) = &self.nats_creds {
            options = options.credentials_file(file).await?;
        }
        if let Some(file) = &self.nats_nkey {
            options = options.nkey(std::fs::read_to_string(file)?.trim().to_owned());
        }
        if let Some(user) = &self.nats_user {
            let password = std::env::var("NATS_PASSWORD").map_err(|_| "NATS_PASSWORD is not set")?;
            options = options.user_and_password(user.clone(), password);
        }
        if let Some(file) = &self.nats_ca {
            options = options.add_root_certificates(file.clone());
        }
        if let (Some(certificate), Some(key)) = (&self.nats_cert, &self.nats_key) {
            options = options.add_client_certificate(certificate.clone(), key.clone());
        }
        Ok(options.require_tls(self.nats_require_tls))
    }

    pub(crate) fn grace(&self) -> Duration {
        Duration::from_secs(u64::from(self.grace_seconds))
    }
}

/// An address may hold a password.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("app", &self.app).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_flags_fit_together() {
        Options::command().debug_assert();
    }

    #[test]
    fn help_shows_no_value_that_may_be_a_secret() {
        let help = Options::command().render_long_help().to_string();
        // Each may hold the secret itself by a mistake, in the place of its file.
        for name in ["NATS_URL", "NATS_CREDS", "NATS_NKEY", "NATS_KEY"] {
            assert!(help.contains(&format!("[env: {name}]")), "{name}: {help}");
        }
    }
}
