//! Scripts: lines from a file, and whether they went as they were to.

use crate::session::{Next, Session};
use serde_json::{Value, json};
use std::fmt;
use std::io;
use std::path::Path;

/// How a script ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All its lines went well; how many there were.
    Passed(usize),
    /// One did not.
    Failed {
        /// Its number, from 1.
        line: usize,
        /// Its text.
        text: String,
        /// What was wrong.
        why: String,
    },
}

impl Verdict {
    pub(crate) fn is_passed(&self) -> bool {
        matches!(self, Self::Passed(_))
    }

    /// The verdict as a line for programs.
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Passed(lines) => json!({"kind": "verdict", "passed": true, "lines": lines}),
            Self::Failed { line, text, why } => {
                json!({"kind": "verdict", "passed": false, "line": line, "text": text, "why": why})
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(lines) => write!(f, "script: passed, {lines} lines"),
            Self::Failed { line, text, why } => write!(f, "script: line {line} failed: {text}: {why}"),
        }
    }
}

/// The lines of a script.
///
/// # Errors
///
/// Why the file cannot be read.
pub(crate) fn read(path: &Path) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read the script {}: {error}", path.display()))?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// Plays a script to its end, to `:quit`, or to the first line that fails.
pub(crate) async fn play(session: &mut Session<'_>, lines: Vec<String>) -> io::Result<Verdict> {
    session.meet_the_bot();
    let mut played = 0;
    for (index, text) in lines.into_iter().enumerate() {
        match session.act(&text).await {
            Ok(Next::Quit) => break,
            Ok(Next::Go) => played = index + 1,
            Err(why) => {
                let text = text.trim().to_owned();
                return Ok(Verdict::Failed { line: index + 1, text, why });
            }
        }
    }
    Ok(Verdict::Passed(played))
}
