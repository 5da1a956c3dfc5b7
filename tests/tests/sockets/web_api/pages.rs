//! Lists that come page by page.

use super::{calls, web};
use crate::harness::{Stage, ms, on_each_driver};
use serde_json::{Value, json};
use socketmode_driver::Runtime;
use socketmode_driver::web::WebError;
use socketmode_simulator::Options;

on_each_driver![
    pages_are_read_to_the_last,
    an_error_ends_the_pages,
    cursors_that_go_round_in_a_circle_end_the_pages,
    a_page_that_was_given_up_waiting_for_is_not_lost,
];

fn page(members: &[&str], next_cursor: &str) -> Value {
    json!({"ok": true, "members": members, "response_metadata": {"next_cursor": next_cursor}})
}

async fn pages_are_read_to_the_last<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (slack, web) = (&stage.slack, web(&stage));
    slack.next_call_answer("users.list", 200, &[], page(&["ada", "bob"], "dXNlcjo9"));
    slack.next_call_answer("users.list", 429, &[("Retry-After", "1")], json!(""));
    slack.next_call_answer("users.list", 200, &[], page(&["eve"], "dXNlcjoy"));
    slack.next_call_answer("users.list", 200, &[], page(&["zoe"], ""));
    let mut pages = web.pages::<Value>("users.list", &json!({"limit": 2, "team_id": "T1", "cursor": null}));
    assert_eq!(slack.counters().calls, 0, "nothing is asked before it is read");
    let mut members = Vec::new();
    while let Some(page) = stage.clock.soon("a page", pages.next()).await {
        members.push(page.unwrap()["members"].clone());
    }
    assert_eq!(members, [json!(["ada", "bob"]), json!(["eve"]), json!(["zoe"])]);
    assert!(stage.clock.soon("the end", pages.next()).await.is_none());
    let calls: Vec<_> = calls(slack, "users.list").into_iter().map(|call| call.body).collect();
    let with = |cursor: &str| json!({"limit": "2", "team_id": "T1", "cursor": cursor});
    let first = json!({"limit": "2", "team_id": "T1"});
    assert_eq!(calls, [first, with("dXNlcjo9"), with("dXNlcjo9"), with("dXNlcjoy")]);
}

async fn an_error_ends_the_pages<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (slack, web) = (&stage.slack, web(&stage));
    slack.next_call_answer("users.list", 200, &[], page(&["ada"], "next"));
    slack.next_call_answer("users.list", 200, &[], json!({"ok": false, "error": "invalid_cursor"}));
    let mut pages = web.pages::<Value>("users.list", &());
    stage.clock.soon("a page", pages.next()).await.unwrap().unwrap();
    let error = stage.clock.soon("an error", pages.next()).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("invalid_cursor"), "{error}");
    assert!(stage.clock.soon("the end", pages.next()).await.is_none());

    let mut pages = web.pages::<Value>("users.list", &json!([1]));
    assert_eq!(stage.clock.soon("an error", pages.next()).await.unwrap().unwrap_err(), WebError::Arguments);
    assert!(stage.clock.soon("the end", pages.next()).await.is_none());
    assert_eq!(slack.counters().calls, 2);
}

async fn cursors_that_go_round_in_a_circle_end_the_pages<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (slack, web) = (&stage.slack, web(&stage));
    for circle in [&["a"] as &[&str], &["a", "b"], &["a", "b", "c"]] {
        let before = slack.counters().calls;
        for cursor in circle.iter().cycle().take(20) {
            slack.next_call_answer("users.list", 200, &[], page(&["ada"], cursor));
        }
        let mut pages = web.pages::<Value>("users.list", &());
        let last = loop {
            match stage.clock.soon("a page", pages.next()).await.unwrap() {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(last, WebError::CursorRepeats);
        assert!(stage.clock.soon("the end", pages.next()).await.is_none());
        let made = slack.counters().calls - before;
        assert!((2..=10).contains(&made), "{made} calls for {circle:?}");
        // The rest of the script.
        for _ in made..20 {
            let _ = stage.clock.soon("the answer", web.call::<Value>("users.list", &())).await;
        }
    }
}

async fn a_page_that_was_given_up_waiting_for_is_not_lost<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (slack, web) = (&stage.slack, web(&stage));
    slack.next_call_answer("users.list", 429, &[("Retry-After", "1")], json!(""));
    slack.next_call_answer("users.list", 200, &[], page(&["ada"], ""));
    let mut pages = web.pages::<Value>("users.list", &());
    assert!(stage.clock.within(ms(100), pages.next()).await.is_none());
    let page = stage.clock.soon("the page", pages.next()).await.unwrap().unwrap();
    assert_eq!(page["members"], json!(["ada"]));
    assert_eq!(slack.counters().calls, 2);
}
