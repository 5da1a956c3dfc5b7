//! `unfurl_any_event`: an event that the library has no type for.

use crate::bot::{Bot, Driver, LONG, on_each_driver};
use crate::transcript::Transcript;
use serde_json::json;
use socketmode_simulator::{CHANNEL, PERSON};

on_each_driver![links_are_unfurled_and_every_other_event_is_acknowledged];

async fn links_are_unfurled_and_every_other_event_is_acknowledged(driver: Driver) {
    let (slack, bot) = Bot::with_slack(driver, "unfurl_any_event").await;
    let mut transcript = Transcript::default();
    for (event, is_readable) in [
        (json!({ "type": "team_join", "user": { "id": PERSON } }), true),
        (json!({ "type": "link_shared", "links": "none" }), false),
        (json!(null), false),
    ] {
        let id = slack.event(&event);
        slack.wait_for_ack(&id, LONG).await.unwrap();
        let said = [
            json!({ "slack": "events_api", "id": id.as_str() }),
            json!({ "bot": { "envelope_id": id.as_str() } }),
        ];
        assert_eq!(transcript.new_lines(&slack), said);
        if !is_readable {
            bot.prints("the payload does not fit ");
        }
    }

    let url = "https://example.com/12345";
    let id = slack.event(&json!({
        "type": "link_shared", "channel": CHANNEL, "user": PERSON, "message_ts": "1700000000.000100",
        "is_bot_user_member": true, "unfurl_id": "C0GENERAL1-1700000000.000100", "source": "conversations_history",
        "links": [{ "domain": "example.com", "url": url }], "event_ts": "1700000000.000200",
    }));
    slack.wait_for_ack(&id, LONG).await.unwrap();
    slack.wait_for_call("chat.unfurl", LONG).await.unwrap();
    let text = json!({ "type": "mrkdwn", "text": "*A page of ours:* https://example.com/12345" });
    let arguments = json!({
        "unfurl_id": "C0GENERAL1-1700000000.000100",
        "source": "conversations_history",
        "unfurls": { url: { "blocks": [{ "type": "section", "text": text }] } },
    });
    let said = [
        json!({ "slack": "events_api", "id": id.as_str() }),
        json!({ "bot": { "envelope_id": id.as_str() } }),
        json!({ "call": "chat.unfurl", "with": arguments }),
    ];
    assert_eq!(transcript.new_lines(&slack), said);
}
