use super::{Weigh, behind};
use crate::record::{Ack, Call, DialRecord, Direction, FrameRecord, LinkId, OpenRecord, TokenKind};
use crate::state::views::View;
use crate::{DialAnswer, EnvelopeId, Opcode, OpenAnswer};
use serde_json::json;
use std::fmt::Debug;
use std::time::Duration;

#[test]
fn values_weigh_what_they_take() {
    assert_eq!([json!(null), json!(1.5), json!("four")].map(|value| behind(&value)), [0, 0, 4]);
    // Small things in a large number take far more than their text.
    let empty = vec![json!([]); 1_000];
    assert!(behind(&json!(empty)) >= 1_000 * size_of::<serde_json::Value>());
    let objects = vec![json!({"a": 0}); 1_000];
    assert!(behind(&json!(objects)) >= 1_000 * 11 * size_of::<serde_json::Value>());
}

/// How many bytes of a heavy part are more than is left of it.
const HEAVY: usize = 10_000;

fn heavy() -> String {
    "x".repeat(HEAVY)
}

fn is_shortened<T: Weigh + Debug>(mut record: T) -> String {
    assert!(record.weigh() > HEAVY, "{record:?}");
    record.shorten();
    let shown = format!("{record:?}");
    assert!(record.weigh() < HEAVY && !shown.contains("xxx"), "{shown}");
    shown
}

#[test]
fn a_shortened_record_says_so_where_something_is_missing() {
    let at = Duration::ZERO;
    let (link, payload) = (LinkId(1), Some(json!([heavy()])));
    let bytes = heavy().into();
    let frame = FrameRecord { link, direction: Direction::ToClient, opcode: Opcode::Text, bytes, at };
    let method = "chat.postMessage".into();
    let call = Call { method, token_kind: TokenKind::Bot, body: json!([heavy()]), error: None, at };
    let envelope_id = EnvelopeId::new("1");
    let (on_carrier, after, delivery) = (true, at, 1);
    let ack = Ack { envelope_id, payload, link, on_carrier, after, delivery, at };
    let open = |outcome| is_shortened(OpenRecord { at, app_id: None, outcome });
    let dial = |outcome| is_shortened(DialRecord { at, outcome });
    let headers = vec![("x".to_owned(), heavy())];
    for shown in [
        is_shortened(frame),
        is_shortened(call),
        is_shortened(ack),
        open(OpenAnswer::Error(heavy())),
        open(OpenAnswer::Redirect(heavy())),
        open(OpenAnswer::Body(heavy())),
        open(OpenAnswer::Status(200, headers, String::new())),
        open(OpenAnswer::Delay(at, Box::new(OpenAnswer::Body(heavy())))),
        dial(DialAnswer::WithoutHello(heavy())),
        dial(DialAnswer::Delay(at, Box::new(DialAnswer::HelloThen(heavy())))),
    ] {
        assert!(shown.contains("bytes are not kept>"), "{shown}");
    }
}

#[test]
fn a_shortened_view_can_still_be_submitted() {
    let fields = json!({"id": "V1", "callback_id": "form", "private_metadata": "", "blocks": [heavy()]});
    let mut view = View { fields, user: "U1".into(), is_open: true };
    assert!(view.weigh() > HEAVY);
    view.shorten();
    assert_eq!(view.fields, json!({"id": "V1", "callback_id": "form", "private_metadata": ""}));
}
