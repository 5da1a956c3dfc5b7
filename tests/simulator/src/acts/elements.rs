//! What people do with the elements of messages and views.

use super::shown::button;
use super::{ActError, choice};
use crate::payload::interactive::{self, Place};
use crate::state::State;
use crate::state::blocks::{action_ids, element, inputs, text};
use crate::state::views::enter;
use crate::{CHANNEL, Envelope, EnvelopeId, PERSON, PostedMessage, Simulator};
use serde_json::{Map, Value, json};

/// The elements that ask the bot for their options.
const EXTERNAL: [&str; 2] = ["external_select", "multi_external_select"];

/// The use of an element: a button that is pressed, an option that is chosen, a date that is picked.
#[derive(Debug, Clone)]
pub struct Press {
    /// Who does it.
    pub user: String,
    /// The element's `action_id`.
    pub action_id: String,
    /// Where it is.
    pub within: Within,
    /// What is chosen: the `value` of an option, an id, a date as `2026-01-31`, a time as `12:30`, a text; an array where
    /// several can be chosen; `positive` or `negative` for feedback buttons; none for a button.
    pub value: Option<Value>,
}

/// Where an element is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    /// The last view or message that has such an element; an open view comes first.
    Anything,
    /// A message.
    Message {
        /// Its channel.
        channel: String,
        /// Its time stamp.
        ts: String,
    },
    /// An open view, by its id.
    View(String),
}

impl Press {
    /// [`PERSON`] uses the last element with this `action_id`.
    #[must_use]
    pub fn new(action_id: impl Into<String>) -> Self {
        Self { user: PERSON.to_owned(), action_id: action_id.into(), within: Within::Anything, value: None }
    }

    /// Somebody else does it.
    #[must_use]
    pub fn by(mut self, user: impl Into<String>) -> Self {
        self.user = user.into();
        self
    }

    /// Chooses this.
    #[must_use]
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// It is in this message.
    #[must_use]
    pub fn in_message(mut self, channel: impl Into<String>, ts: impl Into<String>) -> Self {
        self.within = Within::Message { channel: channel.into(), ts: ts.into() };
        self
    }

    /// It is in this view.
    #[must_use]
    pub fn in_view(mut self, view_id: impl Into<String>) -> Self {
        self.within = Within::View(view_id.into());
        self
    }
}

#[allow(clippy::must_use_candidate, reason = "these are called for their effect")]
impl Simulator {
    /// [`PERSON`] (of an ephemeral message: who sees it) presses the button with this `action_id` below a message that the
    /// bot has posted. The click has the
    /// button's own `value` and `block_id`, the channel, the message as it looks now (but for an ephemeral one, which
    /// Slack does not promise), and a new `response_url`.
    ///
    /// ```no_run
    /// use socketmode_simulator::{Options, Simulator};
    /// use std::time::Duration;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let slack = Simulator::start(Options::default())?;
    /// // Start the bot, then:
    /// slack.command("/deploy", "api");
    /// let message = slack.wait_for_message(Duration::from_secs(3)).await?;
    /// let click = slack.press(&message, "approve")?;
    /// slack.wait_for_ack(&click, Duration::from_secs(3)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the message is not there any more, or has no such button.
    pub fn press(&self, message: &PostedMessage, action_id: &str) -> Result<EnvelopeId, ActError> {
        let user = message.to.as_deref().unwrap_or(PERSON);
        self.press_element(&Press::new(action_id).by(user).in_message(&message.channel, &message.ts))
    }

    /// Somebody uses an element of any type: a button, a select, a picker, a check box, an overflow menu.
    ///
    /// ```no_run
    /// use socketmode_simulator::{Options, Press, Simulator};
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let slack = Simulator::start(Options::default())?;
    /// // Start the bot, have it post a select, then:
    /// slack.press_element(&Press::new("size").value("large"))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no such user, place or element, the user does not see it, or it does not take the value.
    pub fn press_element(&self, press: &Press) -> Result<EnvelopeId, ActError> {
        self.shared().change(|state| {
            state.must_know(&press.user)?;
            let found = state.find(&press.within, &[], &press.action_id);
            let (place, block_id, element) = match found {
                Err(_) if state.options.lenient && press.within == Within::Anything => {
                    state.invent_button(press)?
                }
                found => found?,
            };
            state.must_see_place(&press.user, &place)?;
            let fields = choice::chosen(&element, press.value.as_ref())?;
            state.use_element(&press.user, &place, &block_id, &element, fields)
        })
    }

    /// [`PERSON`] (of a view: who sees it) types `value` into the external select with this `action_id`: of the open view that
    /// the bot has opened last and that has one, else of the last such message. The bot answers with options in its acknowledgement.
    ///
    /// ```no_run
    /// use socketmode_simulator::{Options, Simulator};
    /// use std::time::Duration;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let slack = Simulator::start(Options::default())?;
    /// // Start the bot, have it open a view with the select, then:
    /// let id = slack.suggest("service", "ap")?;
    /// let ack = slack.wait_for_ack(&id, Duration::from_secs(3)).await?;
    /// assert_eq!(ack.payload.unwrap_or_default()["options"][0]["value"], "api");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the bot has shown no such select.
    pub fn suggest(&self, action_id: &str, value: &str) -> Result<EnvelopeId, ActError> {
        self.shared().change(|state| {
            let (place, block_id, _) = state.find(&Within::Anything, &EXTERNAL, action_id)?;
            let user = place.owner().unwrap_or(PERSON).to_owned();
            let payload = interactive::suggestion(state, &user, &place, (&block_id, action_id), value);
            Ok(state.send_interactive(payload))
        })
    }

    /// The same by somebody else, or in a place of one's choice.
    ///
    /// # Errors
    ///
    /// When there is no such user or place, or no such select in it.
    pub fn suggest_in(
        &self,
        user: &str,
        within: &Within,
        action_id: &str,
        value: &str,
    ) -> Result<EnvelopeId, ActError> {
        self.shared().change(|state| {
            state.must_know(user)?;
            let (place, block_id, _) = state.find(within, &EXTERNAL, action_id)?;
            state.must_see_place(user, &place)?;
            let payload = interactive::suggestion(state, user, &place, (&block_id, action_id), value);
            Ok(state.send_interactive(payload))
        })
    }
}

impl State {
    /// Sends a payload of the type `interactive` to the app that it names.
    pub(super) fn send_interactive(&mut self, payload: Value) -> EnvelopeId {
        let app_id = text(&payload, "api_app_id").to_owned();
        let mut envelope = Envelope::new("interactive", payload);
        envelope.app_id = Some(app_id).filter(|id| !id.is_empty());
        self.send(envelope)
    }

    /// An element of one of these types (any if none is given), where it is, and the `block_id` around it.
    fn find(
        &self,
        within: &Within,
        kinds: &[&str],
        action_id: &str,
    ) -> Result<(Place, String, Value), ActError> {
        let in_place = |place: Place| {
            let (block_id, element) = element(place.blocks(), kinds, action_id)?;
            let found = (block_id.to_owned(), element.clone());
            Some((place, found.0, found.1))
        };
        let missing = |elements| ActError::NoElement { action_id: action_id.to_owned(), elements };
        match within {
            Within::Message { channel, ts } => {
                let place = Place::Message(Box::new(self.message(channel, ts)?));
                let elements = action_ids(place.blocks());
                in_place(place).ok_or_else(|| missing(elements))
            }
            Within::View(id) => {
                let view = self.views.get(id).cloned().ok_or_else(|| ActError::NoView(id.clone()))?;
                let place = Place::View(view);
                let elements = action_ids(place.blocks());
                in_place(place).ok_or_else(|| missing(elements))
            }
            Within::Anything => {
                let has = |blocks: &Value| element(blocks, kinds, action_id).is_some();
                let view = self.views.open().rev().find(|view| has(view.blocks())).cloned().map(Place::View);
                let message = || self.messages.all().rev().find(|message| has(&message.blocks)).cloned();
                let place = view.or_else(|| message().map(Box::new).map(Place::Message));
                place.and_then(in_place).ok_or_else(|| {
                    let latest =
                        self.messages.all().rev().take(10).flat_map(|message| action_ids(&message.blocks));
                    let open = self.views.open().rev().take(10).flat_map(|view| action_ids(view.blocks()));
                    missing(open.chain(latest).collect())
                })
            }
        }
    }

    /// Of what somebody does not see, they can use nothing.
    fn must_see_place(&self, user: &str, place: &Place) -> Result<(), ActError> {
        match place {
            Place::Message(message) => self.must_see(user, message),
            Place::View(view) => view.must_be_of(user),
        }
    }

    /// A button that the bot has not posted, for where that is allowed.
    fn invent_button(&mut self, press: &Press) -> Result<(Place, String, Value), ActError> {
        let value = press.value.as_ref().and_then(Value::as_str).unwrap_or_default();
        let message = self.posted_before(CHANNEL, &button(&press.action_id, value));
        let within = Within::Message { channel: message.channel, ts: message.ts };
        self.find(&within, &[], &press.action_id)
    }

    /// Keeps what was chosen, and tells the bot.
    fn use_element(
        &mut self,
        user: &str,
        place: &Place,
        block_id: &str,
        element: &Value,
        fields: Map<String, Value>,
    ) -> Result<EnvelopeId, ActError> {
        let (action_id, kind) = (text(element, "action_id").to_owned(), text(element, "type").to_owned());
        let is_silent =
            inputs(place.blocks()).any(|(id, _, _)| id == block_id) && !dispatches(place.blocks(), block_id);
        if is_silent {
            return Err(ActError::NotDispatched { action_id });
        }
        if choice::is_kept(element) {
            let mut entered = fields.clone();
            entered.remove("placeholder");
            entered.insert("type".to_owned(), json!(kind));
            self.keep_choice(place, block_id, &action_id, Value::Object(entered));
        }
        let mut action = fields;
        for (name, value) in [
            ("type", json!(kind)),
            ("action_id", json!(action_id)),
            ("block_id", json!(block_id)),
            ("action_ts", json!(self.serial.ts())),
        ] {
            action.insert(name.to_owned(), value);
        }
        let place = self.as_it_is_now(place);
        let payload = interactive::block_actions(self, user, &place, &action);
        Ok(self.send_interactive(payload))
    }

    fn keep_choice(&mut self, place: &Place, block_id: &str, action_id: &str, entered: Value) {
        match place {
            Place::Message(message) => {
                self.messages.change(&message.channel, &message.ts, |message| {
                    enter(&mut message.entered, block_id, action_id, entered);
                });
            }
            Place::View(view) => {
                self.views.change(view.id(), |view| view.enter(block_id, action_id, entered));
            }
        }
    }

    fn as_it_is_now(&self, place: &Place) -> Place {
        let now = match place {
            Place::Message(message) => {
                self.messages.at(&message.channel, &message.ts).cloned().map(Box::new).map(Place::Message)
            }
            Place::View(view) => self.views.get(view.id()).cloned().map(Place::View),
        };
        now.unwrap_or_else(|| place.clone())
    }
}

impl Place {
    /// Who sees it, if only one person does.
    fn owner(&self) -> Option<&str> {
        match self {
            Self::Message(message) => message.to.as_deref(),
            Self::View(view) => Some(&view.user),
        }
    }
}

/// Whether the bot is told of what happens in an input block.
fn dispatches(blocks: &Value, block_id: &str) -> bool {
    let mut blocks = blocks.as_array().into_iter().flatten();
    let block = blocks.find(|block| text(block, "block_id") == block_id);
    block.and_then(|block| block.get("dispatch_action")?.as_bool()).unwrap_or(false)
}
