//! Names of streams, subjects and consumers.

/// What a request is, as far as the queue needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Of the Events API. Acknowledged when it is stored.
    Event,
    /// Clicks, shortcuts, closed views, and what nobody knows. The same.
    Interactive,
    /// Commands, submissions, suggestions: somebody waits for the answer.
    Answered,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Event, Self::Interactive, Self::Answered];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Event => "events",
            Self::Interactive => "interactive",
            Self::Answered => "answers",
        }
    }
}

/// The names for one app. Without an order: `slack.<app>.events`, `slack.<app>.interactive` and `slack.<app>.answers`; with one,
/// the first two end with the number of a partition. The subjects of the stream are written out, so that a gateway and workers
/// with different numbers of partitions are noticed.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    app: String,
    partitions: Option<u16>,
}

impl Names {
    pub(super) fn new(app: &str, partitions: Option<u16>) -> Self {
        Self { app: app.to_owned(), partitions }
    }

    pub(crate) fn stream(&self) -> String {
        format!("SLACK-{}", self.app)
    }

    pub(crate) fn dead_stream(&self) -> String {
        format!("SLACK-{}-DEAD", self.app)
    }

    pub(super) fn dead_subjects(&self) -> String {
        format!("slack.{}.dead.*", self.app)
    }

    pub(crate) fn dead_subject(&self, kind: Kind) -> String {
        format!("slack.{}.dead.{}", self.app, kind.word())
    }

    /// Where a request goes: its partition is that of the hash of its key.
    pub(crate) fn subject(&self, kind: Kind, key: &str) -> String {
        match self.partitions(kind) {
            Some(partitions) => self.partition(kind, partition(key, partitions)),
            None => format!("slack.{}.{}", self.app, kind.word()),
        }
    }

    /// The subjects of the stream.
    pub(super) fn subjects(&self) -> Vec<String> {
        self.consumers().into_iter().map(|(_, _, _, filter)| filter).collect()
    }

    /// Of each consumer: the kind, whether it keeps an order, its durable name, and its subject.
    pub(super) fn consumers(&self) -> Vec<(Kind, bool, String, String)> {
        let mut all = Vec::new();
        for kind in Kind::ALL {
            match self.partitions(kind) {
                Some(partitions) => all.extend((0..partitions).map(|number| {
                    (kind, true, format!("{}-{number}", kind.word()), self.partition(kind, number))
                })),
                None => all.push((kind, false, kind.word().to_owned(), self.subject(kind, ""))),
            }
        }
        all
    }

    fn partitions(&self, kind: Kind) -> Option<u16> {
        self.partitions.filter(|_| kind != Kind::Answered)
    }

    fn partition(&self, kind: Kind, number: u16) -> String {
        format!("slack.{}.{}.{number}", self.app, kind.word())
    }
}

fn partition(key: &str, partitions: u16) -> u16 {
    u16::try_from(hash(key) % u64::from(partitions.max(1))).unwrap_or(0)
}

/// FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>), which is the same in every version of every gateway: std's hash is
/// not.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_partition_and_keys_are_spread() {
        // A gateway of another version must choose the same.
        assert_eq!(partition("C0123\n1700000000.000100", 8), 1);
        let used: std::collections::BTreeSet<_> = (0..100).map(|n| partition(&format!("C{n}"), 8)).collect();
        assert_eq!(used.len(), 8);
    }

    #[test]
    fn commands_have_no_partitions() {
        let names = Names::new("bot", Some(2));
        assert_eq!(
            names.subjects(),
            [
                "slack.bot.events.0",
                "slack.bot.events.1",
                "slack.bot.interactive.0",
                "slack.bot.interactive.1",
                "slack.bot.answers"
            ]
        );
        let names = Names::new("bot", None);
        assert_eq!(names.subjects(), ["slack.bot.events", "slack.bot.interactive", "slack.bot.answers"]);
    }
}
