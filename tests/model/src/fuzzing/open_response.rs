//! Any answer of `apps.connections.open`.

use std::time::Duration;

use socketmode_protocol::limits::{MAX_DETAIL_BYTES, RETRY_AFTER_CAP, RETRY_AFTER_FLOOR};
use socketmode_protocol::{
    Action, Config, Instant, OpenResponse, SocketUrl, delay_seconds, read_open_response,
};

use crate::output::Output;

use super::{must, take_now, wake};
use crate::choice::{Bytes, Choice};
use crate::step::{Call, OwnedInput};
use crate::subject::Subject;

/// The bytes are a status, the length of a `Retry-After`, 255 for none, that header, and the body.
pub fn open_response(bytes: &[u8]) {
    let mut choice = Bytes::new(bytes);
    let status = u16::try_from(choice.below(65_536)).unwrap();
    let length = usize::try_from(choice.below(256)).unwrap();
    let rest = choice.rest();
    let (retry_after, body) = match length {
        255 => (None, rest),
        length => {
            let (header, body) = rest.split_at(length.min(rest.len()));
            (Some(String::from_utf8_lossy(header).into_owned()), body)
        }
    };
    read(OpenResponse { status, retry_after: retry_after.as_deref(), body });
    answer(OwnedInput::Opened { status, retry_after, body: body.into() });
}

/// What the answer means, said by whoever opens without a machine.
fn read(response: OpenResponse<'_>) {
    let strict = read_open_response(&Config::default(), response);
    let lenient = Config { allow_plain_ws: true, debug_reconnects: true, ..Config::default() };
    match (strict, read_open_response(&lenient, response)) {
        (Ok(url), lenient) => {
            assert!((200..300).contains(&response.status));
            assert!(lenient.is_ok_and(|url| url.expose_secret().contains("debug_reconnects=true")));
            assert!(url.is_slacks() && url.is_encrypted(), "{url:?}");
            check_host(&url);
        }
        (Err(error), _) => {
            let asked = response.retry_after.and_then(delay_seconds).map(Duration::from_secs);
            let bounded = asked.map(|asked| asked.clamp(RETRY_AFTER_FLOOR, RETRY_AFTER_CAP));
            assert_eq!(error.retry_after, bounded);
            // What Slack says is cut, and then shown with escapes: `\u{7f}` for a byte.
            assert!(error.to_string().len() < 6 * MAX_DETAIL_BYTES + 512, "{error}");
        }
    }
}

/// Whoever dials reads the same host and port out of it as were checked.
fn check_host(url: &SocketUrl) {
    if let Ok(uri) = url.expose_secret().parse::<http::Uri>() {
        assert!(uri.host().is_some_and(|host| host == url.host()), "{url:?} is dialed at {uri}");
        assert!(uri.port_u16().is_none_or(|port| port == url.port()), "{url:?} is dialed at {uri}");
        assert_eq!(uri.scheme_str(), Some(if url.is_encrypted() { "wss" } else { "ws" }));
    }
}

/// What a machine does with it, from the answer until the next connection opens.
fn answer(input: OwnedInput) {
    let (mut subject, _) = must(Subject::new(&Config::default(), 7, Instant::ZERO));
    subject.let_the_peer_say_anything();
    for _ in 0..3 {
        let Some(status) = subject.machine().connections().next() else { break };
        let outputs = take_now(&mut subject, Call::Input(status.connection, input.clone()));
        // Slack gives a URL once, and so does this.
        if outputs.iter().any(|output| matches!(output, Output::Action { action: Action::Dial { .. }, .. })) {
            break;
        }
        wake(&mut subject);
    }
    must(subject.replay());
}
