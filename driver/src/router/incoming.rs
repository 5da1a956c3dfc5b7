//! What a request is about: its payload, read once, and what every kind of payload has somewhere.

use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use socketmode_protocol::payload::{self, EventCallback, Interaction, Secret, SlashCommand};
use socketmode_protocol::{Envelope, EnvelopeKind};

/// The payload of an envelope.
pub(super) enum Incoming {
    Command(Box<SlashCommand>),
    Interaction(Box<Interaction>),
    Event(Event),
    /// A kind of envelope that nobody knows, or a payload that cannot be read.
    Unknown,
}

/// An event. Its route is known by its type, and the rest is read when somebody asks for it: that costs several times as much
/// as everything else that is done with a request.
pub(super) struct Event {
    kind: Box<str>,
    envelope: Envelope,
    callback: OnceLock<Option<Box<EventCallback>>>,
}

impl Event {
    /// `None` if it cannot be read.
    fn of(envelope: &Envelope) -> Option<Self> {
        let envelope = envelope.clone();
        if let Some(kind) = envelope.event_type() {
            return Some(Self { kind: kind.into(), envelope, callback: OnceLock::new() });
        }
        let callback = read::<EventCallback>(envelope.payload_json())?;
        Some(Self { kind: callback.event.kind().into(), envelope, callback: OnceLock::from(Some(callback)) })
    }

    /// The event's `type`; empty if it is missing.
    pub(super) fn kind(&self) -> &str {
        &self.kind
    }

    /// The event as any type, if it fits.
    pub(super) fn read<E: DeserializeOwned>(&self) -> Option<E> {
        match self.callback.get() {
            Some(callback) => serde_json::from_str(callback.as_ref()?.event.raw_json()).ok(),
            None => payload::field(self.envelope.payload_json(), "event"),
        }
    }

    /// The payload, if it can be read.
    pub(super) fn callback(&self) -> Option<&EventCallback> {
        self.callback.get_or_init(|| read(self.envelope.payload_json())).as_deref()
    }
}

/// When an envelope is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Before the handler runs. Slack does not send it again, and takes no answer.
    First,
    /// When the handler has succeeded: Slack sends it again if not.
    AfterSuccess,
    /// With what the handler returns.
    Answer,
}

impl Incoming {
    pub(super) fn of(envelope: &Envelope) -> Self {
        // Of an event the type is enough: the payload's end is not searched.
        let json = || envelope.payload_json();
        match envelope.kind() {
            EnvelopeKind::SlashCommands => read(json()).map_or(Self::Unknown, Self::Command),
            EnvelopeKind::Interactive => read(json()).map_or(Self::Unknown, Self::Interaction),
            EnvelopeKind::EventsApi => Event::of(envelope).map_or(Self::Unknown, Self::Event),
            EnvelopeKind::Other(_) => Self::Unknown,
        }
    }

    pub(super) fn mode(&self) -> Mode {
        match self {
            Self::Command(_) => Mode::Answer,
            Self::Event(_) => Mode::AfterSuccess,
            Self::Interaction(interaction) => match &**interaction {
                Interaction::ViewSubmission(_)
                | Interaction::BlockSuggestion(_)
                | Interaction::DialogSubmission(_)
                | Interaction::DialogSuggestion(_)
                | Interaction::InteractiveMessage(_) => Mode::Answer,
                _ => Mode::First,
            },
            Self::Unknown => Mode::AfterSuccess,
        }
    }

    /// Who did it.
    pub(super) fn user(&self) -> Option<String> {
        match self {
            Self::Command(command) => command.user_id.clone(),
            Self::Interaction(interaction) => interaction.user()?.id.clone(),
            Self::Event(event) => id_of(event.callback()?, "user"),
            Self::Unknown => None,
        }
    }

    /// In which workspace.
    pub(super) fn team(&self) -> Option<String> {
        match self {
            Self::Command(command) => command.team_id.clone(),
            Self::Interaction(interaction) => {
                let user = || interaction.user()?.team_id.clone();
                interaction.team().and_then(|team| team.id.clone()).or_else(user)
            }
            Self::Event(event) => event.callback()?.team_id.clone(),
            Self::Unknown => None,
        }
    }

    /// In which channel, if it is in one.
    pub(super) fn channel(&self) -> Option<String> {
        match self {
            Self::Command(command) => command.channel_id.clone(),
            Self::Interaction(interaction) => {
                let channel = interaction.field::<Id>("channel").and_then(Id::id);
                channel.or_else(|| interaction.field::<Container>("container")?.channel_id)
            }
            Self::Event(event) => {
                let callback = event.callback()?;
                let item = || callback.event.field::<Item>("item")?.channel;
                id_of(callback, "channel").or_else(item)
            }
            Self::Unknown => None,
        }
    }

    /// The message at the head of the thread, or the message itself.
    pub(super) fn thread(&self) -> Option<String> {
        match self {
            Self::Interaction(interaction) => {
                let message = interaction.field::<Message>("message");
                let container = || {
                    let container = interaction.field::<Container>("container")?;
                    container.thread_ts.or(container.message_ts)
                };
                message.and_then(|message| message.thread_ts.or(message.ts)).or_else(container)
            }
            Self::Event(event) => {
                let event = &event.callback()?.event;
                let item = || event.field::<Item>("item")?.ts;
                // Of a change, the event's own `ts` is that of the change.
                let changed = |name: &str| event.field::<Message>(name).and_then(|it| it.thread_ts.or(it.ts));
                let changed = || changed("message").or_else(|| changed("previous_message"));
                let own = || event.field("ts");
                event.field::<String>("thread_ts").or_else(changed).or_else(own).or_else(item)
            }
            Self::Command(_) | Self::Unknown => None,
        }
    }

    pub(super) fn trigger(&self) -> Option<String> {
        match self {
            Self::Command(command) => command.trigger_id.clone(),
            Self::Interaction(interaction) => interaction.trigger_id().map(str::to_owned),
            Self::Event(_) | Self::Unknown => None,
        }
    }

    /// Where up to five messages can be sent. It is a secret.
    pub(super) fn response_url(&self) -> Option<&str> {
        let secret = match self {
            Self::Command(command) => command.response_url.as_ref(),
            Self::Interaction(interaction) => match &**interaction {
                Interaction::ViewSubmission(submission) => {
                    let first = submission.response_urls.first();
                    first.and_then(|first| first.response_url.as_ref()).or(submission.response_url.as_ref())
                }
                other => other.response_url(),
            },
            Self::Event(_) | Self::Unknown => None,
        };
        secret.map(Secret::expose_secret)
    }
}

/// An id by itself, or in the object that it is of.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Plain(String),
    Object { id: String },
    Other(serde::de::IgnoredAny),
}

impl Id {
    fn id(self) -> Option<String> {
        match self {
            Self::Plain(id) | Self::Object { id } => Some(id),
            Self::Other(_) => None,
        }
    }
}

#[derive(Deserialize)]
struct Container {
    channel_id: Option<String>,
    thread_ts: Option<String>,
    message_ts: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    thread_ts: Option<String>,
    ts: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    channel: Option<String>,
    ts: Option<String>,
}

fn id_of(callback: &EventCallback, field: &str) -> Option<String> {
    callback.event.field::<Id>(field).and_then(Id::id)
}

fn read<P: DeserializeOwned>(json: &str) -> Option<Box<P>> {
    serde_json::from_str(json).ok().map(Box::new)
}
