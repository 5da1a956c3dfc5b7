//! Every path of the control API, in one table. `openapi.json` describes the same ones.

use super::ask::Asked;
use super::{ControlError, Outcome, elements, faults, look, messages, people};
use crate::Simulator;

/// A path and who answers it.
pub(super) struct Route {
    pub(super) method: &'static str,
    /// Below the prefix; a part in braces stands for anything.
    pub(super) path: &'static str,
    pub(super) handler: Handler,
}

/// Who answers.
pub(super) enum Handler {
    /// Changes nothing.
    Look(fn(&Simulator, &Asked) -> Outcome),
    /// Does something: the journal has it.
    Act(fn(&Simulator, &Asked) -> Outcome),
    Description,
    Journal,
    Stream,
    Wait,
    Replay,
}

/// A route that fits, and what stands for the names in its path.
pub(super) struct Found {
    pub(super) route: &'static Route,
    pub(super) parts: Vec<String>,
}

pub(super) const ROUTES: &[Route] = &[
    get("openapi.json", Handler::Description),
    get("state", Handler::Look(look::state)),
    get("messages", Handler::Look(look::messages)),
    get("views", Handler::Look(look::views)),
    get("journal", Handler::Journal),
    get("journal/stream", Handler::Stream),
    post("say", Handler::Act(people::say)),
    post("mention", Handler::Act(people::mention)),
    post("edit", Handler::Act(messages::edit)),
    post("delete", Handler::Act(messages::delete)),
    post("react", Handler::Act(messages::react)),
    post("command", Handler::Act(people::command)),
    post("press", Handler::Act(elements::press)),
    post("submit", Handler::Act(elements::submit)),
    post("close_view", Handler::Act(elements::close_view)),
    post("home", Handler::Act(people::home)),
    post("suggest", Handler::Act(elements::suggest)),
    post("shortcut", Handler::Act(people::shortcut)),
    post("event", Handler::Act(people::event)),
    post("envelope", Handler::Act(people::envelope)),
    post("redeliver", Handler::Act(people::redeliver)),
    post("links/{id}/{order}", Handler::Act(faults::link)),
    post("opens", Handler::Act(faults::opens)),
    post("calls/{method}", Handler::Act(faults::calls)),
    post("hold/{method}", Handler::Act(faults::hold)),
    post("ghosts", Handler::Act(faults::ghosts)),
    post("lifetime", Handler::Act(faults::lifetime)),
    post("wait", Handler::Wait),
    post("replay", Handler::Replay),
];

const fn get(path: &'static str, handler: Handler) -> Route {
    Route { method: "GET", path, handler }
}

const fn post(path: &'static str, handler: Handler) -> Route {
    Route { method: "POST", path, handler }
}

/// The route of a request.
///
/// # Errors
///
/// When there is no such path, or it takes another method.
pub(super) fn find(method: &str, path: &str) -> Result<Found, ControlError> {
    let mut fitting =
        ROUTES.iter().filter_map(|route| Some(Found { route, parts: parts(route.path, path)? })).peekable();
    // A path has one method.
    let Some(allowed) = fitting.peek().map(|found| found.route.method) else {
        return Err(ControlError::not_found(
            "there is no such path in the control API: see /_control/openapi.json",
        ));
    };
    fitting
        .find(|found| found.route.method == method)
        .ok_or_else(|| ControlError::method_not_allowed(allowed))
}

/// What stands for the names in a route's path, if this path fits it.
fn parts(route: &str, path: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut given = path.split('/');
    for part in route.split('/') {
        let given = given.next()?;
        if part.starts_with('{') {
            parts.push(given.to_owned());
        } else if part != given {
            return None;
        }
    }
    given.next().is_none().then_some(parts)
}
