//! What is printed: lines that cannot command the terminal they are printed to.

use crate::script::Verdict;
use serde_json::{Value, json};
use socketmode_simulator::{App, Simulator};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The standard output, for people or for programs.
pub(crate) struct Output {
    is_json: bool,
}

impl Output {
    pub(crate) fn text() -> Self {
        Self { is_json: false }
    }

    /// One JSON object a line.
    pub(crate) fn json() -> Self {
        Self { is_json: true }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.is_json
    }

    /// How to reach the local Slack.
    pub(crate) fn start(&self, slack: &Simulator, others: &[App]) -> io::Result<()> {
        let api = slack.api_url();
        let page = api.strip_suffix("api/").unwrap_or(&api);
        if self.is_json {
            let tokens = |app: &App| json!({"name": app.name, "SLACK_APP_TOKEN": app.app_token, "SLACK_BOT_TOKEN": app.bot_token});
            return self.entry(&json!({
                "kind": "start", "page": page, "SLACK_API_URL": api,
                "SLACK_APP_TOKEN": slack.app_token(), "SLACK_BOT_TOKEN": slack.bot_token(),
                "other_apps": others.iter().map(tokens).collect::<Vec<_>>(),
            }));
        }
        let (app, bot) = (slack.app_token(), slack.bot_token());
        let mut out = io::stdout();
        write!(out, "SLACK_API_URL={api}\nSLACK_APP_TOKEN={app}\nSLACK_BOT_TOKEN={bot}\npage: {page}\n")?;
        for app in others {
            let (name, app_token, bot_token) = (visible(&app.name), &app.app_token, &app.bot_token);
            writeln!(out, "app {name}: SLACK_APP_TOKEN={app_token} SLACK_BOT_TOKEN={bot_token}")?;
        }
        out.flush()
    }

    /// A line for people; programs get none.
    pub(crate) fn say(&self, line: &str) -> io::Result<()> {
        if self.is_json { Ok(()) } else { put(&visible(line)) }
    }

    /// An entry of the journal, for programs.
    pub(crate) fn entry(&self, entry: &Value) -> io::Result<()> {
        put(&ascii_where_invisible(&entry.to_string()))
    }

    /// What is wrong with a line that was typed.
    pub(crate) fn complain(&self, words: &str) -> io::Result<()> {
        if self.is_json { writeln!(io::stderr(), "{}", visible(words)) } else { put(&visible(words)) }
    }

    /// How a script ended.
    pub(crate) fn verdict(&self, verdict: &Verdict) -> io::Result<()> {
        if self.is_json { self.entry(&verdict.json()) } else { put(&visible(&verdict.to_string())) }
    }
}

fn put(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// A line in which what commands a terminal, forges a line or hides text is an escape: `\n`, `\u{1b}`.
pub(crate) fn visible(line: &str) -> String {
    let mut visible = String::with_capacity(line.len());
    for c in line.chars() {
        if c.is_control() || is_invisible(c) {
            visible.extend(c.escape_default());
        } else {
            visible.push(c);
        }
    }
    visible
}

/// JSON in which such characters are written in JSON's own way.
fn ascii_where_invisible(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_control() || is_invisible(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    text
}

/// Whether a character shows nothing and changes how others show: Unicode's format characters (category Cf, but for the
/// joiner of emoji and the variation selectors, which do not belong to it), and its line and paragraph separators.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e007f}'
    )
}
