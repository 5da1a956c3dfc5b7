//! Records as lines of JSON.

use std::fmt::{self, Display, Write};

use socketmode_protocol::Instant;

use super::batch::{ELSEWHERE, HAS_EVENT_ID, IS_RETRY, LATE, PAYLOAD_ACCEPTED, PAYLOAD_UNASKED, UNASKED};
use super::bytes::Take;
use super::ring::Piece;
use super::tag::Tag;

/// Writes a line for each record.
pub(super) fn write(piece: &Piece, to: &mut dyn Write) -> fmt::Result {
    let mut records = Records { take: Take(&piece.bytes), time: piece.base };
    while let Some(line) = records.line() {
        to.write_str(&line)?;
    }
    Ok(())
}

/// One object, and the end of its line.
pub(super) struct Line(String);

impl Line {
    pub(super) fn new() -> Self {
        Self("{".to_owned())
    }

    /// Adds a number, a boolean, or other JSON.
    pub(super) fn with(mut self, key: &str, value: impl Display) -> Self {
        let comma = if self.0.len() > 1 { "," } else { "" };
        // A `String` takes everything.
        let _ = write!(self.0, "{comma}\"{key}\":{value}");
        self
    }

    pub(super) fn with_text(self, key: &str, text: &str) -> Self {
        // Every text can be written as JSON.
        self.with(key, serde_json::to_string(text).unwrap_or_default())
    }

    pub(super) fn maybe(self, key: &str, value: Option<impl Display>) -> Self {
        if let Some(value) = value { self.with(key, value) } else { self }
    }

    pub(super) fn maybe_text(self, key: &str, text: Option<&str>) -> Self {
        if let Some(text) = text { self.with_text(key, text) } else { self }
    }

    pub(super) fn end(self) -> String {
        self.0 + "}\n"
    }
}

struct Records<'a> {
    take: Take<'a>,
    time: Instant,
}

impl Records<'_> {
    /// The next record. `None` at the end.
    fn line(&mut self) -> Option<String> {
        let tag = Tag::of(self.take.byte()?)?;
        let line = match tag {
            Tag::Opened => self.opened()?,
            Tag::OpenFailed => self.input("open_failed")?.with_text("detail", self.take.text()?),
            Tag::Dialed => self.input("dialed")?,
            Tag::DialFailed => {
                let line = self.input("dial_failed")?.maybe("status", self.take.maybe_number()?);
                line.with_text("detail", self.take.text()?)
            }
            Tag::Envelope => self.envelope()?,
            Tag::Hello => {
                let line = self.input("hello")?.with("bytes", self.take.number()?);
                let line = line.maybe("num_connections", self.take.maybe_number()?);
                let line = line.maybe_text("host", self.take.maybe_text()?);
                let line = line.maybe("build_number", self.take.maybe_number()?);
                let line = line.maybe("approximate_connection_time", self.take.maybe_number()?);
                line.maybe_text("app_id", self.take.maybe_text()?)
            }
            Tag::Disconnect => {
                let line = self.input("disconnect")?.with("bytes", self.take.number()?);
                let line = line.with_text("reason", self.take.text()?);
                line.maybe_text("host", self.take.maybe_text()?)
            }
            Tag::Unreadable => {
                let line = self.input("unreadable")?.with("bytes", self.take.number()?);
                line.with_text("error", self.take.text()?)
            }
            Tag::Binary => self.input("binary")?.with("bytes", self.take.number()?),
            Tag::Ping => self.input("ping")?,
            Tag::Pong => self.input("pong")?,
            Tag::CloseFrame => self.input("close_frame")?.maybe("code", self.take.maybe_number()?),
            Tag::Written => self.input("written")?.with("w", self.take.number()?),
            Tag::NotWritten => self.input("not_written")?.with("w", self.take.number()?),
            Tag::Eof => self.input("eof")?,
            Tag::ReadError => self.input("read_error")?.with_text("detail", self.take.text()?),
            Tag::WriteError => self.input("write_error")?.with_text("detail", self.take.text()?),
            Tag::Timeout => self.call("timeout")?,
            Tag::Backlog => self.call("backlog")?.with("full", self.take.byte()? != 0),
            Tag::Acknowledge => {
                let line = self.call("acknowledge")?.with("a", self.take.number()?);
                let line = line.maybe("payload", self.take.maybe_number()?);
                line.maybe_text("refused", self.take.maybe_text()?)
            }
            Tag::Decline => self.call("decline")?.with("a", self.take.number()?),
            Tag::Withhold => {
                let line = Line::new().with("t", self.time.as_millis()).with_text("do", "withhold");
                line.with("a", self.take.number()?)
            }
            Tag::Shutdown => {
                let line = self.call("shutdown")?;
                let (seconds, nanos) = (self.take.number()?, self.take.number()?);
                line.with("grace", format_args!("{seconds}.{nanos:09}"))
            }
            Tag::DoOpen => self.action("open")?,
            Tag::DoDial => self.action("dial")?.with_text("url", self.take.text()?),
            Tag::DoPing => self.action("ping")?,
            Tag::DoClose => self.action("close")?.with("code", self.take.number()?),
            Tag::DoAbort => self.action("abort")?,
            Tag::Delivered => {
                let line = output("envelope").with("a", self.take.number()?).with("c", self.take.number()?);
                line.with("acknowledged", self.take.byte()? != 0)
            }
            Tag::AckSent => {
                let line = output("sent").with("a", self.take.number()?).with("c", self.take.number()?);
                let flags = self.take.byte()?;
                let line = line.with("elsewhere", flags & ELSEWHERE != 0).with("late", flags & LATE != 0);
                line.with("unasked_payload", flags & UNASKED != 0)
            }
            Tag::AckLost => output("lost").with("a", self.take.number()?),
            Tag::Overdue => output("overdue").with("a", self.take.number()?),
            Tag::Notice => output("notice").with_text("what", self.take.text()?),
            Tag::Stopped => output("stopped").with_text("why", self.take.text()?),
            Tag::Pulled => {
                let line = output("write").with("c", self.take.number()?);
                line.with("w", self.take.number()?).with("bytes", self.take.number()?)
            }
            Tag::NothingPulled => output("no_write").with("c", self.take.number()?),
        };
        Some(line.end())
    }

    fn timed(&mut self) -> Option<Line> {
        let distance = self.take.number()?;
        let (now, by) = (self.time.as_millis(), distance >> 1);
        let now = if distance & 1 == 0 { now.saturating_add(by) } else { now.saturating_sub(by) };
        self.time = Instant::from_millis(now);
        Some(Line::new().with("t", now))
    }

    fn call(&mut self, what: &str) -> Option<Line> {
        Some(self.timed()?.with_text("do", what))
    }

    fn input(&mut self, what: &str) -> Option<Line> {
        let line = self.timed()?;
        Some(line.with("c", self.take.number()?).with_text("in", what))
    }

    fn action(&mut self, what: &str) -> Option<Line> {
        Some(output(what).with("c", self.take.number()?))
    }

    fn opened(&mut self) -> Option<Line> {
        let line = self.input("opened")?.with("status", self.take.number()?);
        let line = line.maybe("retry_after", self.take.maybe_number()?);
        let (kind, text) = (self.take.byte()?, self.take.text()?);
        Some(match kind {
            0 => line.with_text("url", text),
            1 => line.with_text("bad_url", text),
            2 => line.with_text("error", text),
            _ if text.is_empty() => line,
            _ => line.with_text("body", text),
        })
    }

    fn envelope(&mut self) -> Option<Line> {
        let mut line = self.input("envelope")?.with("bytes", self.take.number()?);
        let (kind, flags, envelope_id) = (self.take.byte()?, self.take.byte()?, self.take.text()?);
        line = match kind {
            0 => line.with_text("type", "events_api"),
            1 => line.with_text("type", "slash_commands"),
            2 => line.with_text("type", "interactive"),
            _ => line.with_text("type", self.take.text()?),
        };
        line = line.with_text("envelope_id", envelope_id);
        if flags & PAYLOAD_ACCEPTED != 0 {
            line = line.with_text("response_payload", "accepted");
        }
        if flags & PAYLOAD_UNASKED != 0 {
            line = line.with_text("response_payload", "unasked");
        }
        if flags & IS_RETRY != 0 {
            line = line.with("retry_attempt", self.take.number()?);
            line = line.with_text("retry_reason", self.take.text()?);
        }
        if flags & HAS_EVENT_ID != 0 {
            line = line.with_text("event_id", self.take.text()?);
        }
        Some(line)
    }
}

fn output(what: &str) -> Line {
    Line::new().with_text("out", what)
}

#[cfg(test)]
mod tests {
    use super::super::batch::Batch;
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_shutdown_has_its_time_and_its_grace() {
        let mut batch = Batch::new(Instant::from_millis(1_000));
        batch.shutdown(Instant::from_millis(1_349), Duration::from_millis(20_150));
        let mut line = String::new();
        write(&batch.piece, &mut line).unwrap();
        assert_eq!(line, "{\"t\":1349,\"do\":\"shutdown\",\"grace\":20.150000000}\n");
    }
}
