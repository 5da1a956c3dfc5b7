//! From a token to the first link, and what stands in the way.

use crate::harness::{LONG, Stage, ms, on_each_driver};
use socketmode_driver::{AppToken, BuildError, Client, OpenError, Runtime, TransportErrorKind};
use socketmode_protocol::{ConnectionError, StopReason};
use socketmode_simulator::{DialAnswer, OpenAnswer, Options};

on_each_driver![
    an_open_that_is_never_answered_is_given_up_and_made_again,
    a_dial_without_an_answer_is_made_again_with_a_fresh_ticket,
    a_link_without_a_hello_is_replaced_with_a_fresh_ticket,
    a_refused_handshake_of_any_status_gets_a_fresh_ticket,
    an_answer_that_is_none_of_slacks_is_tried_again,
    an_answer_of_100_megabytes_is_not_read_to_its_end,
    a_redirect_is_not_followed_with_the_token,
    a_connection_that_is_closed_at_once_is_tried_again,
    a_token_that_slack_refuses_stops_the_client_and_says_why,
    a_token_that_is_revoked_stops_a_reconnect_and_says_why,
    a_bot_token_is_refused_and_the_message_says_what_to_create,
    what_cannot_work_is_refused_before_anything_runs,
    an_application_can_ask_for_a_url,
    a_url_that_slack_refuses_to_the_application_is_an_error,
];

/// Every ticket was dialled once: the simulator refuses a second time with 403.
fn every_ticket_is_fresh<R: Runtime>(stage: &Stage<R>) {
    let dials = stage.slack.dials();
    assert!(!dials.iter().any(|dial| dial.outcome == DialAnswer::Status(403)), "{dials:?}");
    assert!(dials.len() <= stage.slack.opens().len());
}

async fn an_open_that_is_never_answered_is_given_up_and_made_again<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    stage.slack.next_open(OpenAnswer::Hang);
    stage.slack.next_open(OpenAnswer::Hang);
    let mut bot = stage.bot(stage.builder().config(|config| config.open_timeout = ms(400)));
    assert_eq!(bot.failure().await, ConnectionError::OpenTimedOut);
    assert_eq!(bot.failure().await, ConnectionError::OpenTimedOut);
    bot.connected().await;
    assert!(stage.slack.counters().opens >= 3);
    bot.ends(LONG).await;
}

async fn a_dial_without_an_answer_is_made_again_with_a_fresh_ticket<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    stage.slack.next_dial(DialAnswer::Hang);
    stage.slack.next_dial(DialAnswer::Hang);
    let mut bot = stage.bot(stage.builder().config(|config| config.dial_timeout = ms(400)));
    assert_eq!(bot.failure().await, ConnectionError::DialTimedOut);
    assert_eq!(bot.failure().await, ConnectionError::DialTimedOut);
    bot.connected().await;
    every_ticket_is_fresh(&stage);
    bot.ends(LONG).await;
}

async fn a_link_without_a_hello_is_replaced_with_a_fresh_ticket<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    stage.slack.next_dial(DialAnswer::NoHello);
    stage.slack.next_dial(DialAnswer::NoHello);
    let mut bot = stage.bot(stage.builder().config(|config| config.hello_timeout = ms(400)));
    assert_eq!(bot.failure().await, ConnectionError::HelloTimedOut);
    assert_eq!(bot.failure().await, ConnectionError::HelloTimedOut);
    bot.connected().await;
    every_ticket_is_fresh(&stage);
    // The two without a hello are closed, not left behind.
    stage
        .slack
        .wait_until(LONG, |now| now.links[..2].iter().all(|link| link.gone_at.is_some()))
        .await
        .unwrap();
    bot.ends(LONG).await;
}

async fn a_refused_handshake_of_any_status_gets_a_fresh_ticket<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let statuses = [408, 409, 403, 302];
    statuses.into_iter().for_each(|status| stage.slack.next_dial(DialAnswer::Status(status)));
    let mut bot = stage.bot(stage.builder());
    for refused in statuses {
        let error = bot.failure().await;
        let said =
            format!("the WebSocket handshake was answered with HTTP status {refused}: The link is refused.");
        assert_eq!(error.to_string(), said);
    }
    bot.connected().await;
    let (opens, dials) = (stage.slack.counters().opens, stage.slack.counters().dials);
    assert_eq!((opens, dials), (5, 5));
    bot.ends(LONG).await;
}

async fn an_answer_that_is_none_of_slacks_is_tried_again<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let html = "<html><body>Sign in to the guest network</body></html>".to_owned();
    stage.slack.next_open(OpenAnswer::Body(html.clone()));
    stage.slack.next_open(OpenAnswer::Status(500, Vec::new(), html.clone()));
    stage.slack.next_open(OpenAnswer::Status(503, Vec::new(), String::new()));
    stage.slack.next_open(OpenAnswer::Body(String::new()));
    let mut bot = stage.bot(stage.builder());
    assert_eq!(bot.failure().await, ConnectionError::OpenUnreadable);
    for expected in [500, 503] {
        let error = bot.failure().await;
        assert!(matches!(error, ConnectionError::OpenStatus { status, .. } if status == expected), "{error}");
        assert_eq!(error.to_string().contains("Sign in to the guest network"), expected == 500, "{error}");
    }
    assert_eq!(bot.failure().await, ConnectionError::OpenUnreadable);
    bot.connected().await;
    assert_eq!(stage.slack.counters().opens, 5);
    bot.ends(LONG).await;
}

pub(crate) async fn an_answer_of_100_megabytes_is_not_read_to_its_end<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    stage.slack.next_open(OpenAnswer::HugeBody(100 * 1024 * 1024));
    let mut bot = stage.bot(stage.builder());
    let error = bot.failure().await;
    assert!(matches!(error, ConnectionError::OpenFailed(_)), "{error}");
    bot.connected().await;
    // The same by hand tells which it is: 64 KiB is the limit.
    stage.slack.next_open(OpenAnswer::HugeBody(100 * 1024 * 1024));
    let error = stage.clock.soon("the answer", bot.client.open()).await.unwrap_err();
    assert!(
        matches!(&error, OpenError::Transport(error) if error.kind() == TransportErrorKind::TooLarge),
        "{error}"
    );
    bot.ends(LONG).await;
}

async fn a_redirect_is_not_followed_with_the_token<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let thief = Stage::<R>::new(Options::default());
    let there = format!("{}apps.connections.open", thief.slack.api_url());
    stage.slack.next_open(OpenAnswer::Redirect(there));
    let mut bot = stage.bot(stage.builder());
    let error = bot.failure().await;
    assert!(matches!(error, ConnectionError::OpenStatus { status: 302, .. }), "{error}");
    bot.connected().await;
    assert_eq!(thief.slack.counters().opens, 0);
    bot.ends(LONG).await;
}

async fn a_connection_that_is_closed_at_once_is_tried_again<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    stage.slack.next_open(OpenAnswer::Drop);
    stage.slack.next_dial(DialAnswer::Drop);
    let mut bot = stage.bot(stage.builder());
    let error = bot.failure().await;
    assert!(matches!(error, ConnectionError::OpenFailed(_)), "{error}");
    let error = bot.failure().await;
    assert!(matches!(error, ConnectionError::DialFailed(_)), "{error}");
    bot.connected().await;
    bot.ends(LONG).await;
}

async fn a_token_that_slack_refuses_stops_the_client_and_says_why<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    stage.slack.next_open(OpenAnswer::Error("invalid_auth".into()));
    let mut bot = stage.bot(stage.builder());
    let reason = bot.stopped().await;
    assert!(matches!(&reason, StopReason::Unauthorized { code } if &**code == "invalid_auth"), "{reason}");
    assert!(reason.to_string().contains("invalid_auth"), "{reason}");
    assert!(stage.clock.soon("the end of the events", bot.events.next()).await.is_none());
    assert_eq!(stage.slack.counters().opens, 1);
}

async fn a_token_that_is_revoked_stops_a_reconnect_and_says_why<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, link) = stage.connected(stage.builder()).await;
    stage.slack.next_open(OpenAnswer::Error("token_revoked".into()));
    stage.slack.reset(link).unwrap();
    let reason = bot.stopped().await;
    assert!(matches!(&reason, StopReason::Unauthorized { code } if &**code == "token_revoked"), "{reason}");
    assert!(stage.clock.soon("the end of the events", bot.events.next()).await.is_none());
    assert_eq!(stage.slack.counters().opens, 2);
}

async fn a_bot_token_is_refused_and_the_message_says_what_to_create<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let token = stage.slack.bot_token();
    assert!(token.starts_with("xoxb-"));
    let message = AppToken::new(&token).unwrap_err().to_string();
    assert!(message.contains("xapp-") && message.contains("connections:write"), "{message}");
    assert!(!message.contains(&token), "{message}");
}

async fn what_cannot_work_is_refused_before_anything_runs<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    for empty in ["", "  \n"] {
        let message = AppToken::new(empty).unwrap_err().to_string();
        assert!(message.contains("SLACK_APP_TOKEN"), "{message}");
    }
    for (base, why) in [
        ("", "URL"),
        ("slack", "https"),
        ("/api/", "host"),
        ("not a url", "URL"),
        ("http://slack.com/api/", "https"),
        ("ftp://127.0.0.1/api/", "https"),
        ("https://me:secret@slack.com/api/", "password"),
    ] {
        let error = stage.builder().base_url(base).build().unwrap_err();
        assert!(matches!(error, BuildError::BaseUrl { .. }), "{base}: {error}");
        let message = error.to_string();
        assert!(message.contains(why) && !message.contains("secret"), "{base}: {message}");
    }
    assert_eq!(stage.builder().queue_capacity(0).build().unwrap_err(), BuildError::QueueCapacity);
    for connections in [0, 11] {
        let error = stage.builder().connections(connections).build().unwrap_err();
        assert!(matches!(error, BuildError::Config(_)), "{error}");
    }
    assert_eq!(stage.slack.counters().opens, 0);
}

async fn an_application_can_ask_for_a_url<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (client, _events, _driver) = stage.builder().build().unwrap();
    let client: Client<R> = client;
    let url = stage.clock.soon("an URL", client.open()).await.unwrap();
    assert_eq!(url.host(), "127.0.0.1");
    assert_eq!(stage.slack.counters().opens, 1);
    // It is good for a dial: the hello comes.
    let socket = stage.clock.soon("the dial", stage.clock.transport.dial(&url)).await.unwrap();
    stage.slack.wait_for_links(1, LONG).await.unwrap();
    drop(socket);
    stage.all_gone().await;
}

async fn a_url_that_slack_refuses_to_the_application_is_an_error<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let mut bot = stage.bot(stage.builder());
    bot.connected().await;
    stage.slack.next_open(OpenAnswer::Error("missing_scope".into()));
    let error = stage.clock.soon("the answer", bot.client.open()).await.unwrap_err();
    assert!(error.to_string().contains("missing_scope"), "{error}");
    let impatient = stage.builder().config(|config| config.open_timeout = ms(400));
    let (impatient, _events, _driver) = impatient.build().unwrap();
    stage.slack.next_open(OpenAnswer::Hang);
    assert_eq!(stage.clock.soon("the answer", impatient.open()).await.unwrap_err(), OpenError::TimedOut);
    // The client that runs beside it is not touched by either.
    assert_eq!(stage.slack.counters().hellos, 1);
    stage.slack.say("U1", "C1", "still there?");
    stage.clock.soon("the outcome", bot.request().await.ack()).await.unwrap();
    bot.ends(LONG).await;
}
