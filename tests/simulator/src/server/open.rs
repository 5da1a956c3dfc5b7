//! `apps.connections.open`.

use super::reply::{self, Reply, Unanswered};
use crate::record::OpenRecord;
use crate::state::Shared;
use crate::{OpenAnswer, TokenKind};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::json;

pub(super) async fn answer(shared: &Shared, headers: &HeaderMap) -> Result<Reply, Unanswered> {
    let (mut answer, app_id) = shared.change(|state| {
        // The token counts in the header only: as a form field it is refused.
        let (kind, app) = state.apps.of_token(bearer(headers));
        let app_id = app.map(|app| app.app_id);
        let script = &mut state.script;
        let scripted = script.opens.pop_front().or_else(|| script.all_opens.clone());
        let answer = scripted.unwrap_or(OpenAnswer::Link);
        let answer = match kind {
            TokenKind::App => answer,
            TokenKind::None => answer.refusing("not_authed"),
            TokenKind::Bot => answer.refusing("not_allowed_token_type"),
            TokenKind::Unknown => answer.refusing("invalid_auth"),
        };
        state.counters.opens += 1;
        let record = OpenRecord { at: state.now(), app_id: app_id.clone(), outcome: answer.clone() };
        state.records.opens.push(record);
        state.note_open(&answer);
        (answer, app_id)
    });
    while let OpenAnswer::Delay(by, then) = answer {
        tokio::time::sleep(by).await;
        answer = *then;
    }
    Ok(match answer {
        OpenAnswer::Link => {
            match shared.change(|state| state.ticket_url(app_id.as_deref().unwrap_or_default())) {
                Some(url) => reply::json(&json!({"ok": true, "url": url})),
                None => reply::json(&json!({"ok": false, "error": "internal_error"})),
            }
        }
        OpenAnswer::Error(code) => reply::json(&json!({"ok": false, "error": code})),
        OpenAnswer::RateLimited { retry_after_secs } => reply::rate_limited(retry_after_secs),
        OpenAnswer::Status(status, headers, body) => reply::custom(status, &headers, body, false),
        OpenAnswer::Redirect(url) => reply::redirect(url),
        OpenAnswer::Body(body) => reply::custom(200, &[], body, true),
        OpenAnswer::HugeBody(bytes) => reply::huge(bytes),
        OpenAnswer::Hang => std::future::pending().await,
        // A delay was waited for above.
        OpenAnswer::Drop | OpenAnswer::Delay(..) => return Err(Unanswered),
    })
}

/// The token in the `Authorization` header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}
