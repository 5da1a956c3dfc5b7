//! The typed client of slack-morphism over each driver's transport.

use super::{calls, the_call, web};
use crate::firewalled::{Firewalled, PASSWORD, USER, guarded};
use crate::harness::{Stage, on_each_driver};
use serde_json::json;
use slack_morphism::prelude::*;
use socketmode_driver::web::Web;
use socketmode_driver::{BotToken, Runtime};
use socketmode_simulator::{CHANNEL, Options, PERSON, TokenKind};

on_each_driver![
    ten_methods_of_slack_morphism_are_answered,
    slack_morphism_waits_for_the_rate_limit_as_we_do,
    slack_morphism_goes_through_a_proxy_with_tls,
];

fn token<R: Runtime>(stage: &Stage<R>) -> SlackApiToken {
    SlackApiToken::new(stage.slack.bot_token().into())
}

async fn ten_methods_of_slack_morphism_are_answered<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (slack, client, token) = (&stage.slack, web(&stage).slack_morphism(), token(&stage));
    let session = client.open_session(&token);
    let channel = || SlackChannelId::from(CHANNEL);
    let run = async {
        let me = session.auth_test().await.unwrap();
        assert_eq!(me.user_id.0, slack.app().bot_user_id);

        let section: SlackBlock = SlackSectionBlock::new().with_text(md!("*good morning*")).into();
        let content = SlackMessageContent::new().with_text("good morning".into()).with_blocks(vec![section]);
        let posted = session
            .chat_post_message(&SlackApiChatPostMessageRequest::new(channel(), content))
            .await
            .unwrap();
        let call = the_call(slack, "chat.postMessage");
        assert_eq!(call["blocks"][0]["text"]["text"], "*good morning*");

        let content = SlackMessageContent::new().with_text("good night".into());
        let update = SlackApiChatUpdateRequest::new(channel(), content, posted.ts.clone());
        assert_eq!(session.chat_update(&update).await.unwrap().ts, posted.ts);

        let link = SlackApiChatGetPermalinkRequest::new(channel(), posted.ts.clone());
        assert_eq!(session.chat_get_permalink(&link).await.unwrap().permalink.scheme(), "https");

        let wave = SlackApiReactionsAddRequest::new(channel(), "wave".into(), posted.ts.clone());
        session.reactions_add(&wave).await.unwrap();
        assert_eq!(the_call(slack, "reactions.add")["name"], "wave");

        let history = SlackApiConversationsHistoryRequest::new().with_channel(channel());
        let history = session.conversations_history(&history).await.unwrap();
        assert_eq!(history.messages[0].content.text.as_deref(), Some("good night"));

        let replies = SlackApiConversationsRepliesRequest::new(channel(), posted.ts.clone());
        assert_eq!(session.conversations_replies(&replies).await.unwrap().messages.len(), 1);

        let members = SlackApiConversationsMembersRequest::new().with_channel(channel());
        let members = session.conversations_members(&members).await.unwrap();
        assert!(members.members.contains(&PERSON.into()), "{members:?}");

        let user = session.users_info(&SlackApiUsersInfoRequest::new(PERSON.into())).await.unwrap();
        assert_eq!(user.user.id.0, PERSON);

        let gone = SlackApiChatDeleteRequest::new(channel(), posted.ts.clone());
        session.chat_delete(&gone).await.unwrap();
        let again = session.chat_delete(&gone).await.unwrap_err();
        assert!(again.to_string().contains("message_not_found"), "{again}");
    };
    stage.clock.soon("ten answers", run).await;
    assert!(slack.calls().iter().all(|call| call.token_kind == TokenKind::Bot));
}

async fn slack_morphism_waits_for_the_rate_limit_as_we_do<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (client, token) = (web(&stage).slack_morphism(), token(&stage));
    stage.slack.next_call_answer(
        "users.list",
        429,
        &[("Retry-After", "1")],
        json!({"ok": false, "error": "ratelimited"}),
    );
    let request = SlackApiUsersListRequest::new();
    let run = async { client.open_session(&token).users_list(&request).await };
    let page = stage.clock.soon("the answer", run).await.unwrap();
    assert!(page.members.iter().any(|user| user.id.0 == PERSON));
    assert_eq!(calls(&stage.slack, "users.list").len(), 2);
}

async fn slack_morphism_goes_through_a_proxy_with_tls<R: Runtime>() {
    let wall = Firewalled::<R>::new(guarded());
    let network = wall.network().proxy(wall.proxy.url_with(USER, PASSWORD));
    let (client, _events, _driver) = wall.stage.builder_by(&network).build().unwrap();
    let web: Web<R> = client.web(BotToken::new(&wall.stage.slack.bot_token()).unwrap());
    let (client, token) = (web.slack_morphism(), token(&wall.stage));
    let run = async { client.open_session(&token).auth_test().await };
    let me = wall.stage.clock.soon("the answer", run).await.unwrap();
    assert_eq!(me.user_id.0, wall.stage.slack.app().bot_user_id);
    let tunnels = wall.proxy.tunnels();
    assert_eq!((tunnels.len(), wall.front.handshakes()), (1, 1));
    assert_eq!(tunnels[0].authority, "slack.test:443");
}
