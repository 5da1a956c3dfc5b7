//! The web page: a chat, the wire and the links, on the control API.
//!
//! Its files are part of the program. It loads nothing else: what it may load and run is in [`POLICY`], and whatever a bot
//! sends is text to it.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Method, Response};
use http_body_util::Full;

#[cfg(test)]
mod tests;

/// What the page may load and run: its own files, and no text that becomes a script or an element.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// A file of the page.
struct File {
    name: &'static str,
    kind: &'static str,
    contents: &'static str,
}

macro_rules! files {
    ($($kind:ident $name:literal),* $(,)?) => {
        &[$(File { name: $name, kind: $kind, contents: include_str!(concat!("ui/", $name)) }),*]
    };
}

const FILES: &[File] = files![
    HTML "index.html",
    PICTURE "icon.svg",
    STYLE "chat.css",
    STYLE "colours.css",
    STYLE "kit.css",
    STYLE "layout.css",
    STYLE "wire.css",
    SCRIPT "acts.js",
    SCRIPT "agents.js",
    SCRIPT "api.js",
    SCRIPT "bounds.js",
    SCRIPT "chat.js",
    SCRIPT "combobox.js",
    SCRIPT "composer.js",
    SCRIPT "dialogs.js",
    SCRIPT "dom.js",
    SCRIPT "elements.js",
    SCRIPT "emoji.js",
    SCRIPT "emojipicker.js",
    SCRIPT "envelopes.js",
    SCRIPT "form.js",
    SCRIPT "home.js",
    SCRIPT "inspector.js",
    SCRIPT "json.js",
    SCRIPT "kit.js",
    SCRIPT "links.js",
    SCRIPT "load.js",
    SCRIPT "main.js",
    SCRIPT "markdown.js",
    SCRIPT "message.js",
    SCRIPT "mrkdwn.js",
    SCRIPT "options.js",
    SCRIPT "panes.js",
    SCRIPT "plan.js",
    SCRIPT "richtext.js",
    SCRIPT "session.js",
    SCRIPT "store.js",
    SCRIPT "text.js",
    SCRIPT "views.js",
    SCRIPT "wire.js",
];

/// The file of the page at this path, if there is one: `/`, `/ui/…`, and the permalinks of messages, `/archives/…`.
pub(crate) fn answer(method: &Method, path: &str) -> Option<Response<Full<Bytes>>> {
    let name = match path.strip_prefix("/ui/") {
        Some(name) => name,
        None if path == "/" || path.starts_with("/archives/") => "index.html",
        None => return None,
    };
    let file = FILES.iter().find(|file| file.name == name)?;
    if !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let mut response = Response::new(Full::new(Bytes::from_static(file.contents.as_bytes())));
    let headers: [(HeaderName, &'static str); 5] = [
        (CONTENT_TYPE, file.kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        // The next version of the program has the same addresses.
        (CACHE_CONTROL, "no-cache"),
    ];
    response.headers_mut().extend(headers.map(|(name, value)| (name, HeaderValue::from_static(value))));
    Some(response)
}
