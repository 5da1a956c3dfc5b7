//! What people do with modals.

use super::{ActError, choice};
use crate::payload::views::{view_closed, view_submission};
use crate::state::State;
use crate::state::blocks::{inputs, interactive, text};
use crate::state::views::{View, enter};
use crate::{EnvelopeId, PERSON, Simulator};
use serde_json::{Value, json};

/// Which modal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// The one with this id.
    Id(String),
    /// The one that was opened last with this `callback_id`.
    CallbackId(String),
}

#[allow(clippy::must_use_candidate, reason = "these are called for their effect")]
impl Simulator {
    /// Who sees it submits the modal that the bot has opened last with this `callback_id`. `values` is what the person
    /// fills in, by `block_id` and `action_id`, with or without the `values` of Slack around it; each as Slack sends it
    /// (`{"type":"plain_text_input","value":"Robin"}`), or the text, id, date or `value` of an option alone. Other inputs
    /// are as they were.
    ///
    /// # Errors
    ///
    /// When there is no such modal, it is not on top, a value is for no input of it, or an input that is not optional is
    /// empty: Slack's client sends no such view.
    #[allow(clippy::needless_pass_by_value, reason = "it is called with what `json!` makes")]
    pub fn submit_view(&self, callback_id: &str, values: Value) -> Result<EnvelopeId, ActError> {
        let form = Form::CallbackId(callback_id.to_owned());
        self.shared().change(|state| {
            let user = state.form(&form).map_or_else(|_| PERSON.to_owned(), |view| view.user);
            state.submit(&user, &form, &values)
        })
    }

    /// Somebody submits a modal; see [`submit_view`](Self::submit_view).
    ///
    /// # Errors
    ///
    /// Those of [`submit_view`](Self::submit_view), and when there is no such user, or it is somebody else's view.
    pub fn submit(&self, user: &str, form: &Form, values: &Value) -> Result<EnvelopeId, ActError> {
        self.shared().change(|state| state.submit(user, form, values))
    }

    /// Somebody closes a modal without submitting it: the one on top goes, and the one below shows again; the bot is told
    /// if it has asked for that (`notify_on_close`). None if it has not.
    ///
    /// # Errors
    ///
    /// When there is no such user or open modal, or it is somebody else's.
    pub fn close_view(&self, user: &str, form: &Form) -> Result<Option<EnvelopeId>, ActError> {
        self.shared().change(|state| {
            state.must_know(user)?;
            let view = state.form(form)?;
            view.must_be_of(user)?;
            if !view.is_modal() {
                return Err(ActError::NotOnTop(view.id().to_owned()));
            }
            state.close_view(view.id());
            if view.fields.get("notify_on_close") != Some(&json!(true)) {
                return Ok(None);
            }
            let payload = view_closed(state, user, &view, false);
            Ok(Some(state.send_interactive(payload)))
        })
    }

    /// The views that are open, oldest first, as Slack shows them to the bot.
    #[must_use]
    pub fn views(&self) -> Vec<Value> {
        self.shared().look(|state| state.views.open().map(View::shown).collect())
    }
}

impl View {
    pub(super) fn must_be_of(&self, user: &str) -> Result<(), ActError> {
        if self.user == user {
            return Ok(());
        }
        Err(ActError::NotSeen { user: user.to_owned(), owner: self.user.clone() })
    }
}

impl State {
    fn submit(&mut self, user: &str, form: &Form, values: &Value) -> Result<EnvelopeId, ActError> {
        self.must_know(user)?;
        let mut view = match (self.form(form), form) {
            (Err(_), Form::CallbackId(callback_id)) if self.options.lenient => {
                let app = self.apps.default.clone();
                let id = self.show_view(&app, user, &json!({"callback_id": callback_id}), None);
                self.form(&Form::Id(id))?
            }
            (found, _) => found?,
        };
        view.must_be_of(user)?;
        if !self.is_on_top(&view) {
            return Err(ActError::NotOnTop(view.id().to_owned()));
        }
        let values = values.get("values").unwrap_or(values);
        let filled = fill_in(&view, values, !self.options.lenient)?;
        view.set("state", json!({"values": filled}));
        self.views.change(view.id(), |kept| kept.fields.clone_from(&view.fields));
        let payload = view_submission(self, user, &view);
        Ok(self.send_interactive(payload))
    }

    fn form(&self, form: &Form) -> Result<View, ActError> {
        let (found, named) = match form {
            Form::Id(id) => (self.views.get(id), id),
            Form::CallbackId(id) => (self.views.called(id), id),
        };
        found.cloned().ok_or_else(|| ActError::NoView(named.clone()))
    }

    fn is_on_top(&self, view: &View) -> bool {
        let top = self.views.stack(view.root()).next_back();
        view.is_modal() && top.is_some_and(|top| top.id() == view.id())
    }
}

/// The values of a view with these filled in.
fn fill_in(view: &View, given: &Value, is_strict: bool) -> Result<Value, ActError> {
    let blocks = view.blocks();
    let before = view.fields.pointer("/state/values");
    let mut values = json!({});
    for (block_id, element) in interactive(blocks).filter(|(_, element)| choice::is_kept(element)) {
        let action_id = text(element, "action_id");
        let known = before.and_then(|values| values.get(block_id)?.get(action_id)).cloned();
        enter(&mut values, block_id, action_id, known.unwrap_or_else(|| choice::initial(element)));
    }
    for (block_id, entries) in given.as_object().into_iter().flatten() {
        for (action_id, value) in entries.as_object().into_iter().flatten() {
            let found = interactive(blocks)
                .find(|(block, element)| block == block_id && text(element, "action_id") == action_id);
            let entered = match found {
                Some((_, element)) => choice::entered(element, value)?,
                None if !is_strict => value.clone(),
                None => return Err(no_input(blocks, block_id, action_id)),
            };
            enter(&mut values, block_id, action_id, entered);
        }
    }
    let unfilled = inputs(blocks).filter(|(block_id, element, is_optional)| {
        let state = values.get(block_id).and_then(|block| block.get(text(element, "action_id")));
        !is_optional && state.is_none_or(choice::is_empty)
    });
    let unfilled: Vec<_> = unfilled.map(|(block_id, _, _)| block_id.to_owned()).collect();
    if is_strict && !unfilled.is_empty() {
        return Err(ActError::Unfilled(unfilled));
    }
    Ok(values)
}

fn no_input(blocks: &Value, block_id: &str, action_id: &str) -> ActError {
    let inputs = interactive(blocks)
        .filter(|(_, element)| choice::is_kept(element))
        .map(|(block_id, element)| (block_id.to_owned(), text(element, "action_id").to_owned()))
        .collect();
    ActError::NoInput { block_id: block_id.to_owned(), action_id: action_id.to_owned(), inputs }
}
