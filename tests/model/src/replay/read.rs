//! Reads the lines of a recording. They come from a user: nothing in them may panic.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use socketmode_protocol::Instant;

use super::config;
use super::entry::{Entry, Recording, Said, What};
use super::synthetic;
use crate::step::OwnedInput;

/// The version of the format that is read.
const FORMAT: u64 = 1;
/// The longest message that is made again: more than any limit of the drivers.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The number of the line.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// Reads a recording.
///
/// # Errors
/// A line is not one of a recording. A last line that is not whole is passed over: the process may have died.
pub fn read(text: &str) -> Result<Recording, ReadError> {
    let is_whole = text.ends_with('\n');
    let last = text.lines().count();
    let mut lines = (1..).zip(text.lines());
    let (_, first) = lines.next().ok_or(ReadError { line: 1, what: "the file is empty".into() })?;
    let mut recording = header(first).map_err(|what| ReadError { line: 1, what })?;
    for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
        match entry(line, text) {
            Ok(entry) => recording.entries.push(entry),
            Err(_) if line == last && !is_whole => break,
            Err(what) => return Err(ReadError { line, what }),
        }
    }
    Ok(recording)
}

fn header(text: &str) -> Result<Recording, String> {
    let value = json(text)?;
    let fields = Fields(&value);
    let format = fields.maybe_number("socketmode_recording")?;
    match format {
        Some(FORMAT) => {}
        Some(other) => {
            return Err(format!("a recording of format {other}; this program reads format {FORMAT}"));
        }
        None => return Err("this is no recording: the header has no socketmode_recording".into()),
    }
    let config = fields.get("config").ok_or("the header has no config")?;
    Ok(Recording {
        version: fields.text("version")?.into(),
        config: config::read(&Fields(config))?,
        seed: fields.number("seed")?,
        start: Instant::from_millis(fields.number("start")?),
        dropped: fields.number("dropped")?,
        entries: Vec::new(),
    })
}

fn json(text: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    if value.is_object() { Ok(value) } else { Err("no JSON object".into()) }
}

fn entry(line: usize, text: &str) -> Result<Entry, String> {
    let json = json(text)?;
    let fields = Fields(&json);
    let what = if let Some(input) = fields.maybe_text("in")? {
        let said = said(input, &fields, line)?;
        What::Input { at: fields.at()?, connection: fields.number("c")?, said }
    } else if let Some(call) = fields.maybe_text("do")? {
        self::call(call, &fields)?
    } else if let Some(output) = fields.maybe_text("out")? {
        match output {
            "write" => {
                let write = Some((fields.number("w")?, fields.number("bytes")?));
                What::Pull { connection: fields.number("c")?, write }
            }
            "no_write" => What::Pull { connection: fields.number("c")?, write: None },
            _ => What::Output,
        }
    } else if let Some(records) = fields.maybe_number("left_out")? {
        What::LeftOut(records)
    } else {
        return Err("neither an input (in), nor a call (do), nor an output (out)".into());
    };
    Ok(Entry { line, what, json })
}

fn call(call: &str, fields: &Fields<'_>) -> Result<What, String> {
    Ok(match call {
        "timeout" => What::Timeout(fields.at()?),
        "backlog" => What::Backlog(fields.at()?, fields.get("full") == Some(&Value::Bool(true))),
        "acknowledge" => {
            let refused = fields.maybe_text("refused")?;
            let payload = if fields.get("payload").is_some() {
                Some(synthetic::payload(fields.size("payload")?, refused))
            } else {
                None
            };
            let refused = refused.map(str::to_owned);
            What::Acknowledge { at: fields.at()?, token: fields.number("a")?, payload, refused }
        }
        "decline" => What::Decline(fields.at()?, fields.number("a")?),
        "withhold" => What::Withhold(fields.number("a")?),
        "shutdown" => What::Shutdown(fields.at()?, fields.duration("grace")?),
        other => return Err(format!("no call is named {other:?}")),
    })
}

fn said(input: &str, fields: &Fields<'_>, line: usize) -> Result<Said, String> {
    let detail = fields.maybe_text("detail")?.unwrap_or_default().to_owned();
    let input = match input {
        "written" => return Ok(Said::Written(fields.number("w")?)),
        "not_written" => return Ok(Said::NotWritten(fields.number("w")?)),
        "opened" => synthetic::opened(fields, line)?,
        "open_failed" => OwnedInput::OpenFailed,
        "dialed" => OwnedInput::Dialed,
        "dial_failed" => OwnedInput::DialFailed(fields.maybe_u16("status")?),
        "envelope" => return synthetic::envelope(fields),
        "hello" => return synthetic::hello(fields),
        "disconnect" => return synthetic::disconnect(fields),
        "unreadable" => return synthetic::unreadable(fields),
        "binary" => OwnedInput::Binary(vec![0; fields.size("bytes")?]),
        "ping" => OwnedInput::Ping,
        "pong" => OwnedInput::Pong,
        "close_frame" => OwnedInput::CloseFrame(fields.maybe_u16("code")?),
        "eof" => OwnedInput::Eof,
        "read_error" => OwnedInput::ReadError,
        "write_error" => OwnedInput::WriteError,
        other => return Err(format!("no input is named {other:?}")),
    };
    Ok(Said::Input(input, detail))
}

/// The fields of a line.
pub(super) struct Fields<'a>(pub(super) &'a Value);

impl<'a> Fields<'a> {
    /// A field that is there and not null.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, String> {
        self.maybe_text(name)?.ok_or_else(|| format!("{name} is missing"))
    }

    pub(super) fn maybe_text(&self, name: &str) -> Result<Option<&'a str>, String> {
        let text = |value: &'a Value| value.as_str().ok_or_else(|| format!("{name} is no text"));
        self.get(name).map(text).transpose()
    }

    pub(super) fn number(&self, name: &str) -> Result<u64, String> {
        self.maybe_number(name)?.ok_or_else(|| format!("{name} is missing"))
    }

    pub(super) fn maybe_number(&self, name: &str) -> Result<Option<u64>, String> {
        let number = |value: &Value| value.as_u64().ok_or_else(|| format!("{name} is no whole number"));
        self.get(name).map(number).transpose()
    }

    pub(super) fn maybe_u16(&self, name: &str) -> Result<Option<u16>, String> {
        let short = |number: u64| u16::try_from(number).map_err(|_| format!("{name} is {number}: too large"));
        self.maybe_number(name)?.map(short).transpose()
    }

    /// A size of which memory can be had.
    pub(super) fn size(&self, name: &str) -> Result<usize, String> {
        let bytes = self.number(name)?;
        let size = usize::try_from(bytes).ok().filter(|_| bytes <= MAX_BYTES);
        size.ok_or_else(|| format!("{name} is {bytes}: more than any message has"))
    }

    pub(super) fn duration(&self, name: &str) -> Result<Duration, String> {
        self.maybe_duration(name)?.ok_or_else(|| format!("{name} is missing"))
    }

    /// A number of seconds. One that is too large is the longest time.
    pub(super) fn maybe_duration(&self, name: &str) -> Result<Option<Duration>, String> {
        let duration = |value: &Value| {
            if let Some(seconds) = value.as_u64() {
                return Ok(Duration::from_secs(seconds));
            }
            let seconds = value.as_f64().filter(|seconds| *seconds >= 0.0);
            let seconds = seconds.ok_or_else(|| format!("{name} is no number of seconds"))?;
            Ok(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
        };
        self.get(name).map(duration).transpose()
    }

    fn at(&self) -> Result<Instant, String> {
        self.number("t").map(Instant::from_millis)
    }
}
