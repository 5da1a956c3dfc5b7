//! The Web API: what is sent, what is refused, what is waited for, and where no token goes.

mod agents;
mod idle;
mod morphism;
mod pages;
mod rate_limits;
mod respond;

use crate::dead_end::DeadEnd;
use crate::harness::{LONG, Stage, ms, on_each_driver};
use futures_channel::oneshot;
use futures_util::future::join;
use serde_json::{Value, json};
use socketmode_driver::Message;
use socketmode_driver::web::{Web, WebError};
use socketmode_driver::{BotToken, Event, Runtime};
use socketmode_simulator::{CHANNEL, Call, Options, PERSON, Simulator, TokenKind};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

on_each_driver![
    each_convenience_sends_and_reads_what_slack_documents,
    messages_and_views_can_be_anything_that_slack_takes,
    answers_are_read_leniently_and_whole,
    a_form_is_sent_where_a_method_takes_nothing_else,
    a_refusal_says_what_is_needed_and_what_to_do,
    an_answer_that_does_not_come_is_given_up_in_time,
    a_call_can_be_made_in_the_background,
];

const SECRET: &str = "the-launch-code-is-0000";

fn web<R: Runtime>(stage: &Stage<R>) -> Web<R> {
    web_at(stage, stage.slack.api_url())
}

/// A client that is not run: calls need none of its links.
fn web_at<R: Runtime>(stage: &Stage<R>, base: String) -> Web<R> {
    let (client, _events, _driver) = stage.builder().base_url(base).build().unwrap();
    client.web(BotToken::new(&stage.slack.bot_token()).unwrap())
}

fn calls(slack: &Simulator, method: &str) -> Vec<Call> {
    slack.calls().into_iter().filter(|call| call.method == method).collect()
}

/// The one call that there was, made with the bot token.
fn the_call(slack: &Simulator, method: &str) -> Value {
    let calls = calls(slack, method);
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(calls[0].token_kind, TokenKind::Bot);
    calls[0].body.clone()
}

/// No error shows a token, or what was said.
fn shows_no_secret<R: Runtime>(stage: &Stage<R>, error: &WebError) {
    let shown = format!("{error} {error:?}");
    for secret in [&stage.slack.bot_token(), "Bearer", SECRET, "/response/"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

async fn each_convenience_sends_and_reads_what_slack_documents<R: Runtime>() {
    // However long a busy machine takes.
    let stage = Stage::<R>::new(Options { trigger_lifetime: LONG, ..Options::default() });
    let (slack, web) = (&stage.slack, web(&stage));
    let run = async {
        let me = web.auth_test().await.unwrap();
        assert_eq!(me.user_id, slack.app().bot_user_id);
        assert_eq!(me.bot_id.as_ref(), Some(&slack.app().bot_id));
        assert!(me.team_id.is_some() && me.url.unwrap().starts_with("https://"));
        assert_eq!(the_call(slack, "auth.test"), json!({}));

        let posted = web.post_message(CHANNEL, &Message::new("good morning")).await.unwrap();
        assert_eq!(posted.channel, CHANNEL);
        assert_eq!(the_call(slack, "chat.postMessage"), json!({"channel": CHANNEL, "text": "good morning"}));

        let changed = web.update_message(CHANNEL, &posted.ts, &Message::new("good night")).await.unwrap();
        assert_eq!((&changed.channel, &changed.ts), (&posted.channel, &posted.ts));
        let update = json!({"channel": CHANNEL, "ts": posted.ts, "text": "good night"});
        assert_eq!(the_call(slack, "chat.update"), update);

        let whisper = web.post_ephemeral(CHANNEL, PERSON, &Message::new("psst")).await.unwrap();
        assert!(whisper.message_ts.is_some());
        let ephemeral = json!({"channel": CHANNEL, "user": PERSON, "text": "psst"});
        assert_eq!(the_call(slack, "chat.postEphemeral"), ephemeral);

        web.add_reaction(CHANNEL, &posted.ts, "wave").await.unwrap();
        let reaction = json!({"channel": CHANNEL, "timestamp": posted.ts, "name": "wave"});
        assert_eq!(the_call(slack, "reactions.add"), reaction);

        let thread = web.replies(CHANNEL, &posted.ts).await.unwrap();
        assert_eq!((thread.messages[0].ts.as_str(), thread.has_more), (posted.ts.as_str(), false));
        assert_eq!(thread.next_cursor, None);
        assert_eq!(the_call(slack, "conversations.replies"), json!({"channel": CHANNEL, "ts": posted.ts}));

        let title = json!({"type": "plain_text", "text": "Form"});
        let modal = json!({"type": "modal", "title": title, "blocks": [{"type": "divider"}]});
        let (first, second) = (slack.trigger_id(PERSON), slack.trigger_id(PERSON));
        let opened = web.open_view(&first, &modal).await.unwrap();
        assert!(opened.hash.is_some());
        assert_eq!(the_call(slack, "views.open"), json!({"trigger_id": first, "view": modal}));
        let pushed = web.push_view(&second, &modal).await.unwrap();
        assert_ne!(pushed.id, opened.id);
        assert_eq!(the_call(slack, "views.push"), json!({"trigger_id": second, "view": modal}));
        let updated = web.update_view(&opened.id, opened.hash.as_deref(), &modal).await.unwrap();
        assert_eq!(updated.id, opened.id);
        let update = json!({"view_id": opened.id, "hash": opened.hash, "view": modal});
        assert_eq!(the_call(slack, "views.update"), update);
        let home = json!({"type": "home", "blocks": []});
        web.publish_view(PERSON, None, &home).await.unwrap();
        assert_eq!(the_call(slack, "views.publish"), json!({"user_id": PERSON, "view": home}));
    };
    stage.clock.soon("the calls", run).await;
    assert_eq!(slack.counters().calls, 10);
}

async fn messages_and_views_can_be_anything_that_slack_takes<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let web = web(&stage);
    let blocks = json!([{"type": "section", "text": {"type": "mrkdwn", "text": "*ready*"}}]);
    let message = Message::new("ready").blocks(&blocks).in_thread("1.2");
    let posted = stage.clock.soon("the answer", web.post_message(CHANNEL, &message)).await.unwrap();
    let sent = the_call(&stage.slack, "chat.postMessage");
    assert_eq!(sent, json!({"channel": CHANNEL, "text": "ready", "blocks": blocks, "thread_ts": "1.2"}));

    // Where it goes is not for the message to say.
    let message = json!({"channel": "C0OTHER", "ts": "9.9", "blocks": blocks, "unfurl_links": false, "metadata": {"event_type": "x", "event_payload": {}}});
    stage.clock.soon("the answer", web.update_message(CHANNEL, &posted.ts, &message)).await.unwrap();
    let sent = the_call(&stage.slack, "chat.update");
    assert_eq!((&sent["unfurl_links"], &sent["ts"]), (&json!(false), &json!(posted.ts)));
    assert_eq!(sent["channel"], CHANNEL);

    // What has no names is no message, and is not sent.
    for odd in [json!("text"), json!([1]), json!(1)] {
        let error = stage.clock.soon("the answer", web.post_message(CHANNEL, &odd)).await.unwrap_err();
        assert_eq!(error, WebError::Arguments);
        for error in [
            stage.clock.soon("the answer", web.call_form::<Value>("api.test", &odd)).await.unwrap_err(),
            stage.clock.soon("the answer", web.call::<Value>("api.test", &odd)).await.unwrap_err(),
            stage.clock.soon("the answer", web.respond(&stage.slack.api_url(), &odd)).await.unwrap_err(),
        ] {
            assert_eq!(error, WebError::Arguments);
        }
    }
    assert!(calls(&stage.slack, "api.test").is_empty());
    // Nothing at all is no arguments.
    stage.clock.soon("the answer", web.call::<Value>("auth.test", &())).await.unwrap();
    assert_eq!(the_call(&stage.slack, "auth.test"), json!({}));
    for method in ["", "..", "chat/postMessage", "chat.postMessage?x=y"] {
        let error = stage.clock.soon("the answer", web.call::<Value>(method, &json!({}))).await.unwrap_err();
        assert_eq!(error, WebError::Method);
    }
    assert_eq!(stage.slack.counters().calls, 3);
}

async fn answers_are_read_leniently_and_whole<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (slack, web) = (&stage.slack, web(&stage));
    let answer = json!({"ok": true, "user_id": "U1", "bot_id": null, "brand_new": SECRET});
    slack.next_call_answer("auth.test", 200, &[], answer.clone());
    assert!(format!("{web:?}").contains(&slack.api_url()), "{web:?}");
    let me = stage.clock.soon("the answer", web.auth_test()).await.unwrap();
    assert_eq!((me.user_id.as_str(), me.bot_id.as_ref()), ("U1", None));
    assert_eq!(me.raw.read::<Value>().unwrap(), answer);
    assert!(!format!("{me:?}").contains(SECRET));

    slack.next_call_answer("chat.postMessage", 200, &[], json!({"ok": true, "ts": "1.2", "warning": "odd"}));
    let posted = stage.clock.soon("the answer", web.post_message(CHANNEL, &Message::new("x"))).await.unwrap();
    assert_eq!((posted.channel.as_str(), posted.ts.as_str()), (CHANNEL, "1.2"));
    assert_eq!(posted.raw.read::<Value>().unwrap()["warning"], "odd");

    slack.next_call_answer(
        "chat.postEphemeral",
        200,
        &[],
        json!({"ok": true, "message_ts": "1.3", "new": 1}),
    );
    let message = Message::new("x");
    let whisper = web.post_ephemeral(CHANNEL, PERSON, &message);
    let whisper = stage.clock.soon("the answer", whisper).await.unwrap();
    assert_eq!(whisper.raw.read::<Value>().unwrap()["new"], 1);

    slack.next_call_answer("views.open", 200, &[], json!({"ok": true, "view": {"id": "V1"}, "new": 2}));
    let view = json!({});
    let opened = stage.clock.soon("the answer", web.open_view("1.2.t", &view)).await.unwrap();
    assert_eq!(opened.raw.read::<Value>().unwrap()["new"], 2);

    let messages = json!([
        {"ts": "1.1", "user": PERSON, "text": SECRET, "reply_count": 1},
        {"ts": "1.2", "bot_id": "B1", "thread_ts": "1.1", "user": null, "text": null},
    ]);
    let metadata = json!({"next_cursor": "bmV4dA=="});
    let answer = json!({"ok": true, "messages": messages, "has_more": true, "response_metadata": metadata});
    slack.next_call_answer("conversations.replies", 200, &[], answer.clone());
    let thread = stage.clock.soon("the answer", web.replies(CHANNEL, "1.1")).await.unwrap();
    assert_eq!(thread.messages[0].text.as_deref(), Some(SECRET));
    assert_eq!(thread.messages[1].bot_id.as_deref(), Some("B1"));
    assert_eq!((thread.has_more, thread.next_cursor.as_deref()), (true, Some("bmV4dA==")));
    assert_eq!(thread.raw.read::<Value>().unwrap(), answer);
    assert!(!format!("{thread:?}").contains(SECRET), "{thread:?}");

    // What a method cannot do without is missed; the message was posted.
    slack.next_call_answer("chat.postMessage", 200, &[], json!({"ok": true, "text": SECRET}));
    let error =
        stage.clock.soon("the answer", web.post_message(CHANNEL, &Message::new("x"))).await.unwrap_err();
    assert!(matches!(error, WebError::Answer { .. }), "{error}");
    shows_no_secret(&stage, &error);
}

async fn a_form_is_sent_where_a_method_takes_nothing_else<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let web = web(&stage);
    stage.slack.next_call_answer("users.info", 200, &[], json!({"ok": true, "user": {"name": "ada"}}));
    let arguments =
        json!({"user": "U1&x=ü+%", "cursor": null, "include_locale": true, "limit": 7, "a": ["b"]});
    let answer = stage.clock.soon("the answer", web.call_form::<Value>("users.info", &arguments)).await;
    assert_eq!(answer.unwrap()["user"]["name"], "ada");
    assert_eq!(
        the_call(&stage.slack, "users.info"),
        // The texts of a form.
        json!({"user": "U1&x=ü+%", "include_locale": "true", "limit": "7", "a": "[\"b\"]"})
    );
}

async fn a_refusal_says_what_is_needed_and_what_to_do<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let web = web(&stage);
    let said = Message::new(SECRET);
    let post = || web.post_message(CHANNEL, &said);
    let metadata =
        json!({"messages": ["[ERROR] must be shorter [json-pointer:/blocks/0]"], "warnings": ["w"]});
    let answer = json!({
        "ok": false, "error": "missing_scope", "needed": "chat:write", "provided": "commands",
        "response_metadata": metadata,
    });
    stage.slack.next_call_answer("chat.postMessage", 200, &[], answer);
    let error = stage.clock.soon("the answer", post()).await.unwrap_err();
    let WebError::Slack(refusal) = &error else { panic!("{error:?}") };
    assert_eq!(refusal.error, "missing_scope");
    assert_eq!(refusal.needed.as_deref(), Some("chat:write"));
    assert_eq!(refusal.provided.as_deref(), Some("commands"));
    assert_eq!(refusal.messages, ["[ERROR] must be shorter [json-pointer:/blocks/0]"]);
    for part in ["missing_scope", "chat:write", "commands", "must be shorter", "install"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    shows_no_secret(&stage, &error);
    for (code, advice) in [
        ("not_in_channel", "invite the bot"),
        ("invalid_auth", "bot token"),
        ("something_new", "documentation"),
    ] {
        stage.slack.next_call_answer("chat.postMessage", 200, &[], json!({"ok": false, "error": code}));
        let error = stage.clock.soon("the answer", post()).await.unwrap_err();
        assert!(error.to_string().contains(code) && error.to_string().contains(advice), "{error}");
    }
    // Slack's own refusal of a call, not a scripted one.
    let error = stage.clock.soon("the answer", web.post_message(CHANNEL, &json!({}))).await.unwrap_err();
    assert!(error.to_string().contains("no_text"), "{error}");
    assert_eq!(stage.slack.counters().calls, 5);
}

async fn an_answer_that_does_not_come_is_given_up_in_time<R: Runtime>() {
    /// Long enough for the request to get there on a busy machine.
    const PATIENT: Duration = ms(2_000);
    let stage = Stage::<R>::new(Options::default());
    let mut silent = DeadEnd::start();
    let mute = web_at(&stage, format!("http://{}/api/", silent.address)).timeout(PATIENT);
    let start = stage.clock.now();
    let (answer, ()) = join(mute.auth_test(), silent.asked(&stage.clock)).await;
    assert_eq!(answer.unwrap_err(), WebError::TimedOut { after: PATIENT });
    assert!(stage.clock.now() >= start + (PATIENT - ms(10)));
    silent.closed(&stage.clock).await;

    let (address, closed) = a_head_without_its_body();
    let slow = web_at(&stage, format!("http://{address}/api/")).timeout(PATIENT);
    let answer = stage.clock.soon("the time-out", slow.auth_test()).await;
    assert_eq!(answer.unwrap_err(), WebError::TimedOut { after: PATIENT });
    stage.clock.soon("the close of the socket", closed).await.unwrap();
}

/// A server that answers its one connection with a head and a part of the body, and then with nothing.
fn a_head_without_its_body() -> (String, oneshot::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (close, closed) = oneshot::channel();
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut buffer = [0; 4096];
        let _ = socket.read(&mut buffer);
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"ok\":true,";
        socket.write_all(head.as_bytes()).unwrap();
        while socket.read(&mut buffer).is_ok_and(|bytes| bytes > 0) {}
        let _ = close.send(());
    });
    (address, closed)
}

async fn a_call_can_be_made_in_the_background<R: Runtime>() {
    // Nobody reads what it posts.
    let stage = Stage::<R>::new(Options { own_posts_come_back: false, ..Options::default() });
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let web = bot.client.web(BotToken::new(&stage.slack.bot_token()).unwrap());
    stage.slack.say(PERSON, CHANNEL, "hello");
    let thread: String = bot
        .until("a message", |event| match event {
            Event::EventsApi(request) => request.payload::<Value>().ok(),
            _ => None,
        })
        .await["event"]["ts"]
        .as_str()
        .unwrap()
        .to_owned();
    let (done, is_done) = oneshot::channel();
    R::spawn(async move {
        let message = Message::new("hello to you").in_thread(&*thread);
        let posted = web.post_message(CHANNEL, &message).await;
        let page = web
            .pages::<Value>("conversations.replies", &json!({"channel": CHANNEL, "ts": thread}))
            .next()
            .await;
        let _ = done.send((posted, page));
    })
    .unwrap();
    let (posted, page) = stage.clock.soon("the calls", is_done).await.unwrap();
    assert!(posted.is_ok() && page.unwrap().is_ok());
    bot.ends(LONG).await;
}
