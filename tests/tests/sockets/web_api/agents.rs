//! What agents call, and files.

use super::{calls, the_call, web};
use crate::harness::{Stage, on_each_driver};
use serde_json::json;
use socketmode_driver::web::{SessionStatus, Upload};
use socketmode_driver::{Message, Runtime, View, WebError};
use socketmode_simulator::{CHANNEL, Options, PERSON};

on_each_driver![
    an_agent_writes_while_people_read,
    a_stream_that_slack_has_ended_is_continued_as_a_message,
    a_stream_that_is_dropped_is_ended_by_the_runtime,
    a_file_goes_to_slack_in_three_requests,
    what_is_longer_than_slack_documents_is_not_sent,
    people_and_conversations_are_read,
];

async fn an_agent_writes_while_people_read<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (slack, web) = (&stage.slack, web(&stage));
    let run = async {
        web.set_session_status(CHANNEL, Some("1.1"), SessionStatus::Processing).await.unwrap();
        web.set_suggested_prompts(CHANNEL, None, None, &[("Help", "What can you do?")]).await.unwrap();
        let mut message = web.stream(CHANNEL, "1.1").recipient("T1", PERSON);
        message.push("word ".repeat(60)).await.unwrap();
        message.push("end").await.unwrap();
        let ts = message.finish().await.unwrap().unwrap();
        web.delete_message(CHANNEL, &ts).await.unwrap();
        web.complete_success("Fx1", &json!({"said": "word"})).await.unwrap();
    };
    stage.clock.soon("the calls", run).await;
    let methods: Vec<_> = slack.calls().into_iter().map(|call| call.method).collect();
    assert_eq!(
        methods,
        [
            "agents.sessions.setStatus",
            "assistant.threads.setSuggestedPrompts",
            "assistant.threads.setStatus",
            "chat.startStream",
            "chat.appendStream",
            "chat.stopStream",
            "chat.delete",
            "functions.completeSuccess",
        ]
    );
    let begun = the_call(slack, "chat.startStream");
    assert_eq!(begun["chunks"], json!([{"type": "markdown_text", "text": "word ".repeat(60)}]));
}

async fn a_stream_that_slack_has_ended_is_continued_as_a_message<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (slack, web) = (&stage.slack, web(&stage));
    let ended = json!({"ok": false, "error": "message_not_in_streaming_state"});
    slack.next_call_answer("chat.appendStream", 200, &[], ended);
    let run = async {
        let mut message = web.stream(CHANNEL, "1.1").recipient("T1", PERSON);
        message.push("one ".repeat(64)).await.unwrap();
        message.push("two ".repeat(64)).await.unwrap();
        message.finish().await.unwrap().unwrap()
    };
    let ts = stage.clock.soon("the calls", run).await;
    let posted = the_call(slack, "chat.postMessage");
    assert_eq!((&posted["markdown_text"], &posted["thread_ts"]), (&json!("two ".repeat(64)), &json!("1.1")));
    assert!(!ts.is_empty() && calls(slack, "chat.stopStream").is_empty());
}

async fn a_stream_that_is_dropped_is_ended_by_the_runtime<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let web = web(&stage);
    let run = async {
        let mut message = web.stream(CHANNEL, "1.1").recipient("T1", PERSON).status("");
        message.push("half ".repeat(60)).await.unwrap();
        drop(message);
    };
    stage.clock.soon("the calls", run).await;
    stage.clock.until("the end", || !calls(&stage.slack, "chat.stopStream").is_empty()).await;
}

async fn a_file_goes_to_slack_in_three_requests<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (slack, web) = (&stage.slack, web(&stage));
    let bytes = vec![b'x'; 100_000];
    let file = Upload::new("report.csv", bytes).to_channel(CHANNEL).comment("numbers");
    let uploaded = stage.clock.soon("the upload", web.upload(file)).await.unwrap();
    assert_eq!(calls(slack, "upload_url")[0].body, json!({"length": 100_000}));
    let completed = the_call(slack, "files.completeUploadExternal");
    assert_eq!(
        completed,
        json!({
            "files": [{"id": uploaded.id, "title": "report.csv"}], "channel_id": CHANNEL,
            "initial_comment": "numbers",
        })
    );
}

async fn what_is_longer_than_slack_documents_is_not_sent<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let web = web(&stage);
    let blocks = json!([{"type": "divider"}, {"type": "header", "text": {"type": "plain_text", "text": "x".repeat(151)}}]);
    let message = Message::new("hi").blocks(&blocks);
    let title = View::modal("a title of twenty-five ch");
    for (error, path) in [
        (
            stage.clock.soon("the check", web.post_message(CHANNEL, &message)).await.unwrap_err(),
            "blocks[1].text",
        ),
        (
            stage.clock.soon("the check", web.update_message(CHANNEL, "1.1", &message)).await.unwrap_err(),
            "blocks[1].text",
        ),
        (stage.clock.soon("the check", web.open_view("1.2.t", &title)).await.unwrap_err(), "view.title"),
        (
            stage.clock.soon("the check", web.respond(&response_url(&stage), &message)).await.unwrap_err(),
            "blocks[1].text",
        ),
    ] {
        let WebError::Limit(limit) = &error else { panic!("{error}") };
        assert_eq!(limit.path(), path);
    }
    assert!(stage.slack.calls().is_empty());
}

fn response_url<R: Runtime>(stage: &Stage<R>) -> String {
    stage.slack.api_url().replace("/api/", "/response/1")
}

async fn people_and_conversations_are_read<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let web = web(&stage);
    let said = stage.slack.say_in(PERSON, CHANNEL, None, "hello").unwrap().ts;
    let run = async {
        assert_eq!(web.user_info(PERSON).await.unwrap().id.as_deref(), Some(PERSON));
        assert_eq!(web.conversation_info(CHANNEL).await.unwrap().id.as_deref(), Some(CHANNEL));
        let page = web.history(CHANNEL).next().await.unwrap().unwrap();
        assert_eq!(
            (page.messages.len(), page.messages[0].ts.as_deref(), page.has_more),
            (1, Some(&*said), false)
        );
        assert_eq!(web.thread(CHANNEL, &said).next().await.unwrap().unwrap().messages.len(), 1);
        web.add_reaction(CHANNEL, &said, "eyes").await.unwrap();
        web.remove_reaction(CHANNEL, &said, "eyes").await.unwrap();
    };
    stage.clock.soon("the calls", run).await;
}
