//! The program as a process.

use super::client::LONG;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running program. It is killed when it is dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) input: Option<ChildStdin>,
    output: Option<BufReader<ChildStdout>>,
    pub(crate) address: SocketAddr,
    pub(crate) app_token: String,
    pub(crate) bot_token: String,
}

impl Program {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_slack-simulator"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut variable = |name: &str| {
            let mut line = String::new();
            output.read_line(&mut line).unwrap();
            line.trim_end().strip_prefix(name).unwrap().to_owned()
        };
        let api = variable("SLACK_API_URL=");
        let address = api.strip_prefix("http://").unwrap().strip_suffix("/api/").unwrap().parse().unwrap();
        let (app_token, bot_token) = (variable("SLACK_APP_TOKEN="), variable("SLACK_BOT_TOKEN="));
        Self { child, input, output: Some(output), address, app_token, bot_token }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Reads what it prints from now on, to its end.
    pub(crate) fn read(&mut self) -> tokio::task::JoinHandle<String> {
        let mut output = self.output.take().unwrap();
        tokio::task::spawn_blocking(move || {
            let mut printed = String::new();
            output.read_to_string(&mut printed).unwrap();
            printed
        })
    }

    /// Ends its input, and gives what it prints until it has ended.
    pub(crate) async fn finish(mut self) -> String {
        drop(self.input.take());
        let printed = self.read();
        let printed = tokio::time::timeout(LONG, printed).await.unwrap().unwrap();
        assert!(self.child.wait().unwrap().success());
        printed
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended by itself if all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
