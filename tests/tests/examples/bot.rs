//! An example as a process, and who it talks to.

use crate::cargo;
use socketmode_simulator::{Options, Simulator};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// For what should come soon, on however busy a machine.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// The prefix of a driver's examples: no two packages may have one of the same name.
#[derive(Clone, Copy)]
pub(crate) struct Driver(pub(crate) &'static str);

/// Makes a test of each scenario on each driver. A driver more is a block more.
macro_rules! on_each_driver {
    ($($scenario:ident),+ $(,)?) => {
        mod tokio {
            $(
                #[test]
                fn $scenario() {
                    ::smol::block_on(super::$scenario(crate::bot::Driver("")));
                }
            )+
        }
        mod async_std {
            $(
                #[test]
                fn $scenario() {
                    ::smol::block_on(super::$scenario(crate::bot::Driver("async_std_")));
                }
            )+
        }
    };
}
pub(crate) use on_each_driver;

/// A running example. It is killed when it is dropped.
pub(crate) struct Bot {
    process: Child,
    lines: Receiver<String>,
}

impl Bot {
    /// A local Slack with the example beside it, connected.
    pub(crate) async fn with_slack(driver: Driver, example: &str) -> (Simulator, Self) {
        Self::beside(driver, example, Options::default()).await
    }

    /// The same for an app that is not subscribed to messages: it does not hear its own.
    pub(crate) async fn without_echo(driver: Driver, example: &str) -> (Simulator, Self) {
        let options =
            Options { own_posts_come_back: false, mentions_are_messages: false, ..Options::default() };
        Self::beside(driver, example, options).await
    }

    async fn beside(driver: Driver, example: &str, options: Options) -> (Simulator, Self) {
        let options = Options {
            // Pings would come at any moment.
            ping_interval: None,
            // Nothing comes again, however long a busy machine takes.
            ack_deadline: 6 * LONG,
            // What came while nobody was connected comes soon afterwards.
            redelivery: vec![Duration::from_millis(200); 1_000],
            // Nor is a click refused for it.
            trigger_lifetime: 6 * LONG,
            ..options
        };
        let slack = Simulator::start(options).unwrap();
        let bot = Self::start(driver, example, &slack);
        slack.wait_for_links(1, LONG).await.unwrap();
        (slack, bot)
    }

    pub(crate) fn start(driver: Driver, example: &str, slack: &Simulator) -> Self {
        let mut process = Command::new(cargo::example(&format!("{}{example}", driver.0)))
            .env("SLACK_APP_TOKEN", slack.app_token())
            .env("SLACK_BOT_TOKEN", slack.bot_token())
            .env("SLACK_API_URL", slack.api_url())
            .env("HEALTH_ADDRESS", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (said, lines) = channel();
        forward(process.stdout.take().unwrap(), said.clone());
        forward(process.stderr.take().unwrap(), said);
        Self { process, lines }
    }

    /// Waits until it prints a line that begins like this, as the next. Returns the rest.
    pub(crate) fn prints(&self, start: &str) -> String {
        let line = self.lines.recv_timeout(LONG).unwrap();
        let rest = line.strip_prefix(start);
        rest.unwrap_or_else(|| panic!("it printed {line:?} in place of {start:?}")).to_owned()
    }

    /// Asks it to end, as whatever runs services does.
    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits until it has ended by itself; it prints nothing more.
    #[cfg(unix)]
    pub(crate) fn ends(mut self) -> ExitStatus {
        // Its end of the pipe is closed.
        assert_eq!(self.lines.recv_timeout(LONG), Err(std::sync::mpsc::RecvTimeoutError::Disconnected));
        self.process.wait().unwrap()
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            self.lines.iter().for_each(|line| println!("it printed {line:?}"));
        }
    }
}

/// Hands on each line until the process has closed its end.
fn forward(pipe: impl Read + Send + 'static, said: Sender<String>) {
    let lines = BufReader::new(pipe).lines().map_while(Result::ok);
    thread::spawn(move || lines.into_iter().try_for_each(|line| said.send(line)));
}
