//! Who types, where, and what the lines do.

use crate::help::HELP;
use crate::label::Labels;
use crate::line::{self, Expected, Line, Whose};
use crate::output::Output;
use serde_json::{Value, json};
use socketmode_simulator::{
    CHANNEL, Channel, ChannelKind, EnvelopeId, LinkState, PERSON, PostedMessage, Simulator, WaitError,
};
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// How long an expectation waits at first.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked whether something is there by now.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long the first thing that people do in a script waits for the bot.
const BOT: Duration = Duration::from_secs(60);

/// Somebody at the command line.
pub(crate) struct Session<'a> {
    slack: &'a Simulator,
    output: &'a Output,
    labels: &'a RefCell<Labels>,
    place: Place,
    patience: Duration,
    /// The last envelope that a line has sent.
    last: Option<EnvelopeId>,
    /// The last of an event.
    last_event: Option<EnvelopeId>,
    /// Whether a bot has been waited for, or need not be.
    met: bool,
}

/// Who types, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) user: String,
    pub(crate) channel: String,
    pub(crate) thread_ts: Option<String>,
}

/// What comes after a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Go,
    Quit,
}

impl Place {
    /// The usual person in the usual channel; where these are not there, any that are.
    fn first(slack: &Simulator) -> Self {
        let (mut users, mut channels) = (slack.users(), slack.channels());
        users.retain(|user| !user.is_bot);
        channels.retain(|channel| channel.kind != ChannelKind::Im);
        let user = users.iter().find(|user| user.id == PERSON).or(users.first());
        let channel = channels.iter().find(|channel| channel.id == CHANNEL).or(channels.first());
        Self {
            user: user.map_or_else(|| PERSON.to_owned(), |user| user.id.clone()),
            channel: channel.map_or_else(|| CHANNEL.to_owned(), |channel| channel.id.clone()),
            thread_ts: None,
        }
    }

    /// Parameters with the person and the channel.
    pub(crate) fn around(&self, mut params: Value) -> Value {
        if let Some(fields) = params.as_object_mut() {
            fields.insert("user".to_owned(), json!(self.user));
            fields.insert("channel".to_owned(), json!(self.channel));
        }
        params
    }

    /// Parameters with the thread, if there is one.
    pub(crate) fn in_thread(&self, mut params: Value) -> Value {
        if let (Some(fields), Some(thread_ts)) = (params.as_object_mut(), &self.thread_ts) {
            fields.insert("thread_ts".to_owned(), json!(thread_ts));
        }
        params
    }
}

impl<'a> Session<'a> {
    pub(crate) fn new(slack: &'a Simulator, output: &'a Output, labels: &'a RefCell<Labels>) -> Self {
        let place = Place::first(slack);
        let patience = PATIENCE;
        Self { slack, output, labels, place, patience, last: None, last_event: None, met: true }
    }

    /// From now on the first thing that people do waits for a bot.
    pub(crate) fn meet_the_bot(&mut self) {
        self.met = false;
    }

    pub(crate) fn output(&self) -> &'a Output {
        self.output
    }

    /// Does what a line says.
    ///
    /// # Errors
    ///
    /// Why that cannot be done, or was not as expected, in words.
    pub(crate) async fn act(&mut self, text: &str) -> Result<Next, String> {
        match line::read(text, &self.place)? {
            Line::Nothing => {}
            Line::Quit => return Ok(Next::Quit),
            Line::Help => {
                for (line, words) in HELP {
                    self.print(&format!("{line}  –  {words}"))?;
                }
            }
            Line::Links => {
                let links = self.slack.links();
                for link in links.iter().filter(|link| link.gone_at.is_none()) {
                    let frozen = if link.frozen { ", frozen" } else { "" };
                    let state = state(link.state);
                    self.print(&format!("{}: {state}{frozen}, {} envelopes", link.id, link.envelopes))?;
                }
                let (connections, ghosts) = (self.slack.connections(), self.slack.ghosts());
                self.print(&format!("slack: counts {connections} connections, {ghosts} of them ghosts"))?;
            }
            Line::As(name) => self.place.user = self.user(&name)?,
            Line::In(name) => {
                self.place.channel = self.channel(&name)?;
                self.place.thread_ts = None;
            }
            Line::Thread(thread_ts) => self.place.thread_ts = thread_ts,
            Line::Timeout(patience) => self.patience = patience,
            Line::Wait(time) => tokio::time::sleep(time).await,
            Line::RedeliverLast => {
                let id = self.last_event.clone().ok_or("no event was sent yet: say something first")?;
                self.perform("redeliver", &json!({"envelope_id": id})).await?;
                self.last = Some(id);
            }
            Line::WithMessage(name, params, whose) => {
                let message = self.message(&whose)?;
                let mut params = params;
                if let Some(fields) = params.as_object_mut() {
                    fields.insert("channel".to_owned(), json!(message.channel));
                    fields.insert("ts".to_owned(), json!(message.ts));
                }
                self.perform(name, &params).await?;
            }
            Line::CloseView => {
                let views = self.slack.views();
                let view = views.last().and_then(|view| view.get("id")).ok_or("no view is open")?;
                self.perform("close_view", &json!({"view_id": view, "user": self.place.user})).await?;
            }
            Line::Act(name, params) => self.perform(&name, &params).await?,
            Line::Again(name, params) => self.again(&name, &params).await?,
            Line::Expect(expected) => self.expect(expected).await?,
        }
        Ok(Next::Go)
    }

    async fn perform(&mut self, name: &str, params: &Value) -> Result<(), String> {
        self.wait_for_the_bot(name).await?;
        let done = self.slack.perform(name, params).map_err(|error| format!("slack: {error}"))?;
        self.remember(name, params, &done)
    }

    /// Does an act of a journal, as soon as what it is about is there: the bot may need a while to show it.
    async fn again(&mut self, name: &str, params: &Value) -> Result<(), String> {
        self.wait_for_the_bot(name).await?;
        let until = Instant::now() + self.patience;
        loop {
            match self.slack.perform_again(name, params) {
                Ok(done) => return self.remember(name, params, &done),
                Err(error) if error.status() == 404 && Instant::now() < until => {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                Err(error) => return Err(format!("slack: {error}")),
            }
        }
    }

    /// What people do in a script waits for a bot, once.
    async fn wait_for_the_bot(&mut self, name: &str) -> Result<(), String> {
        let is_fault = ["opens", "ghosts", "lifetime"].contains(&name) || name.contains('/');
        if !is_fault && !self.met {
            self.met = true;
            let connected = self.slack.wait_for_links(1, BOT).await;
            connected.map_err(|_| format!("no bot has connected within {} s", BOT.as_secs()))?;
        }
        Ok(())
    }

    fn remember(&mut self, name: &str, params: &Value, done: &Value) -> Result<(), String> {
        if let Some(id) = done.get("envelope_id").and_then(Value::as_str).map(EnvelopeId::new) {
            self.labels.borrow_mut().learn_act(id.as_str(), name, params);
            if matches!(name, "say" | "mention" | "event") {
                self.last_event = Some(id.clone());
            }
            self.last = Some(id);
        }
        if let Some(connections) = done.get("connections") {
            let ghosts = self.slack.ghosts();
            self.print(&format!("slack: counts {connections} connections, {ghosts} of them ghosts"))?;
        }
        Ok(())
    }

    async fn expect(&mut self, expected: Expected) -> Result<(), String> {
        match expected {
            Expected::Links(number) => {
                self.slack.wait_for_links(number, self.patience).await.map(drop).map_err(plain)
            }
            Expected::Ack { within } => {
                let id = self.last()?;
                let ack = self.slack.wait_for_ack(&id, self.patience).await.map_err(plain)?;
                match within.filter(|within| ack.after > *within) {
                    None => Ok(()),
                    Some(within) => {
                        Err(format!("the acknowledgement took {:?}, not {within:?} at most", ack.after))
                    }
                }
            }
            Expected::Call { method, text } => {
                let until = Instant::now() + self.patience;
                let mut others = Vec::new();
                loop {
                    let left = until.saturating_duration_since(Instant::now());
                    let Ok(call) = self.slack.wait_for_call(&method, left).await else {
                        let with =
                            if text.is_empty() { String::new() } else { format!(" with {text:?} in it") };
                        return Err(format!("no call of {method}{with} has come{}", instead(&others)));
                    };
                    let body = call.body.to_string();
                    if has_text(&call.body, &text) {
                        return Ok(());
                    }
                    others.push(body);
                }
            }
            Expected::NoCall { method, within } => {
                let within = within.unwrap_or(self.patience);
                self.slack.no_call_within(&method, within).await.map_err(plain)
            }
            Expected::Message(text) => {
                let until = Instant::now() + self.patience;
                let mut others = Vec::new();
                loop {
                    let left = until.saturating_duration_since(Instant::now());
                    let Ok(message) = self.slack.wait_for_message(left).await else {
                        return Err(format!("no message with {text:?} in it has come{}", instead(&others)));
                    };
                    if message.text.contains(&text) || has_text(&message.blocks, &text) {
                        return Ok(());
                    }
                    others.push(message.text);
                }
            }
            Expected::Lost => {
                let id = self.last()?;
                let until = Instant::now() + self.patience;
                let mut seen = 0;
                loop {
                    let entries = self.slack.journal_since(&mut seen);
                    let is_it = |entry: &Value| {
                        entry.get("kind").is_some_and(|kind| kind == "lost")
                            && entry.get("envelope_id").is_some_and(|lost| lost == id.as_str())
                    };
                    if entries.iter().any(is_it) {
                        return Ok(());
                    }
                    let left = until.saturating_duration_since(Instant::now());
                    if self.slack.wait_for_journal(seen, left).await.is_err() {
                        return Err("the last envelope is not lost".to_owned());
                    }
                }
            }
        }
    }

    /// The id of a user, by it or by the name.
    fn user(&self, name: &str) -> Result<String, String> {
        let users = self.slack.users();
        let name = name.trim_start_matches('@');
        let found = users.iter().find(|user| user.id == name || user.name == name);
        found.map(|user| user.id.clone()).ok_or_else(|| {
            let names: Vec<_> = users.iter().filter(|user| !user.is_bot).map(|user| &*user.name).collect();
            format!("there is no user {name:?}; there are {}", names.join(", "))
        })
    }

    /// The id of a channel, by it or by the name; a user's is that of the direct messages with the bot.
    fn channel(&self, name: &str) -> Result<String, String> {
        let channels = self.slack.channels();
        let bare = name.trim_start_matches('#');
        let user = name.strip_prefix('@').map(|user| self.user(user)).transpose()?;
        let is_it = |channel: &&Channel| match &user {
            Some(user) => channel.kind == ChannelKind::Im && channel.members.contains(user),
            None => channel.id == bare || (channel.name == bare && !bare.is_empty()),
        };
        channels.iter().find(is_it).map(|channel| channel.id.clone()).ok_or_else(|| {
            let names = channels.iter().map(|channel| &*channel.name).filter(|name| !name.is_empty());
            format!("there is no channel {name:?}; there are {}", names.collect::<Vec<_>>().join(", "))
        })
    }

    fn message(&self, whose: &Whose) -> Result<PostedMessage, String> {
        let messages = self.slack.history(Some(&self.place.channel), None);
        let is_it = |message: &PostedMessage| match whose {
            Whose::Anybody => true,
            Whose::Own => message.user == self.place.user,
            Whose::Named(ts) => message.ts == *ts,
        };
        let found = messages.into_iter().rev().find(is_it);
        found.ok_or_else(|| "there is no such message in this channel".to_owned())
    }

    fn last(&self) -> Result<EnvelopeId, String> {
        self.last.clone().ok_or_else(|| "no envelope was sent yet: say something first".to_owned())
    }

    fn print(&self, line: &str) -> Result<(), String> {
        self.output.say(line).map_err(|error| error.to_string())
    }
}

fn state(state: LinkState) -> &'static str {
    match state {
        LinkState::Greeting => "opening",
        LinkState::Open => "open",
        LinkState::Warned => "warned",
        LinkState::Closed => "closed",
    }
}

/// What came in the place of what was expected.
fn instead(others: &[String]) -> String {
    /// So many of them are told.
    const TOLD: usize = 3;
    if others.is_empty() {
        return String::new();
    }
    let last: Vec<_> = others.iter().rev().take(TOLD).map(String::as_str).collect();
    format!("; what has come: {}", last.join(", "))
}

/// Whether some string in a value has this text in it.
fn has_text(value: &Value, text: &str) -> bool {
    match value {
        Value::String(string) => string.contains(text),
        Value::Array(values) => values.iter().any(|value| has_text(value, text)),
        Value::Object(fields) => text.is_empty() || fields.values().any(|value| has_text(value, text)),
        other => text.is_empty() || other.to_string().contains(text),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn plain(error: WaitError) -> String {
    error.to_string()
}
