//! What must not be seen anywhere: tokens, tickets, `response_url`s, what people write.

use crate::firewalled::{Firewalled, PASSWORD, USER, guarded};
use crate::harness::{Bot, LONG, ms, on_each_driver, press_button};
use crate::network::ProxyAnswer;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use socketmode_driver::{AppToken, BotToken, Event, Response, Runtime};
use socketmode_simulator::{
    CHANNEL, DialAnswer, Direction, Envelope, Opcode, OpenAnswer, PERSON, RawFrame, Simulator,
};
use std::cell::RefCell;
use std::fmt::{Debug, Display};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::filter::LevelFilter;

on_each_driver![a_run_with_failures_of_every_kind_shows_no_secret_at_trace];

/// What a person writes, a bot answers, and a network sends in place of Slack.
const WRITTEN: &str = "the-launch-code-is-0000";

/// Everything that was logged or printed.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<u8>>>);

impl Seen {
    fn add(&self, text: &str) {
        let mut seen = self.0.lock().unwrap();
        seen.extend_from_slice(text.as_bytes());
        seen.push(b'\n');
    }

    fn debug(&self, value: &impl Debug) {
        self.add(&format!("{value:?} {value:#?}"));
    }

    fn error(&self, error: &(impl Debug + Display)) {
        self.debug(error);
        self.add(&error.to_string());
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

thread_local! {
    /// Where this thread's log lines go: those of `tracing` and those of `log`, which reqwest uses.
    static LOGGED: RefCell<Option<Seen>> = const { RefCell::new(None) };
}

/// The process has one logger; each thread has its own sink.
struct ByThread;

impl log::Log for ByThread {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        // At TRACE tungstenite prints every message that it receives, and it is the application's filter
        // alone that can silence it.
        !metadata.target().starts_with("tungstenite")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            LOGGED.with_borrow(|seen| {
                if let Some(seen) = seen {
                    seen.add(&format!("{} {} {}", record.level(), record.target(), record.args()));
                }
            });
        }
    }

    fn flush(&self) {}
}

impl Write for ByThread {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGGED.with_borrow(|seen| {
            if let Some(seen) = seen {
                seen.0.lock().unwrap().extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Begins to write this thread's log lines down; the client runs nowhere else.
fn listen(seen: &Seen) {
    LOGGED.set(Some(seen.clone()));
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(|| ByThread)
        .finish();
    // A second driver's test finds both set already. For the whole process, as one for this thread alone would
    // miss what other threads' tests have met first: `tracing` remembers that nobody listened there.
    let _ = tracing::subscriber::set_global_default(subscriber);
    let _ = log::set_logger(&ByThread);
    log::set_max_level(log::LevelFilter::Trace);
}

/// Reads and prints events until one of this kind.
async fn until<R: Runtime>(bot: &mut Bot<R>, seen: &Seen, kind: &str) -> Event {
    loop {
        let event = bot.clock.soon(kind, bot.events.next()).await;
        let event = event.unwrap_or_else(|| panic!("the events ended before {kind}"));
        seen.debug(&event);
        if format!("{event:?}").starts_with(kind) {
            return event;
        }
    }
}

async fn a_run_with_failures_of_every_kind_shows_no_secret_at_trace<R: Runtime>() {
    let seen = Seen::default();
    listen(&seen);
    let wall = Firewalled::<R>::new(guarded());
    let (stage, slack) = (&wall.stage, &wall.stage.slack);
    let network = wall.network().proxy(wall.proxy.url_with(USER, PASSWORD));
    seen.debug(&network);
    wall.proxy.answer_next(ProxyAnswer::Status(407));
    wall.proxy.answer_next(ProxyAnswer::Status(403));
    wall.proxy.answer_next(ProxyAnswer::Garbage);
    let html = format!("<html>{WRITTEN}</html>");
    slack.next_open(OpenAnswer::Hang);
    slack.next_open(OpenAnswer::Drop);
    slack.next_open(OpenAnswer::Body(html));
    slack.next_open(OpenAnswer::Body(format!(r#"{{"ok":true,"url":"ws://slack.com/?ticket={WRITTEN}"}}"#)));
    // The first words of a refusal are told, unless they may hold a secret.
    let echo = format!("denied: Authorization: Bearer {}", slack.app_token());
    slack.next_open(OpenAnswer::Status(502, Vec::new(), echo));
    slack.next_dial(DialAnswer::Hang);
    slack.next_dial(DialAnswer::Drop);
    slack.next_dial(DialAnswer::Status(403));
    slack.next_dial(DialAnswer::NoHello);
    slack.next_dial(DialAnswer::WithoutHello(format!("{{\"type\":\"disconnect\",\"x\":\"{WRITTEN}\"}}")));
    let builder = stage.builder_by(&network).config(|config| {
        (config.open_timeout, config.dial_timeout, config.hello_timeout) = (ms(500), ms(500), ms(500));
        (config.open_burst, config.backoff_cap) = (100, ms(100));
    });
    seen.debug(&builder);
    let (client, events, driver) = builder.build().unwrap();
    let client: socketmode_driver::Client<R> = client;
    seen.debug(&client);
    seen.debug(&events);
    seen.debug(&driver);
    let bot = Bot::new(client.clone(), events, stage.clock.clone());
    // Not in the background: on another thread nobody would listen to it.
    join(driver, live_through_failures_of_every_kind(slack, bot, &seen)).await;
    LOGGED.set(None);
    let recording = client.recording();
    assert!(recording.dropped() == 0 && recording.records() > 100, "{recording:?}");
    seen.debug(&recording);
    seen.add(&recording.to_string());

    let text = seen.text();
    // It was a run, and at TRACE.
    assert!(text.contains("TRACE") && text.contains("DialTimedOut") && text.contains("acknowledging"));
    let mut secrets = vec![
        ("what was written", WRITTEN.to_owned()),
        ("the app-level token", slack.app_token()),
        ("the bot token", slack.bot_token()),
        ("a ticket", "ticket=".to_owned()),
        ("a response_url", "/response/".to_owned()),
        ("a bearer header", "Bearer x".to_owned()),
        ("a proxy's password", PASSWORD.to_owned()),
        ("a proxy's password in its URL", utf8_percent_encode(PASSWORD, NON_ALPHANUMERIC).to_string()),
        ("a proxy's credentials", STANDARD.encode(format!("{USER}:{PASSWORD}"))),
    ];
    // The tokens' own secret parts, in case the beginning is shown only.
    for token in [slack.app_token(), slack.bot_token()] {
        secrets.push(("a part of a token", token[token.len() - 12..].to_owned()));
    }
    let sent = slack.frames();
    assert!(sent.iter().any(|frame| frame.opcode == Opcode::Text && frame.direction == Direction::ToClient));
    for (what, secret) in secrets {
        let lines: Vec<_> = text.lines().filter(|line| line.contains(&secret)).take(3).collect();
        assert!(lines.is_empty(), "{what} is shown: {lines:#?}");
    }
}

async fn live_through_failures_of_every_kind<R: Runtime>(slack: &Simulator, mut bot: Bot<R>, seen: &Seen) {
    until(&mut bot, seen, "Notice(Connected").await;

    // Envelopes, and acknowledgements that succeed, are refused, or are let go.
    slack.command("/launch", WRITTEN);
    let Event::SlashCommand(command) = until(&mut bot, seen, "SlashCommand").await else { panic!() };
    seen.error(&command.payload::<Vec<u8>>().unwrap_err());
    let error = command.ack_with(WRITTEN.repeat(2_000)).await.unwrap_err();
    seen.error(&error);
    let handle = error.into_handle().unwrap();
    seen.debug(&handle);
    seen.error(&handle.ack_with_json(WRITTEN).await.unwrap_err());
    press_button(slack, "launch", WRITTEN);
    let Event::Interactive(button) = until(&mut bot, seen, "Interactive").await else { panic!() };
    let refused = button.ack_with_json(json!({"text": WRITTEN}).to_string()).await.unwrap_err();
    seen.error(&refused);
    seen.debug(&refused.into_handle().unwrap().ack().await.unwrap());
    slack.say(PERSON, CHANNEL, WRITTEN);
    let Event::EventsApi(message) = until(&mut bot, seen, "EventsApi").await else { panic!() };
    let (envelope, handle) = message.split();
    seen.debug(&envelope);
    let response = Response::with_payload(envelope.envelope_id(), &json!({"text": WRITTEN})).unwrap();
    seen.debug(&response);
    seen.error(&bot.client.respond(response).await.unwrap_err());
    seen.debug(&handle.ack().await.unwrap());
    slack.send_envelope(Envelope::new("hologram", json!({"text": WRITTEN})));
    let Event::Other(other) = until(&mut bot, seen, "Other").await else { panic!() };
    drop(other);

    // Messages that cannot be understood, and links that end in every way.
    let link = slack.links().last().unwrap().id;
    for text in [WRITTEN.to_owned(), format!("{{\"type\":\"{WRITTEN}\"}}"), format!("{{\"x\":\"{WRITTEN}")] {
        slack.send_raw(link, &RawFrame::Text(text)).unwrap();
        until(&mut bot, seen, "Notice(BadMessage").await;
    }
    slack.send_raw(link, &RawFrame::Binary(WRITTEN.as_bytes().to_vec())).unwrap();
    until(&mut bot, seen, "Notice(BadMessage").await;
    slack.rotate(link).unwrap();
    until(&mut bot, seen, "Notice(Connected").await;
    until(&mut bot, seen, "Notice(Disconnected").await;
    let end = |link| -> [Box<dyn Fn() + '_>; 3] {
        [
            Box::new(move || slack.reset(link).unwrap()),
            Box::new(move || slack.drop_link(link).unwrap()),
            Box::new(move || {
                let invalid = [WRITTEN.as_bytes(), b"\xff\xfe"].concat();
                slack.send_raw(link, &RawFrame::TextBytes(invalid)).unwrap();
            }),
        ]
    };
    for way in 0..3 {
        let link = slack.wait_for_links(1, LONG).await.unwrap().last().unwrap().id;
        end(link)[way]();
        until(&mut bot, seen, "Notice(Connected").await;
    }

    // Calls of one's own, and the end.
    let bot_token = BotToken::new(&slack.bot_token()).unwrap();
    let web = bot.client.web(bot_token.clone());
    seen.debug(&bot_token);
    seen.debug(&web);
    let said = json!({"channel": CHANNEL, "text": WRITTEN});
    let _: serde_json::Value = web.call("chat.postMessage", &said).await.unwrap();
    slack.next_call_answer("chat.postMessage", 200, &[], json!({"ok": false, "error": "is_archived"}));
    seen.error(&web.call::<serde_json::Value>("chat.postMessage", &said).await.unwrap_err());
    slack.next_call_answer("chat.postMessage", 500, &[], json!(WRITTEN));
    seen.error(&web.call::<serde_json::Value>("chat.postMessage", &said).await.unwrap_err());
    let url = slack.api_url().replace("/api/", "/response/0123");
    slack.next_call_answer("response_url", 200, &[], json!("ok"));
    web.respond(&url, &said).await.unwrap();
    slack.next_call_answer("response_url", 429, &[("Retry-After", "1")], json!(WRITTEN));
    slack.next_call_answer("response_url", 500, &[], json!(WRITTEN));
    seen.error(&web.respond(&url, &said).await.unwrap_err());
    seen.error(&web.respond(&url.replace("http", "ftp"), &said).await.unwrap_err());
    let form = web.call_form::<serde_json::Value>("chat.postMessage", &said).await;
    seen.error(&form.map_or_else(|error| error, |_| socketmode_driver::WebError::Method));
    seen.debug(&web.pages::<serde_json::Value>("users.list", &said));
    seen.debug(&web.post_message(CHANNEL, &said).await.unwrap());
    seen.debug(&bot.client.open().await.unwrap());
    slack.next_open(OpenAnswer::Body(WRITTEN.to_owned()));
    seen.error(&bot.client.open().await.unwrap_err());
    seen.error(&AppToken::new(&slack.bot_token()).unwrap_err());
    seen.error(&BotToken::new(&slack.app_token()).unwrap_err());
    seen.debug(&AppToken::new(&slack.app_token()).unwrap());
    slack.next_open(OpenAnswer::Error("invalid_auth".to_owned()));
    slack.reset(slack.wait_for_links(1, LONG).await.unwrap().last().unwrap().id).unwrap();
    until(&mut bot, seen, "Stopped").await;
}
