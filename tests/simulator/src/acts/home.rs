//! The app's home tab.

use super::ActError;
use crate::payload::events;
use crate::{EnvelopeId, Simulator};

impl Simulator {
    /// Somebody opens the home tab of the default app.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn open_home(&self, user: &str) -> Result<EnvelopeId, ActError> {
        self.shared().change(|state| {
            state.must_know(user)?;
            let app = state.apps.default.clone();
            let channel = state.directory.im(user, &app.bot_user_id).unwrap_or_default();
            let view = state.views.home(&app.app_id, user).map(|view| view.fields.clone());
            let event = events::app_home_opened(state, user, &channel, view.as_ref());
            Ok(state.send_event(&event))
        })
    }
}
