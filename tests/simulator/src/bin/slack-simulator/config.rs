//! The config file: who and what there is, and which apps.

use serde::Deserialize;
use socketmode_simulator::{Channel, NewApp, User, Workspace};
use std::path::Path;

/// Members of all channels together; one without any has everybody.
const MOST_MEMBERS: usize = 1_000_000;

/// What a config file may have, all of it optional.
///
/// ```toml
/// [workspace]
/// id = "T0ACME0001"
/// name = "Acme"
/// domain = "acme"
///
/// [[users]]
/// id = "U0ANN00001"
/// name = "ann"
///
/// [[channels]]
/// id = "C0DEPLOYS1"
/// name = "deploys"
///
/// [[apps]]
/// name = "deploybot"
/// ```
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    workspace: Names,
    users: Option<Vec<User>>,
    channels: Option<Vec<Channel>>,
    /// The first one is the default app.
    pub(crate) apps: Vec<NewApp>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Names {
    id: Option<String>,
    name: Option<String>,
    domain: Option<String>,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, or which line of it is wrong, and how.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read the config {}: {error}", path.display()))?;
        let config: Self = toml::from_str(&text).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(0, |before| before.matches('\n').count() + 1);
            format!("the config {} is not right at line {line}: {}", path.display(), error.message())
        })?;
        config.check().map_err(|words| format!("the config {} is not right: {words}", path.display()))?;
        Ok(config)
    }

    /// The workspace; what is not in the file is as usual.
    pub(crate) fn workspace(&self) -> Workspace {
        let usual = Workspace::default();
        Workspace {
            team_id: self.workspace.id.clone().unwrap_or(usual.team_id),
            team_name: self.workspace.name.clone().unwrap_or(usual.team_name),
            team_domain: self.workspace.domain.clone().unwrap_or(usual.team_domain),
            users: self.users.clone().unwrap_or(usual.users),
            channels: self.channels.clone().unwrap_or(usual.channels),
        }
    }

    fn check(&self) -> Result<(), String> {
        let users = self.users.as_deref().unwrap_or_default();
        let channels = self.channels.as_deref().unwrap_or_default();
        let mut ids: Vec<_> = users.iter().map(|user| &*user.id).collect();
        ids.extend(channels.iter().map(|channel| &*channel.id));
        if ids.iter().any(|id| id.is_empty()) {
            return Err("each user and each channel needs an id, such as U0ANN00001 or C0DEPLOYS1".to_owned());
        }
        let members = |channel: &Channel| match channel.members.len() {
            0 => users.len(),
            members => members,
        };
        if channels.iter().map(members).sum::<usize>() > MOST_MEMBERS {
            return Err(format!(
                "the channels have more than {MOST_MEMBERS} members together: name those of each, or fewer channels"
            ));
        }
        ids.sort_unstable();
        if let Some([id, _]) = ids.windows(2).find(|pair| matches!(pair, [one, other] if one == other)) {
            return Err(format!("the id {id} is there twice"));
        }
        if self.users.as_ref().is_some_and(Vec::is_empty) || self.channels.as_ref().is_some_and(Vec::is_empty)
        {
            return Err("there must be a user and a channel".to_owned());
        }
        Ok(())
    }
}
