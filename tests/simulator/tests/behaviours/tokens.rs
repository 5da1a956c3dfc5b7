//! Tokens and tickets cannot be guessed, unless they are given.

use super::client::{call, start, ticket};
use serde_json::json;
use socketmode_simulator::{NewApp, Options, Simulator, StartError};
use std::collections::BTreeSet;

#[tokio::test]
async fn tokens_and_tickets_differ_in_every_run() {
    let mut seen = BTreeSet::new();
    for _ in 0..2 {
        let slack = start();
        let app = slack.add_app().unwrap();
        for token in [slack.app_token(), slack.bot_token(), app.app_token, app.bot_token] {
            assert!(seen.insert(token.rsplit('-').next().unwrap().to_owned()), "{token}");
        }
        for _ in 0..2 {
            let url = ticket(&slack, &slack.app_token()).await;
            let secret = url.split("ticket=").nth(1).unwrap().split('&').next().unwrap();
            assert!(seen.insert(secret.to_owned()), "{url}");
        }
    }
    // 128 bits each.
    assert!(seen.len() == 12 && seen.iter().all(|secret| secret.len() == 32), "{seen:?}");
}

#[tokio::test]
async fn given_tokens_are_taken() {
    let options = || Options {
        app_token: Some("xapp-1-A1-mine".to_owned()),
        bot_token: Some("xoxb-mine".to_owned()),
        ..Options::default()
    };
    for _ in 0..2 {
        let slack = Simulator::start(options()).unwrap();
        assert_eq!((slack.app_token().as_str(), slack.bot_token().as_str()), ("xapp-1-A1-mine", "xoxb-mine"));
        assert_eq!(call(&slack, "auth.test", "xoxb-mine", &json!({})).await.json()["ok"], true);
        ticket(&slack, "xapp-1-A1-mine").await;
        // Those are the default app's.
        assert_ne!(slack.add_app().unwrap().app_token, slack.app_token());
    }
}

#[test]
fn a_token_of_another_app_is_refused() {
    let slack = start();
    let taken = |new: NewApp| match slack.install(&new) {
        Err(StartError::TokenInUse { option }) => option,
        other => panic!("the token is in use, but {other:?}"),
    };
    let app_token = Some(slack.app_token());
    assert_eq!(taken(NewApp { app_token, ..NewApp::default() }), "app token");
    let bot_token = Some(slack.add_app().unwrap().bot_token);
    assert_eq!(taken(NewApp { bot_token, ..NewApp::default() }), "bot token");
}

#[test]
fn tokens_of_another_kind_are_refused() {
    let start = |app: &str, bot: &str| {
        let (app_token, bot_token) = (Some(app.to_owned()), Some(bot.to_owned()));
        Simulator::start(Options { app_token, bot_token, ..Options::default() })
    };
    assert!(start("xapp-1", "xoxb-1").is_ok());
    for (app, bot, says) in [
        ("xoxb-1", "xoxb-1", "xapp-"),
        ("xapp-1", "xapp-1", "xoxb-"),
        ("xapp-", "xoxb-1", "xapp-"),
        ("xapp-1 2", "xoxb-1", "xapp-"),
        ("xapp-1", "xoxb-1\n2", "xoxb-"),
        ("xapp-1", "xoxb-ü", "xoxb-"),
    ] {
        let error = start(app, bot).unwrap_err();
        assert!(matches!(error, StartError::Token { .. }), "{error:?}");
        let words = error.to_string();
        assert!(words.contains(says), "{words}");
        for token in [app, bot].iter().filter(|token| token.len() > says.len()) {
            assert!(!words.contains(*token), "{words}");
        }
    }
}
