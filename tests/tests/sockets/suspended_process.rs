//! A process that is stopped for longer than its own patience, by the signal that a shell's Ctrl-Z sends: the same test,
//! started again as the process of the client.

use crate::harness::{Bot, Clock, LONG, ms};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use socketmode_async_std::AsyncStdTransport;
use socketmode_async_std::smol::SmolTransport;
use socketmode_driver::{AppToken, Client, Event, Request, Runtime};
use socketmode_protocol::StopReason;
use socketmode_simulator::{CHANNEL, LinkEnd, Options, PERSON, Simulator};
use socketmode_tokio::TokioTransport;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Long enough for a busy machine to answer within, were the process not stopped.
const SILENCE: Duration = ms(5_000);
const STOPPED: Duration = ms(6_000);
/// Where the process of the client finds its Slack.
const URL: &str = "STOPPED_CLIENT_URL";

#[test]
fn tokio_with_one_thread() {
    client_or(|| crate::harness::on_tokio(client::<TokioTransport>()));
}

#[test]
fn tokio_with_four_threads() {
    client_or(|| {
        let mut builder = ::tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(4).enable_all().build().unwrap().block_on(client::<TokioTransport>());
    });
}

#[test]
fn async_std() {
    client_or(|| ::async_std::task::block_on(client::<AsyncStdTransport>()));
}

#[test]
fn smol() {
    client_or(|| ::smol::block_on(client::<SmolTransport>()));
}

/// Runs the client, in its process; else starts that, stops it, and lets it go on.
fn client_or(run: impl FnOnce()) {
    if std::env::var_os(URL).is_some() {
        return run();
    }
    // Nothing comes again: each envelope is counted once.
    let options = Options { ping_interval: Some(ms(100)), ack_deadline: 3 * LONG, ..Options::default() };
    let slack = Simulator::start(options).unwrap();
    let mut process = start(&slack);
    ::smol::block_on(async {
        // It has read the hello, which is long before this.
        slack.wait_until(LONG, |now| now.counters.pongs_received >= 3).await.unwrap();
        process.stop();
        let ids: Vec<_> = (0..10).map(|_| slack.say(PERSON, CHANNEL, "anybody there?")).collect();
        slack.wait_until(LONG, |now| now.counters.deliveries == 10).await.unwrap();
        std::thread::sleep(STOPPED);
        assert_eq!(slack.counters().acks, 0, "it was not stopped");
        process.go_on();
        for id in &ids {
            assert!(slack.wait_for_ack(id, LONG).await.unwrap().on_carrier);
        }
        assert_eq!(slack.counters().hellos, 1, "the link was given up: {:?}", slack.links());
        drop(process.0.stdin.take());
        assert!(process.0.wait().unwrap().success());
        slack.wait_until(LONG, |now| now.links[0].gone_at.is_some()).await.unwrap();
        assert_eq!(slack.links()[0].end, Some(LinkEnd::ClosedByClient(Some(1000))));
    });
}

/// The client's process. It is killed when it is dropped.
struct Process(Child);

impl Process {
    /// Returns once every thread of it stands still.
    fn stop(&self) {
        let pid = Pid::from_child(&self.0);
        kill_process(pid, Signal::STOP).unwrap();
        let (_, status) = waitpid(Some(pid), WaitOptions::UNTRACED).unwrap().unwrap();
        assert!(status.stopped(), "{status:?}");
    }

    fn go_on(&self) {
        kill_process(Pid::from_child(&self.0), Signal::CONT).unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// This test once more, as the process of the client.
fn start(slack: &Simulator) -> Process {
    let test = std::thread::current().name().unwrap().to_owned();
    let process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &test, "--nocapture"])
        .env(URL, slack.api_url())
        .env(AppToken::VARIABLE, slack.app_token())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn();
    Process(process.unwrap())
}

/// Acknowledges everything until standard input ends.
async fn client<R: Runtime>() {
    let clock = Clock::<R>::new();
    let builder = Client::<R>::builder(AppToken::from_env().unwrap())
        .base_url(std::env::var(URL).unwrap())
        .transport(std::sync::Arc::clone(&clock.transport))
        .config(|config| {
            config.silence = SILENCE;
            config.client_ping = None;
        });
    let (client, events) = builder.connect().unwrap();
    let ending = client.clone();
    std::thread::spawn(move || {
        // Its end is the order to stop, whatever ends it.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        ending.shutdown(LONG);
    });
    let mut bot = Bot::new(client, events, clock);
    let mut reason = None;
    while let Some(event) = bot.events.next().await {
        match event {
            Event::Stopped(why) => reason = Some(why),
            event => drop(event.into_request().map(Request::ack)),
        }
    }
    assert_eq!(reason, Some(StopReason::Requested));
}
