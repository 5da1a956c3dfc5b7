//! The `trigger_id`s: each opens one view, for a short while.

use super::State;
use std::collections::VecDeque;
use std::time::Instant;

/// Triggers remembered; older ones count as expired.
const KEPT_TRIGGERS: usize = 10_000;

/// The triggers, oldest first.
#[derive(Default)]
pub(crate) struct Triggers(VecDeque<Trigger>);

/// What somebody did that allows the app to open a view.
#[derive(Debug, Clone)]
pub(crate) struct Trigger {
    id: String,
    pub(crate) app_id: String,
    /// Who did it.
    pub(crate) user: String,
    /// The view that it was done in.
    pub(crate) view_id: Option<String>,
    issued: Instant,
    used: bool,
}

impl State {
    /// A new `trigger_id`.
    pub(crate) fn trigger(&mut self, app_id: &str, user: &str, view_id: Option<&str>) -> String {
        let id = self.serial.trigger();
        let triggers = &mut self.triggers.0;
        if triggers.len() >= KEPT_TRIGGERS {
            triggers.pop_front();
        }
        triggers.push_back(Trigger {
            id: id.clone(),
            app_id: app_id.to_owned(),
            user: user.to_owned(),
            view_id: view_id.map(str::to_owned),
            issued: Instant::now(),
            used: false,
        });
        id
    }

    /// What a `trigger_id` stands for, which is now used up.
    ///
    /// # Errors
    ///
    /// The code of Slack: `invalid_trigger_id`, `expired_trigger_id` or `exchanged_trigger_id`
    /// (<https://docs.slack.dev/reference/methods/views.open>).
    pub(crate) fn exchange(&mut self, id: &str, app_id: &str) -> Result<Trigger, &'static str> {
        let lifetime = self.options.trigger_lifetime;
        let is_lenient = self.options.lenient;
        let found = self.triggers.0.iter_mut().rev().find(|trigger| trigger.id == id);
        let Some(trigger) = found.filter(|trigger| trigger.app_id == app_id || is_lenient) else {
            return Err("invalid_trigger_id");
        };
        if !is_lenient && trigger.issued.elapsed() > lifetime {
            return Err("expired_trigger_id");
        }
        if std::mem::replace(&mut trigger.used, true) && !is_lenient {
            return Err("exchanged_trigger_id");
        }
        Ok(trigger.clone())
    }
}
