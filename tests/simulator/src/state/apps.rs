//! The apps, their tokens and their tickets.

use super::State;
use super::seats::Seat;
use super::serial::{Serial, secret};
use crate::{EnvelopeId, LinkId, Options, StartError, TokenKind};
use serde::Deserialize;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::Instant;

/// Tickets remembered; older ones count as unknown.
const KEPT_TICKETS: usize = 1_000;

/// The status of a handshake with a bad ticket. Slack's is not known for sure (408 and 409 have been seen
/// for other causes); a client must take any of them for a failure.
pub(crate) const BAD_TICKET: u16 = 403;

/// What the two tokens are called in errors.
const APP_TOKEN: &str = "app token";
const BOT_TOKEN: &str = "bot token";

/// An app installed in the simulator's workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its id, `A…`.
    pub app_id: String,
    /// Its app-level token, `xapp-1-A…`.
    pub app_token: String,
    /// Its bot's token, `xoxb-…`.
    pub bot_token: String,
    /// Its bot's user id, `U…`.
    pub bot_user_id: String,
    /// Its bot's id, `B…`.
    pub bot_id: String,
    /// The name of its bot's user.
    pub name: String,
}

/// An app to be installed with [`Simulator::install`](crate::Simulator::install).
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewApp {
    /// The name of its bot's user. Default: `bot`.
    pub name: String,
    /// Its app-level token, `xapp-…`; `None` makes one that nobody can guess. Default: `None`.
    pub app_token: Option<String>,
    /// Its bot's token, `xoxb-…`, likewise. Default: `None`.
    pub bot_token: Option<String>,
}

impl Default for NewApp {
    fn default() -> Self {
        Self { name: "bot".to_owned(), app_token: None, bot_token: None }
    }
}

impl fmt::Debug for NewApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewApp").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The apps, by id.
pub(crate) struct Apps {
    pub(crate) default: App,
    entries: BTreeMap<String, Entry>,
    tickets: VecDeque<Ticket>,
}

pub(crate) struct Entry {
    pub(crate) app: App,
    /// The link or ghost that got the last envelope.
    pub(crate) last_seat: Seat,
    /// Envelopes for which there was no link.
    pub(crate) waiting: VecDeque<EnvelopeId>,
}

struct Ticket {
    text: String,
    app_id: String,
    issued: Instant,
    used: bool,
}

impl Apps {
    pub(crate) fn new(serial: &mut Serial, options: &Options) -> Result<Self, StartError> {
        let default = NewApp {
            name: options.bot_name.clone(),
            app_token: options.app_token.clone(),
            bot_token: options.bot_token.clone(),
        };
        let default = App::new(serial, &default)?;
        let mut apps = Self { default: default.clone(), entries: BTreeMap::new(), tickets: VecDeque::new() };
        apps.insert(default);
        Ok(apps)
    }

    pub(crate) fn add(&mut self, serial: &mut Serial, new: &NewApp) -> Result<App, StartError> {
        let app = App::new(serial, new)?;
        for (token, option) in [(&app.app_token, APP_TOKEN), (&app.bot_token, BOT_TOKEN)] {
            if self.of_token(Some(token)).1.is_some() {
                return Err(StartError::TokenInUse { option });
            }
        }
        self.insert(app.clone());
        Ok(app)
    }

    fn insert(&mut self, app: App) {
        let entry = Entry { app, last_seat: Seat::Link(LinkId(0)), waiting: VecDeque::new() };
        self.entries.insert(entry.app.app_id.clone(), entry);
    }

    pub(crate) fn entry(&mut self, app_id: &str) -> Option<&mut Entry> {
        self.entries.get_mut(app_id)
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &App> {
        self.entries.values().map(|entry| &entry.app)
    }

    pub(crate) fn get(&self, app_id: &str) -> Option<&App> {
        self.entries.get(app_id).map(|entry| &entry.app)
    }

    pub(crate) fn waiting(&self) -> u64 {
        self.entries.values().map(|entry| entry.waiting.len() as u64).sum()
    }

    /// Whose token this is, and of what kind.
    pub(crate) fn of_token(&self, token: Option<&str>) -> (TokenKind, Option<App>) {
        let Some(token) = token else { return (TokenKind::None, None) };
        for Entry { app, .. } in self.entries.values() {
            if app.app_token == token {
                return (TokenKind::App, Some(app.clone()));
            }
            if app.bot_token == token {
                return (TokenKind::Bot, Some(app.clone()));
            }
        }
        (TokenKind::Unknown, None)
    }
}

impl State {
    /// The URL of a new link, good for one dial; none where the system gives no random bytes.
    pub(crate) fn ticket_url(&mut self, app_id: &str) -> Option<String> {
        let text = secret().ok()?;
        if self.apps.tickets.len() >= KEPT_TICKETS {
            self.apps.tickets.pop_front();
        }
        let ticket =
            Ticket { text: text.clone(), app_id: app_id.to_owned(), issued: Instant::now(), used: false };
        self.apps.tickets.push_back(ticket);
        // `http` becomes `ws`, and with that `https` becomes `wss`.
        let origin = self.origin.replacen("http", "ws", 1);
        Some(format!("{origin}/link/?ticket={text}&app_id={app_id}"))
    }

    /// The app that may have a link for this ticket, which is now used up.
    pub(crate) fn redeem(&mut self, text: &str, app_id: &str) -> Option<String> {
        let lifetime = self.options.ticket_lifetime;
        let ticket = self.apps.tickets.iter_mut().find(|ticket| ticket.text == text)?;
        let good = !std::mem::replace(&mut ticket.used, true)
            && ticket.issued.elapsed() <= lifetime
            && ticket.app_id == app_id;
        good.then(|| ticket.app_id.clone())
    }
}

/// A token that was given, if it is one of its kind.
fn checked(
    given: Option<&String>,
    option: &'static str,
    prefix: &'static str,
) -> Result<Option<String>, StartError> {
    let is_token = |given: &String| {
        given.len() > prefix.len() && given.starts_with(prefix) && given.bytes().all(|b| b.is_ascii_graphic())
    };
    match given {
        Some(given) if !is_token(given) => Err(StartError::Token { option, prefix }),
        given => Ok(given.cloned()),
    }
}

impl App {
    fn new(serial: &mut Serial, new: &NewApp) -> Result<Self, StartError> {
        let app_token = checked(new.app_token.as_ref(), APP_TOKEN, "xapp-")?;
        let bot_token = checked(new.bot_token.as_ref(), BOT_TOKEN, "xoxb-")?;
        let app_id = serial.id("A");
        let mut token = |start: &str| {
            let number = 1_000_000_000_000 + serial.number();
            secret().map(|secret| format!("{start}-{number}-{secret}")).map_err(StartError::Random)
        };
        let random = (token(&format!("xapp-1-{app_id}"))?, token("xoxb")?);
        Ok(Self {
            app_token: app_token.unwrap_or(random.0),
            bot_token: bot_token.unwrap_or(random.1),
            name: new.name.clone(),
            bot_user_id: serial.id("U"),
            bot_id: serial.id("B"),
            app_id,
        })
    }
}
