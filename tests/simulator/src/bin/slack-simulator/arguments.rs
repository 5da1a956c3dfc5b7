//! The arguments.

use crate::config::Config;
use clap::Parser;
use socketmode_simulator::Options;
use std::path::PathBuf;
use std::time::Duration;

/// A local Slack: start a bot with the three variables it prints, then type.
///
/// A line of text is a message from a person, `/name text` a slash command, `:help` tells the rest. It runs until `:quit`,
/// SIGINT or SIGTERM; the end of its input does not end it.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// The port to listen on; 0 is any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The app-level token to take, xapp-…, in place of a random one: for a bot that outlives this program.
    #[arg(long)]
    app_token: Option<String>,
    /// The bot token to take, xoxb-…, in place of a random one.
    #[arg(long)]
    bot_token: Option<String>,
    /// Seconds until a link is rotated.
    #[arg(long, default_value_t = 18_060.0, value_parser = seconds)]
    lifetime: f64,
    /// Seconds between the pings on a link; 0 for none.
    #[arg(long, default_value_t = 10.0, value_parser = seconds)]
    ping_interval: f64,
    /// Seconds between a link's warning and its close.
    #[arg(long, default_value_t = 10.0, value_parser = seconds)]
    rotation_grace: f64,
    /// Connections of dead processes: they are counted, and swallow their share of the envelopes.
    #[arg(long, default_value_t = 0)]
    ghosts: usize,
    /// Take what Slack refuses, keep envelopes for a link to come, and accept what people cannot do.
    #[arg(long)]
    lenient: bool,
    /// A TOML file with the workspace, its users and channels, and the apps: see the README.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Play the lines of this file, and end with 0 if all went well and with 1 if not. `:help` tells what to expect.
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    /// Print the journal as JSON, an entry a line.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Arguments {
    /// How the local Slack shall be.
    pub(crate) fn options(&self, config: &Config) -> Options {
        let app = config.apps.first().cloned().unwrap_or_default();
        Options {
            bot_name: app.name,
            workspace: config.workspace(),
            port: self.port,
            app_token: self.app_token.clone().or(app.app_token),
            bot_token: self.bot_token.clone().or(app.bot_token),
            lifetime: Some(Duration::from_secs_f64(self.lifetime)),
            ping_interval: (self.ping_interval > 0.0).then(|| Duration::from_secs_f64(self.ping_interval)),
            rotation_grace: Duration::from_secs_f64(self.rotation_grace),
            ghosts: self.ghosts,
            lenient: self.lenient,
            record_frames: false,
            ..Options::default()
        }
    }
}

/// A number of seconds, not below 0.
///
/// # Errors
///
/// What is wrong with the text.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (0.0..=1e9).contains(&number) => Ok(number),
        _ => Err(format!("{text:?} is no number of seconds; write something like 10 or 0.5")),
    }
}
