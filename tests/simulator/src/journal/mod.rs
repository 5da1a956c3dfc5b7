//! The journal: everything that happened, in order, each entry with a number.
//!
//! An entry is kept as what it is about and becomes JSON only where somebody reads it: nobody pays for a journal that is
//! not read.

use crate::state::apps::App;
use crate::state::waiters::Topic;
use crate::state::{Shared, State};
use crate::wait::{Wait, WaitError};
use crate::{PostedMessage, Simulator};
use serde_json::Value;
use std::collections::VecDeque;
use std::time::Duration;

pub(crate) use fact::{Acked, Fact, Json, frame_text};

mod fact;
mod links;
mod shown;

/// How many entries of the journal are kept: the last ones.
pub const JOURNAL_ENTRIES: usize = 20_000;
/// How many bytes of memory the entries of the journal take at most; payloads count in full.
pub const JOURNAL_BYTES: usize = 16 << 20;
/// An entry of so many bytes or more is kept without its contents.
const HEAVY_ENTRY: usize = 2 << 20;

/// The last entries, oldest first.
#[derive(Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    /// Entries that made room for others.
    dropped: u64,
    bytes: usize,
    /// Whether there are entries that nobody was woken for.
    grown: bool,
}

struct Entry {
    at: Duration,
    bytes: usize,
    /// None where it was withdrawn.
    fact: Option<Fact>,
}

/// Some entries as JSON.
pub(crate) struct Page {
    /// Each with its number.
    pub(crate) entries: Vec<(u64, String)>,
    /// The number of the last entry that was looked at.
    pub(crate) next: u64,
    /// Entries that were asked for and are not kept any more.
    pub(crate) missed: u64,
    /// Whether there are more.
    pub(crate) more: bool,
}

/// Which entries are wanted.
pub(crate) struct Wanted<'a> {
    /// Those after this number.
    pub(crate) since: u64,
    /// So many at most.
    pub(crate) entries: usize,
    /// Of so many bytes together, and one at least.
    pub(crate) bytes: usize,
    /// Of this kind.
    pub(crate) kind: Option<&'a str>,
}

impl Journal {
    /// Adds an entry, and gives its number: from 1, each the next.
    pub(crate) fn push(&mut self, at: Duration, fact: Fact) -> u64 {
        let mut bytes = size_of::<Entry>() + fact.weigh();
        let fact = if bytes > HEAVY_ENTRY { fact.without_contents(bytes) } else { fact };
        bytes = bytes.min(HEAVY_ENTRY);
        self.bytes += bytes;
        self.entries.push_back(Entry { at, bytes, fact: Some(fact) });
        while self.entries.len() > JOURNAL_ENTRIES || self.bytes > JOURNAL_BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.bytes;
            self.dropped += 1;
        }
        self.grown = true;
        self.last()
    }

    /// An entry is taken back: what it tells did not happen.
    fn withdraw(&mut self, number: u64) {
        let index = number.checked_sub(self.dropped + 1).and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            entry.fact = None;
            // Others need not make room for what is not there.
            self.bytes -= std::mem::replace(&mut entry.bytes, size_of::<Entry>()) - size_of::<Entry>();
        }
    }

    /// The number of the newest entry; 0 if there was none ever.
    pub(crate) fn last(&self) -> u64 {
        self.dropped + self.entries.len() as u64
    }

    /// The facts after this number.
    pub(crate) fn facts_since(&self, since: u64) -> impl Iterator<Item = &Fact> {
        self.numbered_since(since).filter_map(|(_, entry)| entry.fact.as_ref())
    }

    pub(crate) fn take_grown(&mut self) -> bool {
        std::mem::take(&mut self.grown)
    }

    fn numbered_since(&self, since: u64) -> impl Iterator<Item = (u64, &Entry)> {
        let since = since.min(self.last());
        let skipped = usize::try_from(since.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        let first = since.max(self.dropped) + 1;
        (first..).zip(self.entries.iter().skip(skipped))
    }

    fn page(&self, wanted: &Wanted<'_>, secrets: &[(String, &'static str)]) -> Page {
        let mut page = Page {
            entries: Vec::new(),
            next: wanted.since.min(self.last()),
            missed: self.dropped.saturating_sub(wanted.since),
            more: false,
        };
        page.next = page.next.max(self.dropped);
        let mut bytes = 0;
        for (number, entry) in self.numbered_since(wanted.since) {
            let fact = entry.fact.as_ref().filter(|fact| wanted.kind.is_none_or(|kind| fact.kind() == kind));
            if let Some(fact) = fact {
                if page.entries.len() >= wanted.entries || (bytes >= wanted.bytes && !page.entries.is_empty())
                {
                    page.more = true;
                    break;
                }
                let text = without(fact.json(number, entry.at), secrets);
                bytes += text.len();
                page.entries.push((number, text));
            }
            page.next = number;
        }
        page
    }
}

impl State {
    /// Enters something in the journal.
    pub(crate) fn note(&mut self, fact: Fact) -> u64 {
        let at = self.now();
        self.journal.push(at, fact)
    }

    /// A message is new, or has changed.
    pub(crate) fn note_message(&mut self, kind: &'static str, message: &PostedMessage) {
        let fields = message.shown();
        self.note(Fact::object(kind, &fields));
    }

    /// Entries of the journal as JSON, without the tokens of any app.
    pub(crate) fn journal_page(&self, wanted: &Wanted<'_>) -> Page {
        self.journal.page(wanted, &secrets(self.apps.all()))
    }
}

impl Shared {
    /// Enters an act in the journal, does it, and takes the entry back if it failed.
    pub(crate) fn journaled<T, E>(
        &self,
        name: &str,
        params: Json,
        act: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let number = self.look(|state| state.note(Fact::Act { name: name.to_owned(), params }));
        act().inspect_err(|_| self.look(|state| state.journal.withdraw(number)))
    }

    /// Ready once the journal goes on after this number.
    pub(crate) async fn journal_after(&self, number: u64, timeout: Duration) -> Result<(), WaitError> {
        let grown = |state: &mut State| (state.journal.last() > number).then_some(());
        let awaited = || "an entry of the journal".to_owned();
        Wait::begin(self, Topic::Journal, timeout).for_some(awaited, |_| String::new(), grown).await
    }
}

impl Simulator {
    /// The entries of the journal after the number `seen`, as JSON, oldest first, as far as they are kept
    /// ([`JOURNAL_ENTRIES`], [`JOURNAL_BYTES`]); `seen` is then the number of the newest one.
    ///
    /// Each is an object with its number `seq`, the time `at_ms` in milliseconds since the start, its `kind`, and what
    /// `/_control/openapi.json` says of it. No token is in it.
    ///
    /// ```
    /// use socketmode_simulator::{CHANNEL, Options, PERSON, Simulator};
    ///
    /// let slack = Simulator::start(Options::default())?;
    /// let mut seen = 0;
    /// slack.set_ghosts(1);
    /// slack.say(PERSON, CHANNEL, "hello");
    /// let journal = slack.journal_since(&mut seen);
    /// assert!(journal.iter().any(|entry| entry["kind"] == "envelope"));
    /// # Ok::<_, socketmode_simulator::StartError>(())
    /// ```
    #[must_use]
    pub fn journal_since(&self, seen: &mut u64) -> Vec<Value> {
        let page = self.shared().look(|state| {
            let all = Wanted { since: *seen, entries: usize::MAX, bytes: usize::MAX, kind: None };
            state.journal_page(&all)
        });
        *seen = page.next;
        page.entries.iter().filter_map(|(_, text)| serde_json::from_str(text).ok()).collect()
    }

    /// Waits until the journal has an entry after the number `seen`.
    ///
    /// # Errors
    ///
    /// When there is none in time.
    pub async fn wait_for_journal(&self, seen: u64, timeout: Duration) -> Result<(), WaitError> {
        self.shared().journal_after(seen, timeout).await
    }
}

/// The tokens of the apps as they are within JSON, each with what stands in its place.
fn secrets<'a>(apps: impl Iterator<Item = &'a App>) -> Vec<(String, &'static str)> {
    let tokens = apps.flat_map(|app| [(&app.app_token, "xapp-…"), (&app.bot_token, "xoxb-…")]);
    let quoted = tokens.map(|(token, mark)| {
        let quoted = serde_json::to_string(token).unwrap_or_default();
        let within = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        (within.unwrap_or_default().to_owned(), mark)
    });
    let mut secrets: Vec<_> = quoted.filter(|(token, _)| !token.is_empty()).collect();
    // One may begin with another: the rest of it would stay.
    secrets.sort_by_key(|(token, _)| std::cmp::Reverse(token.len()));
    secrets
}

/// An entry in which the tokens are told by their kind alone.
fn without(mut text: String, secrets: &[(String, &'static str)]) -> String {
    for (token, mark) in secrets {
        if text.contains(token) {
            text = text.replace(token, mark);
        }
    }
    text
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
