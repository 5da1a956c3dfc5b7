//! The program `socketmode-gateway`, from its start to SIGTERM.
#![cfg(unix)]

mod common;

use std::io::Read;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Nats, Outcome, PATIENCE, bot, has_nats, until};
use socketmode_jetstream::{ConnectOptions, Queue};
use socketmode_simulator::{CHANNEL, PERSON};
use socketmode_tokio::router::Router;

/// In an address it is written with `%40`.
const PASSWORD: &str = "a-password@nats";

/// The status and the body of what is there.
async fn get(address: &str, path: &str) -> Option<(u16, String)> {
    let url = format!("http://{address}{path}");
    let call = move || {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let mut response = ureq::Agent::new_with_config(config).get(&url).call().ok()?;
        let body = response.body_mut().read_to_string().ok()?;
        Some((response.status().as_u16(), body))
    };
    tokio::task::spawn_blocking(call).await.ok()?
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_answers_probes_and_ends_in_good_order() -> Outcome {
    if !has_nats("the_program_answers_probes_and_ends_in_good_order") {
        return Ok(());
    }
    let login = || ConnectOptions::with_user_and_password("bot".to_owned(), PASSWORD.to_owned());
    let more = format!("authorization {{ user: bot, password: {PASSWORD:?} }}");
    let nats = Nats::start_with(1, &more, login()).await?;
    let slack = bot::slack()?;
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_socketmode-gateway"));
    command.args(["--allow-single", "--listen", &address]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let url = nats.addresses().replace("//", "//bot:a-password%40nats@");
    command.env("NATS_URL", url).env("RUST_LOG", "debug");
    command.env("SLACK_API_URL", slack.api_url()).env("SLACK_APP_TOKEN", slack.app_token());
    let mut program = command.spawn()?;
    slack.wait_for_links(1, PATIENCE).await?;
    let start = std::time::Instant::now();
    while get(&address, "/readyz").await.is_none_or(|(status, _)| status != 200) {
        assert!(start.elapsed() < PATIENCE, "it does not become ready");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (status, live) = get(&address, "/livez").await.ok_or("no answer")?;
    assert!(status == 200 && live.contains(r#""not_stored""#), "{live}");

    let queue = Queue::new("bot").allow_single().connect(nats.addresses(), login()).await?;
    let app = Router::new(()).command("/hello", async || "Hello!").build()?;
    let worker = bot::worker(&slack, &queue, app)?;
    let event = slack.say(PERSON, CHANNEL, "good morning");
    let command = slack.command("/hello", "");
    slack.wait_for_ack(&event, PATIENCE).await?;
    let ack = slack.wait_for_ack(&command, PATIENCE).await?;
    assert_eq!(ack.payload.ok_or("no answer")?["text"], "Hello!");
    until("both are handled", || worker.handle.health().counts.handled == 2).await?;
    let (_, metrics) = get(&address, "/metrics").await.ok_or("no answer")?;
    assert!(metrics.contains("socketmode_queue_stored_total 2"), "{metrics}");

    Command::new("kill").args(["-TERM", &program.id().to_string()]).status()?;
    let mut log = String::new();
    program.stdout.take().ok_or("no log")?.read_to_string(&mut log)?;
    program.stderr.take().ok_or("no log")?.read_to_string(&mut log)?;
    assert!(program.wait()?.success(), "{log}");
    assert!(log.contains("the gateway drains"), "{log}");
    let token = slack.app_token();
    for secret in [token.as_str(), "a-password", "ticket=", "hooks/", "good morning"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
    }
    Ok(())
}
