//! The transition table: what follows from each input in each state of a connection. It contains nothing else.
//! [`transitions`](super::transitions) performs the transitions.
#![warn(clippy::wildcard_enum_match_arm)]

use core::time::Duration;

use crate::errors::{BadMessageError, ConnectionError, Detail, StopReason};
use crate::ids::WriteId;
use crate::input::Closed;
use crate::notice::{DisconnectReason, EndReason, Hello};
use crate::open::OpenResponseError;
use crate::text::Text;
use crate::url::SocketUrl;
use crate::wire::messages::Header;

/// The table. A row says what an input leads to in some states. An input that is not listed for a state does not fit there.
#[rustfmt::skip]
pub(super) fn transition(input: Decoded<'_>, state: State) -> Transition<'_> {
    use ConnectionError as Error;
    use DisconnectReason::{LinkDisabled, Other, RefreshRequested, TooManyWebsockets, Warning};
    use EndReason as Reason;
    use State::{Active, Closing, Dialing, Draining, Greeting, Lingering, Opening, Replaced, Stopping, Waiting};
    use Decoded as In;
    use Transition as To;
    match (input, state) {
        // The answer of apps.connections.open.
        (In::Opened(url), Opening) => To::Dial(url),
        (In::OpenError(error), Opening) => answered(error),
        (In::OpenFailed(detail), Opening) => fail(Error::OpenFailed(detail), Retry::Backoff, End::Gone),
        (In::OpenTimedOut, Opening) => fail(Error::OpenTimedOut, Retry::Backoff, End::Abort),
        (In::Opened(_) | In::OpenError(_) | In::OpenFailed(_) | In::OpenTimedOut, _) => To::Stray,

        // The handshake.
        (In::Dialed, Dialing) => To::Greet,
        (In::DialFailed(error), Dialing) => fail(error, Retry::Backoff, End::Gone),
        (In::DialTimedOut, Dialing) => fail(Error::DialTimedOut, Retry::Backoff, End::Abort),
        (In::Dialed | In::DialFailed(_) | In::DialTimedOut, _) => To::Stray,

        // The hello.
        (In::Hello(hello, _), Greeting) => To::Activate(hello),
        (In::Hello(_, text), Active | Draining | Replaced | Stopping) => To::Report(BadMessageError::SecondHello, text.as_bytes()),
        (In::Hello(..), Closing | Lingering) => To::Stay,
        (In::HelloTimedOut, Greeting) => fail(Error::HelloTimedOut, Retry::Backoff, End::Dead),
        (In::Hello(..) | In::HelloTimedOut, _) => To::Stray,

        // Slack's disconnect.
        (In::Disconnect(LinkDisabled), Greeting | Active | Draining | Replaced | Stopping | Closing | Lingering) => To::Stop(StopReason::LinkDisabled),
        (In::Disconnect(TooManyWebsockets), Greeting) => fail(Error::TooManyWebsockets, Retry::TooMany, End::NORMAL),
        (In::Disconnect(TooManyWebsockets), Draining) => To::Stay,
        (In::Disconnect(TooManyWebsockets), Replaced | Stopping) => finish(Reason::TooManyWebsockets, End::NORMAL),
        (In::Disconnect(Warning | RefreshRequested | Other(_)), Greeting) => fail(Error::DisconnectedBeforeHello, Retry::Backoff, End::NORMAL),
        // It works as long as Slack keeps it.
        (In::Disconnect(TooManyWebsockets | Warning | RefreshRequested | Other(_)), Active) => To::Rotate,
        // It is being replaced already.
        (In::Disconnect(Warning | RefreshRequested | Other(_)), Draining | Replaced | Stopping) => To::Stay,
        (In::Disconnect(TooManyWebsockets | Warning | RefreshRequested | Other(_)), Closing | Lingering) => To::Stay,
        (In::Disconnect(_), Waiting | Opening | Dialing) => To::Stray,

        // Other messages. An envelope before the hello, or after our close frame, counts like any other.
        (In::Envelope(header, text), Greeting | Active | Draining | Replaced | Stopping | Closing | Lingering) => To::Deliver(header, text),
        (In::Unreadable(error, message), Greeting | Active | Draining | Replaced | Stopping | Closing | Lingering) => To::Report(error, message),
        (In::SignOfLife, Greeting | Active | Draining | Replaced | Stopping | Closing | Lingering) => To::Stay,
        (In::Envelope(..) | In::Unreadable(..) | In::SignOfLife, Waiting | Opening | Dialing) => To::Stray,

        // The peer's close frame.
        (In::CloseFrame(code), Greeting) => fail(Error::ClosedBeforeHello, Retry::Backoff, End::answer(code)),
        (In::CloseFrame(code), Active) => lose(Reason::Closed { code }, Retry::AtOnce, End::answer(code)),
        // After a disconnect message, Slack usually closes the connection before we do.
        (In::CloseFrame(code), Replaced) => finish(Reason::Rotated, End::answer(code)),
        (In::CloseFrame(code), Draining | Stopping) => finish(Reason::Closed { code }, End::answer(code)),
        // Usually the answer to ours: the end of the stream follows, or the deadline.
        (In::CloseFrame(_), Closing) => To::CloseNow,
        (In::CloseFrame(_), Lingering) => To::End(End::TimedOut),
        (In::CloseFrame(_), Waiting | Opening | Dialing) => To::Stray,

        // The end of the stream.
        (In::Ended(closed), Opening) => fail(Error::OpenFailed(closed.detail()), Retry::Backoff, End::Gone),
        (In::Ended(closed), Dialing) => fail(Error::DialFailed(closed.detail()), Retry::Backoff, End::Gone),
        (In::Ended(_), Greeting) => fail(Error::ClosedBeforeHello, Retry::Backoff, End::Gone),
        (In::Ended(_), Active) => lose(Reason::Lost, Retry::AtOnce, End::Gone),
        (In::Ended(_), Draining | Replaced | Stopping) => finish(Reason::Lost, End::Gone),
        (In::Ended(_), Closing | Lingering) => To::End(End::Gone),
        (In::Ended(_), Waiting) => To::Stray,

        // Nothing came for too long, or nothing could be written.
        (In::Dead(_), Greeting) => fail(Error::HelloTimedOut, Retry::Backoff, End::Dead),
        (In::Dead(reason), Active) => lose(reason, Retry::AtOnce, End::Dead),
        (In::Dead(reason), Draining | Replaced | Stopping) => finish(reason, End::Dead),
        (In::QuietTooLong, Greeting | Active | Draining | Replaced | Stopping) => To::Ping,
        (In::Dead(_) | In::QuietTooLong, Waiting | Opening | Dialing | Closing | Lingering) => To::Stray,

        // The end of a drain.
        (In::Drained, Draining | Replaced) => finish(Reason::Rotated, End::NORMAL),
        (In::Drained, Stopping) => finish(Reason::Stopped, End::NORMAL),
        (In::MakeRoom, Draining | Replaced) => finish(Reason::MadeRoom, End::NORMAL),
        // Its successor was up and is lost.
        (In::DrainTimedOut, Draining) => To::DrainOn,
        (In::DrainTimedOut, Replaced) => finish(Reason::Rotated, End::NORMAL),
        (In::DrainTimedOut, Stopping) => finish(Reason::Stopped, End::NORMAL),
        (In::CloseTimedOut, Closing) => To::End(End::Unanswered),
        (In::LingerTimedOut, Lingering) => To::End(End::TimedOut),

        // A slot that is not needed any more.
        (In::Surplus, Waiting) => To::End(End::Gone),
        (In::Surplus, Opening | Dialing) => To::End(End::Abort),
        (In::Surplus, Greeting) => To::End(End::NORMAL),
        (In::Surplus, Active | Draining | Replaced) => finish(Reason::Surplus, End::NORMAL),
        (In::Surplus, Stopping | Closing | Lingering) => To::Stay,
        (In::Drained | In::MakeRoom | In::DrainTimedOut | In::CloseTimedOut | In::LingerTimedOut, _) => To::Stray,

        // The results of writes.
        (In::Written(write), Greeting | Active | Draining | Replaced | Stopping | Closing) => To::Settle(write),
        (In::NotWritten(write), Greeting | Active | Draining | Replaced | Stopping | Closing) => To::Reroute(write),
        // They went out elsewhere.
        (In::Written(_) | In::NotWritten(_), Lingering) => To::Stay,
        (In::Written(_) | In::NotWritten(_), Waiting | Opening | Dialing) => To::Stray,
    }
}

/// The state of a connection for the table: its phase, and what a draining connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Opening,
    Dialing,
    Greeting,
    Active,
    /// Draining, and its successor is not up yet.
    Draining,
    /// Draining, and its successor is up.
    Replaced,
    /// Draining, and the machine stops.
    Stopping,
    Closing,
    Lingering,
}

/// What happened to a connection: a decoded input, or a deadline.
#[derive(Debug)]
pub(super) enum Decoded<'a> {
    /// `apps.connections.open` returned this URL.
    Opened(SocketUrl),
    OpenError(OpenResponseError),
    OpenFailed(Detail),
    OpenTimedOut,
    Dialed,
    DialFailed(ConnectionError),
    DialTimedOut,
    /// The hello, and its text.
    Hello(Hello, &'a str),
    HelloTimedOut,
    Disconnect(DisconnectReason),
    /// An envelope, and its text.
    Envelope(Header<'a>, &'a Text),
    /// A message that cannot be understood.
    Unreadable(BadMessageError, &'a [u8]),
    /// A ping or a pong.
    SignOfLife,
    CloseFrame(Option<u16>),
    Ended(Closed<'a>),
    /// The connection gives no sign of life, or takes no writes.
    Dead(EndReason),
    /// It is time for a ping.
    QuietTooLong,
    /// A draining connection has nothing left to wait for.
    Drained,
    /// Its successor needs its room at Slack.
    MakeRoom,
    DrainTimedOut,
    CloseTimedOut,
    LingerTimedOut,
    /// Its slot is not needed any more.
    Surplus,
    Written(WriteId),
    NotWritten(WriteId),
}

/// What follows.
#[derive(Debug)]
pub(super) enum Transition<'a> {
    /// The input does not fit.
    Stray,
    /// Nothing.
    Stay,
    /// From `Opening` to `Dialing`.
    Dial(SocketUrl),
    /// From `Dialing` to `Greeting`.
    Greet,
    /// From `Greeting` to `Active`.
    Activate(Hello),
    /// From `Active` to `Draining`, with a successor.
    Rotate,
    /// It drains until the next successor is up.
    DrainOn,
    /// An attempt failed. Another attempt follows.
    Fail { error: ConnectionError, retry: Retry, end: End },
    /// An attempt failed, and further attempts would fail too. The machine stops.
    FailForGood(StopReason),
    /// An active connection is lost. An attempt follows.
    Lose { reason: EndReason, retry: Retry, end: End },
    /// A draining connection ends.
    Finish { reason: EndReason, end: End },
    /// The peer takes no more writes. Those that were not pulled go out elsewhere, and the close frame that waited for them
    /// goes out.
    CloseNow,
    /// A closing connection ends.
    End(End),
    /// The machine stops.
    Stop(StopReason),
    /// The application gets an envelope.
    Deliver(Header<'a>, &'a Text),
    /// The application is told of a message that cannot be understood.
    Report(BadMessageError, &'a [u8]),
    /// A ping goes out.
    Ping,
    /// The acknowledgements up to this write are written, and their deliveries settled.
    Settle(WriteId),
    /// The acknowledgements from this write on go out on another connection, and nothing more goes out on this one.
    Reroute(WriteId),
}

/// When to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    /// At once after the first failure since the last stable connection, else after a back-off.
    AtOnce,
    /// At once for the first few rotations since the last stable connection, else after a back-off.
    Eagerly,
    /// After a back-off.
    Backoff,
    /// After the time that Slack set. It applies to all slots.
    After(Duration),
    /// With back-off while no connection is up, else after the long back-off for `too_many_websockets`.
    TooMany,
}

/// How to end a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It is already gone.
    Gone,
    /// Drop it.
    Abort,
    /// Send a close frame with this code after the writes.
    Close(u16),
    /// Answer the peer's close frame. The peer takes no more writes.
    Answer(u16),
    /// The peer gives no sign of life: send a close frame behind what was pulled, for a network that comes back.
    Dead,
    /// The close timeout is over: keep the socket if the peer has not answered the close frame, else drop it.
    Unanswered,
    /// Drop it: there is nothing more to wait for.
    TimedOut,
}

impl End {
    pub(super) const NORMAL: Self = Self::Close(NORMAL_CLOSURE);

    fn answer(code: Option<u16>) -> Self {
        Self::Answer(code.unwrap_or(NORMAL_CLOSURE))
    }
}

/// A normal closure (RFC 6455, 7.4.1).
pub(super) const NORMAL_CLOSURE: u16 = 1000;

fn fail(error: ConnectionError, retry: Retry, end: End) -> Transition<'static> {
    Transition::Fail { error, retry, end }
}

fn lose(reason: EndReason, retry: Retry, end: End) -> Transition<'static> {
    Transition::Lose { reason, retry, end }
}

fn finish(reason: EndReason, end: End) -> Transition<'static> {
    Transition::Finish { reason, end }
}

fn answered(error: OpenResponseError) -> Transition<'static> {
    match error.stop_reason() {
        Some(reason) => Transition::FailForGood(reason),
        None => {
            let retry = error.retry_after.map_or(Retry::Backoff, Retry::After);
            fail(error.error, retry, End::Gone)
        }
    }
}

#[cfg(test)]
mod tests;
