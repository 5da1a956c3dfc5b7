//! What an answer of `apps.connections.open` means: the error table.

use alloc::string::ToString;

use alloc::string::String;

/// What to do about an error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Stop: the token does not authenticate. Another one is needed.
    Unauthorized,
    /// Stop: the token is good and may not do this, or the call itself is wrong.
    Refused,
    /// Wait as long as `Retry-After` says, then try again.
    RateLimited,
    /// Try again with back-off.
    Retry,
}

use Verdict::{RateLimited, Refused, Retry, Unauthorized};

/// The codes that Slack documents for `apps.connections.open` and for every Web API method
/// (<https://docs.slack.dev/reference/methods/apps.connections.open>), each with its verdict and what to do.
///
/// A code that is not here is retried: Slack adds codes, and a client that waits recovers from most. The code counts
/// before the status. Without a code that is known here, a status of 4xx is refused, but for 429, which is rate
/// limited, and 401, 403, 407, 408 and 425, which are retried; so is any other status.
/// The verdict on a code or a status can be changed by [`Config::verdicts`](crate::Config::verdicts).
#[rustfmt::skip]
pub const VERDICTS: &[(&str, Verdict, &str)] = &[
    ("not_authed", Unauthorized, "no token was sent; give the app-level token (xapp-…)"),
    ("invalid_auth", Unauthorized, "the token is not valid; copy the app-level token (xapp-…) again from the app's Basic Information page"),
    ("account_inactive", Unauthorized, "the token belongs to a deleted user or workspace; create a new one"),
    ("token_revoked", Unauthorized, "the token was revoked; create a new app-level token"),
    ("token_expired", Unauthorized, "the token has expired; create a new app-level token"),
    ("not_allowed_token_type", Unauthorized, "this kind of token cannot open a connection; use an app-level token (xapp-…)"),
    ("no_permission", Refused, "the token lacks permission; create an app-level token with connections:write"),
    ("missing_scope", Refused, "the app-level token lacks the scope connections:write; create one that has it"),
    ("access_denied", Refused, "access to the resource is denied; ask an administrator of the workspace"),
    ("org_login_required", Refused, "the workspace is being migrated to an organization; try again when that is done"),
    ("ekm_access_denied", Refused, "an administrator has suspended access by key management"),
    ("forbidden_team", Refused, "the token's workspace may not use this method"),
    ("user_removed_from_team", Refused, "the token's user was removed from the workspace"),
    ("team_disabled", Refused, "the workspace is disabled"),
    ("team_access_not_granted", Refused, "the token was not granted access to this workspace"),
    ("missing_args", Refused, "Slack misses an argument; look for an update of this library"),
    ("invalid_arguments", Refused, "Slack does not take the arguments; look for an update of this library"),
    ("insecure_request", Refused, "the request was not made over https; set an https base URL"),
    ("method_deprecated", Refused, "the method is gone; look for an update of this library"),
    ("deprecated_endpoint", Refused, "the method is gone; look for an update of this library"),
    ("two_factor_setup_required", Refused, "the token's user must set up two-factor authentication"),
    ("enterprise_is_restricted", Refused, "the method cannot be called for an organization; use a workspace's token"),
    ("ratelimited", RateLimited, "too many calls; they go on after the time that Slack gave"),
    ("internal_error", Retry, "an error inside Slack"),
    ("fatal_error", Retry, "an error inside Slack"),
    ("service_unavailable", Retry, "Slack is not available at the moment"),
    ("request_timeout", Retry, "the request did not arrive whole"),
    ("team_added_to_org", Retry, "the workspace is being added to an organization"),
    ("accesslimited", Retry, "access is limited at the moment"),
];

/// The verdict on an error code, with the user's own ones first. `None` for a code that nobody knows.
pub(crate) fn on_code(own: &[(String, Verdict)], code: &str) -> Option<Verdict> {
    let known = || VERDICTS.iter().find(|&&(name, ..)| name == code).map(|&(_, verdict, _)| verdict);
    look_up(own, code).or_else(known)
}

/// The verdict on an HTTP status that is no success, with the user's own ones first.
pub(crate) fn on_status(own: &[(String, Verdict)], status: u16) -> Verdict {
    look_up(own, &status.to_string()).unwrap_or(match status {
        429 => RateLimited,
        // What a captive portal, a gateway or a proxy says until somebody has signed in. Slack's own refusals come with a
        // code.
        401 | 403 | 407 => Retry,
        // The server or something between gave up waiting: as good as no answer.
        408 | 425 => Retry,
        400..=499 => Refused,
        _ => Retry,
    })
}

fn look_up(own: &[(String, Verdict)], name: &str) -> Option<Verdict> {
    own.iter().find(|(own, _)| own == name).map(|&(_, verdict)| verdict)
}

/// What to do about a code, for a message.
pub(crate) fn advice(code: &str) -> &'static str {
    VERDICTS
        .iter()
        .find(|&&(name, ..)| name == code)
        .map_or("see Slack's documentation of this code", |&(.., advice)| advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_listed_twice() {
        let mut names: alloc::vec::Vec<_> = VERDICTS.iter().map(|&(name, ..)| name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), VERDICTS.len());
    }

    #[test]
    fn what_another_attempt_cannot_mend_is_refused() {
        for (status, verdict) in [
            (301, Retry),
            (400, Refused),
            (401, Retry),
            (403, Retry),
            (404, Refused),
            (407, Retry),
            (408, Retry),
            (425, Retry),
            (426, Refused),
        ] {
            assert_eq!(on_status(&[], status), verdict, "{status}");
        }
        for (status, verdict) in [(429, RateLimited), (499, Refused), (500, Retry), (503, Retry)] {
            assert_eq!(on_status(&[], status), verdict, "{status}");
        }
    }

    #[test]
    fn an_override_wins() {
        assert_eq!(on_code(&[], "something_new"), None);
        assert_eq!(on_code(&[], "invalid_auth"), Some(Unauthorized));
        let own = [("invalid_auth", Retry), ("something_new", Refused), ("404", Retry), ("500", Refused)];
        let own = own.map(|(name, verdict)| (String::from(name), verdict));
        assert_eq!(on_code(&own, "invalid_auth"), Some(Retry));
        assert_eq!(on_code(&own, "something_new"), Some(Refused));
        assert_eq!([404, 500, 405].map(|status| on_status(&own, status)), [Retry, Refused, Refused]);
    }
}
