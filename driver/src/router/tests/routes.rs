//! Which handler runs, and what it gets.

use super::{Log, Router, Slack, Web, dispatch};
use crate::fake::{self, CHANNEL, TEAM, TS, USER};
use crate::payload::{
    AppMention, BlockActions, BlockSuggestion, EventCallback, InnerEvent, MessageAction, MessageEvent,
    ReactionAdded, Shortcut, SlashCommand, ViewClosed,
};
use crate::router::{
    ChannelId, Click, FromState, Next, Payload, Reply, Responder, RouteError, State, Submission, TeamId,
    ThreadTs, TriggerId, UserId,
};
use crate::web::testing::Scripted;
use crate::{Message, Suggestions, ViewResponse};
use serde_json::{Value, json};

type Context<S> = crate::router::Context<S, Scripted>;

#[test]
fn each_kind_of_request_finds_the_handler_of_its_name() {
    async fn command(State(log): State<Log>, command: SlashCommand) {
        log.add(format!("command {}", command.text.unwrap()));
    }
    async fn click(click: Click, State(log): State<Log>) {
        log.add(format!("click {} {}", click.id(), click.value()));
    }
    async fn view(State(log): State<Log>, view: Submission) {
        log.add(format!("view {}", view.value("b", "a").unwrap().as_str().unwrap()));
    }
    async fn closed(closed: ViewClosed, log: State<Log>) {
        log.add(format!("closed {}", closed.is_cleared));
    }
    async fn global(log: State<Log>, shortcut: Shortcut) {
        log.add(format!("shortcut {}", shortcut.callback_id.unwrap()));
    }
    async fn on_message(log: State<Log>, shortcut: MessageAction) {
        log.add(format!("on {}", shortcut.message_ts.unwrap()));
    }
    async fn suggest(log: State<Log>, typed: BlockSuggestion) -> Suggestions {
        log.add(format!("suggest {}", typed.value.unwrap()));
        Suggestions::new([("A", "a")])
    }
    async fn mentioned(said: AppMention, log: State<Log>) {
        log.add(format!("mention {}", said.text.as_deref().unwrap()));
    }
    async fn said(log: State<Log>, said: MessageEvent, around: EventCallback) {
        log.add(format!("message {} {}", said.text.unwrap(), around.event_id.unwrap()));
    }
    async fn raw(event: InnerEvent, Payload(all): Payload<Value>, log: State<Log>) {
        log.add(format!("{} {}", event.kind(), all["event"]["channel"]));
    }
    let (slack, log) = (Slack::new(), Log::default());
    let app = Router::new(log.clone())
        .command("/c", command)
        .action("approve", click)
        .view("form", view)
        .view_closed("form", closed)
        .shortcut("everywhere", global)
        .shortcut("on_message", on_message)
        .suggest("menu", suggest)
        .event::<AppMention, _>(mentioned)
        .event::<MessageEvent, _>(said)
        .event_named("channel_archive", raw)
        .build()
        .unwrap();
    for (request, wanted) in [
        (fake::command("/c").text("x"), "command x"),
        (fake::click("approve").value("b", "approve", "42"), "click approve 42"),
        (fake::submission("form").value("b", "a", "typed"), "view typed"),
        (fake::closed("form"), "closed false"),
        (fake::shortcut("everywhere"), "shortcut everywhere"),
        (fake::message_shortcut("on_message"), &format!("on {TS}")),
        (fake::suggestion("menu", "ru"), "suggest ru"),
        (fake::event(json!({ "type": "app_mention", "text": "hi" })), "mention hi"),
        (fake::event(json!({ "type": "message", "text": "hi" })), "message hi Ev0FAKE"),
        (fake::event(json!({ "type": "channel_archive" })), &format!("channel_archive \"{CHANNEL}\"")),
    ] {
        let outcome = dispatch(&slack, &app, request);
        assert!(outcome.is_acknowledged(), "{wanted}");
        assert_eq!(log.take(), [wanted]);
    }
}

#[test]
fn a_handler_takes_its_arguments_in_any_order() {
    #[derive(Clone)]
    struct Bot {
        name: Name,
        log: Log,
    }
    #[derive(Clone)]
    struct Name(String);
    impl FromState<Bot> for Name {
        fn from_state(bot: &Bot) -> Self {
            bot.name.clone()
        }
    }
    #[allow(clippy::too_many_arguments, reason = "as many as there may be")]
    async fn all(
        trigger: TriggerId,
        State(bot): State<Bot>,
        user: UserId,
        click: BlockActions,
        web: Web,
        State(Name(name)): State<Name>,
        channel: ChannelId,
        team: TeamId,
    ) {
        let posted = web.post_message(&channel, &Message::new("hi")).await.unwrap();
        let id = click.actions[0].action_id.clone().unwrap();
        bot.log.add(format!("{name} {id} {user} {team} {channel} {} {}", trigger.as_str(), posted.ts));
    }
    let (slack, log) = (Slack::new(), Log::default());
    let bot = Bot { name: Name("botto".to_owned()), log: log.clone() };
    let app = Router::new(bot).web(slack.web()).action("a", all).build().unwrap();
    let outcome = dispatch(&slack, &app, fake::click("a"));
    assert_eq!(log.take(), [format!("botto a {USER} {TEAM} {CHANNEL} 1.2.fake {TS}")]);
    assert_eq!(outcome.call("chat.postMessage"), &json!({ "channel": CHANNEL, "text": "hi" }));
}

#[test]
fn what_may_be_missing_is_an_option() {
    async fn submitted(channel: Option<ChannelId>, thread: Option<ThreadTs>, log: State<Log>) {
        log.add(format!("{channel:?} {thread:?}"));
    }
    let (slack, log) = (Slack::new(), Log::default());
    let app = Router::new(log.clone()).view("form", submitted).build().unwrap();
    dispatch(&slack, &app, fake::submission("form"));
    assert_eq!(log.take(), ["None None"]);
}

#[test]
fn a_name_comes_before_a_condition_and_the_first_that_holds() {
    let (slack, log) = (Slack::new(), Log::default());
    let says = |what: &'static str| {
        let log = log.clone();
        move |click: Click| {
            log.add(format!("{what} {}", click.id()));
            std::future::ready(())
        }
    };
    let app = Router::new(())
        .action_if(|click| click.id().starts_with("row-"), says("row"))
        .action_if(|click| click.id().ends_with("-1"), says("first"))
        .action("row-7", says("seven"))
        .fallback(says("other"))
        .build()
        .unwrap();
    for id in ["row-1", "row-7", "col-1", "none"] {
        assert!(dispatch(&slack, &app, fake::click(id)).is_acknowledged());
    }
    assert_eq!(log.take(), ["row row-1", "seven row-7", "first col-1", "other none"]);
}

#[test]
fn every_observer_sees_every_request_it_can_read() {
    let (slack, log) = (Slack::new(), Log::default());
    async fn every(cx: Context<Log>) {
        cx.state().add(format!("every {}", cx.envelope().kind().as_str()));
    }
    async fn commands(command: SlashCommand, log: State<Log>) {
        log.add(command.command);
    }
    async fn reactions(log: State<Log>, added: ReactionAdded) {
        log.add(added.reaction.clone().unwrap());
    }
    let app = Router::new(log.clone())
        .observe(every)
        .observe(commands)
        .event::<ReactionAdded, _>(reactions)
        .build()
        .unwrap();
    dispatch(&slack, &app, fake::event(json!({ "type": "reaction_added", "reaction": "eyes" })));
    let mut seen = log.take();
    seen.sort();
    assert_eq!(seen, ["every events_api", "eyes"]);
    dispatch(&slack, &app, fake::command("/c"));
    assert_eq!(log.take(), ["every slash_commands", "/c"]);
}

#[test]
fn layers_are_around_the_handler_and_can_end_it() {
    async fn outer(cx: Context<Log>, next: Next<Log, Scripted>) -> Reply {
        let log = cx.state().clone();
        log.add("outer");
        let reply = next.run(cx).await;
        log.add(format!("out {}", reply.result().is_ok()));
        reply
    }
    async fn ours(cx: Context<Log>, next: Next<Log, Scripted>) -> Reply {
        match cx.user_id().as_deref() {
            Some(USER) => next.run(cx).await,
            _ => Reply::done(),
        }
    }
    let (slack, log) = (Slack::new(), Log::default());
    async fn handler(log: State<Log>) -> &'static str {
        log.add("handler");
        "done"
    }
    let app = Router::new(log.clone()).layer(outer).layer(ours).command("/c", handler).build().unwrap();
    let outcome = dispatch(&slack, &app, fake::command("/c"));
    assert_eq!(outcome.answer(), Some(&json!({ "text": "done" })));
    assert_eq!(log.take(), ["outer", "handler", "out true"]);
    let outcome = dispatch(&slack, &app, fake::command("/c").user("U9"));
    assert_eq!((outcome.is_acknowledged(), outcome.answer()), (true, None));
    assert_eq!(log.take(), ["outer", "out true"]);
}

#[test]
fn a_second_handler_for_a_route_is_an_error_with_both() {
    async fn first() {}
    async fn second() -> ViewResponse {
        ViewResponse::clear()
    }
    let error = Router::new(()).view("form", first).action("form", first).view("form", second).build();
    let RouteError::Duplicate { route, first, second } = error.unwrap_err() else { panic!("another error") };
    assert_eq!(route, "view form");
    assert!(first.ends_with("::first") && second.ends_with("::second"), "{first} {second}");
}

#[test]
fn a_route_that_no_request_can_reach_is_an_error() {
    async fn nothing() {}
    async fn calls(_: Web) {}
    async fn responds(_: Responder<Scripted>) {}
    let mistake = |router: Router| router.build().unwrap_err();
    assert_eq!(mistake(Router::new(()).command("deploy", nothing)), RouteError::NoSlash("deploy".to_owned()));
    assert_eq!(mistake(Router::new(()).view("", nothing)), RouteError::NoName("view".to_owned()));
    assert_eq!(mistake(Router::new(()).concurrency(0)), RouteError::NoConcurrency);
    let error = mistake(Router::new(()).command("/c", calls));
    assert!(error.to_string().contains("command /c") && error.to_string().contains("Router::web"), "{error}");
    assert!(Router::new(()).command("/c", responds).build().is_ok());
}

#[test]
fn a_thousand_routes_are_found_as_ten_are() {
    async fn handler(log: State<Log>, click: Click) {
        log.add(click.id());
    }
    let (slack, log) = (Slack::new(), Log::default());
    let names: Vec<_> = (0..1000).map(|n| format!("row-{n}")).collect();
    let router = names.iter().fold(Router::new(log.clone()), |router, name| router.action(name, handler));
    let app = router.build().unwrap();
    for name in ["row-0", "row-999"] {
        dispatch(&slack, &app, fake::click(name));
        assert_eq!(log.take(), [name]);
    }
}

#[test]
fn every_event_with_a_type_can_have_a_route() {
    use std::collections::BTreeSet;
    let types: BTreeSet<_> = crate::router::events::TYPES.iter().collect();
    assert_eq!(types, InnerEvent::KINDS.iter().collect());
}
