//! The error codes of `apps.connections.open`, and what to do about each.

use alloc::string::ToString;

use alloc::string::String;

/// What to do about an error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Stop: the token does not authenticate. A new token is needed.
    Unauthorized,
    /// Stop: the token is valid but has no permission, or the call itself is wrong.
    Rejected,
    /// Wait as long as `Retry-After` says, then try again.
    RateLimited,
    /// Try again with back-off.
    Retry,
}

use Verdict::{RateLimited, Rejected, Retry, Unauthorized};

/// The codes that Slack documents for `apps.connections.open` and for every Web API method
/// (<https://docs.slack.dev/reference/methods/apps.connections.open>), each with its verdict and what to do.
///
/// The machine retries after a code that is not in the table: Slack adds codes, and most problems go away. A known code
/// takes precedence over the HTTP status. Without a known code, the status decides: 429 is `RateLimited`; 401, 403, 407, 408
/// and 425 are `Retry`; any other 4xx is `Rejected`; everything else is `Retry`.
/// [`Config::verdicts`](crate::Config::verdicts) changes the verdict on a code or a status.
#[rustfmt::skip]
pub const VERDICTS: &[(&str, Verdict, &str)] = &[
    ("not_authed", Unauthorized, "no token was sent; give the app-level token (xapp-…)"),
    ("invalid_auth", Unauthorized, "the token is not valid; copy the app-level token (xapp-…) again from the app's Basic Information page"),
    ("account_inactive", Unauthorized, "the token belongs to a deleted user or workspace; create a new one"),
    ("token_revoked", Unauthorized, "the token was revoked; create a new app-level token"),
    ("token_expired", Unauthorized, "the token has expired; create a new app-level token"),
    ("not_allowed_token_type", Unauthorized, "this kind of token cannot open a connection; use an app-level token (xapp-…)"),
    ("no_permission", Rejected, "the token lacks permission; create an app-level token with connections:write"),
    ("missing_scope", Rejected, "the app-level token lacks the scope connections:write; create one that has it"),
    ("access_denied", Rejected, "access to the resource is denied; ask an administrator of the workspace"),
    ("org_login_required", Rejected, "the workspace is being migrated to an organization; try again when that is done"),
    ("ekm_access_denied", Rejected, "an administrator has suspended access (Enterprise Key Management); ask the administrator"),
    ("forbidden_team", Rejected, "the token's workspace is not allowed to use this method; ask an administrator of the workspace"),
    ("user_removed_from_team", Rejected, "the token's user was removed from the workspace; create a token as another user"),
    ("team_disabled", Rejected, "the workspace is disabled; ask its owner"),
    ("team_access_not_granted", Rejected, "the token has no access to this workspace; install the app there"),
    ("missing_args", Rejected, "an argument is missing in the call; update this library"),
    ("invalid_arguments", Rejected, "Slack does not accept the arguments; update this library"),
    ("insecure_request", Rejected, "the request was not made over https; set an https base URL"),
    ("method_deprecated", Rejected, "Slack has removed the method; update this library"),
    ("deprecated_endpoint", Rejected, "Slack has removed the method; update this library"),
    ("two_factor_setup_required", Rejected, "the token's user must set up two-factor authentication"),
    ("enterprise_is_restricted", Rejected, "the method cannot be called for an organization; use a workspace's token"),
    ("ratelimited", RateLimited, "too many calls; the client waits as long as Slack says"),
    ("internal_error", Retry, "an error inside Slack; the client tries again"),
    ("fatal_error", Retry, "an error inside Slack; the client tries again"),
    ("service_unavailable", Retry, "Slack is not available at the moment; the client tries again"),
    ("request_timeout", Retry, "the request did not arrive completely; the client tries again"),
    ("team_added_to_org", Retry, "the workspace is being added to an organization; the client tries again"),
    ("accesslimited", Retry, "access is limited at the moment; the client tries again"),
];

/// The verdict on an error code; the user's own verdicts come first. `None` for an unknown code.
pub(crate) fn on_code(own: &[(String, Verdict)], code: &str) -> Option<Verdict> {
    let known = || VERDICTS.iter().find(|&&(name, ..)| name == code).map(|&(_, verdict, _)| verdict);
    look_up(own, code).or_else(known)
}

/// The verdict on an HTTP status other than 2xx; the user's own verdicts come first.
pub(crate) fn on_status(own: &[(String, Verdict)], status: u16) -> Verdict {
    look_up(own, &status.to_string()).unwrap_or(match status {
        429 => RateLimited,
        // A captive portal, a gateway or a proxy answers so until somebody has signed in. Slack's own errors have a code.
        401 | 403 | 407 => Retry,
        // The server or a proxy stopped waiting: the same as no answer.
        408 | 425 => Retry,
        400..=499 => Rejected,
        _ => Retry,
    })
}

fn look_up(own: &[(String, Verdict)], name: &str) -> Option<Verdict> {
    own.iter().find(|(own, _)| own == name).map(|&(_, verdict)| verdict)
}

/// What to do about a code, for an error message.
pub(crate) fn advice(code: &str) -> &'static str {
    VERDICTS
        .iter()
        .find(|&&(name, ..)| name == code)
        .map_or("look the code up in Slack's documentation of apps.connections.open", |&(.., advice)| advice)
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
    fn a_status_that_does_not_go_away_is_rejected() {
        for (status, verdict) in [
            (301, Retry),
            (400, Rejected),
            (401, Retry),
            (403, Retry),
            (404, Rejected),
            (407, Retry),
            (408, Retry),
            (425, Retry),
            (426, Rejected),
        ] {
            assert_eq!(on_status(&[], status), verdict, "{status}");
        }
        for (status, verdict) in [(429, RateLimited), (499, Rejected), (500, Retry), (503, Retry)] {
            assert_eq!(on_status(&[], status), verdict, "{status}");
        }
    }

    #[test]
    fn an_override_wins() {
        assert_eq!(on_code(&[], "something_new"), None);
        assert_eq!(on_code(&[], "invalid_auth"), Some(Unauthorized));
        let own = [("invalid_auth", Retry), ("something_new", Rejected), ("404", Retry), ("500", Rejected)];
        let own = own.map(|(name, verdict)| (String::from(name), verdict));
        assert_eq!(on_code(&own, "invalid_auth"), Some(Retry));
        assert_eq!(on_code(&own, "something_new"), Some(Rejected));
        assert_eq!([404, 500, 405].map(|status| on_status(&own, status)), [Retry, Rejected, Rejected]);
    }
}
