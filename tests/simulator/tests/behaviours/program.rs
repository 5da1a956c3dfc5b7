//! The program as a process.

use super::client::{LONG, Socket, dial_at, post, receive};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
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

    /// Types a line.
    pub(crate) fn type_in(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Tells it to quit, and gives what it prints until it has ended.
    pub(crate) async fn finish(mut self) -> String {
        self.type_in(":quit");
        self.ended(0).await
    }

    /// What it prints until it has ended with this code.
    pub(crate) async fn ended(mut self, code: i32) -> String {
        let printed = self.read();
        let printed = tokio::time::timeout(LONG, printed).await.unwrap().unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(code), "{printed}");
        printed
    }

    /// Ends its input.
    pub(crate) fn end_input(&mut self) {
        drop(self.input.take());
    }

    /// What it has printed once there is a line with these words in it; that line is the last.
    pub(crate) async fn until(&mut self, words: &str) -> String {
        let mut output = self.output.take().unwrap();
        let wanted = words.to_owned();
        let reading = tokio::task::spawn_blocking(move || {
            let mut printed = String::new();
            while !printed.contains(&wanted) {
                assert!(output.read_line(&mut printed).unwrap() > 0, "it ended: {printed}");
            }
            (output, printed)
        });
        let (output, printed) = tokio::time::timeout(LONG, reading).await.expect(words).unwrap();
        self.output = Some(output);
        printed
    }

    /// A bot's link to it, past its hello.
    pub(crate) async fn connect(&self) -> Socket {
        let token = format!("Bearer {}", self.app_token);
        let headers = [("authorization", token.as_str())];
        let opened = post(self.address, "/api/apps.connections.open", &headers, String::new()).await.unwrap();
        let mut socket = dial_at(self.address, opened.json()["url"].as_str().unwrap()).await.unwrap();
        assert_eq!(receive(&mut socket).await["type"], "hello");
        socket
    }

    /// The bot calls a method.
    pub(crate) async fn call(&self, method: &str, body: &Value) -> Value {
        let token = format!("Bearer {}", self.bot_token);
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        post(self.address, &format!("/api/{method}"), &headers, body.to_string()).await.unwrap().json()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended by itself if all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
