//! Everything that went over the wire, in order.

use serde_json::{Value, json};
use socketmode_simulator::{Call, Direction, FrameRecord, Opcode, Simulator, TokenKind};

/// Reads on in the records of a Slack that sends no pings.
#[derive(Default)]
pub(crate) struct Transcript {
    frames: usize,
    calls: usize,
}

impl Transcript {
    /// What is new after the greeting: first the frames, both ways, then the calls. Those go over two
    /// connections: which of a frame and a call came first is chance where the bot did not wait in between.
    pub(crate) fn new_lines(&mut self, slack: &Simulator) -> Vec<Value> {
        let (frames, calls) = (slack.frames(), slack.calls());
        let greeting = frames.first().map(frame);
        assert_eq!(greeting, Some(json!({ "slack": "hello", "id": null })));
        let new_frames = frames[self.frames.max(1)..].iter().map(frame);
        let new = new_frames.chain(calls[self.calls..].iter().map(call)).collect();
        (self.frames, self.calls) = (frames.len(), calls.len());
        new
    }
}

/// The bot's as it is; of Slack's what it is.
fn frame(frame: &FrameRecord) -> Value {
    let from_bot = frame.direction == Direction::FromClient;
    let text = (frame.opcode == Opcode::Text).then(|| serde_json::from_slice::<Value>(&frame.bytes).unwrap());
    match text {
        Some(text) if from_bot => json!({ "bot": text }),
        Some(text) => json!({ "slack": text["type"], "id": text["envelope_id"] }),
        None => json!({ if from_bot { "bot" } else { "slack" }: format!("{:?}", frame.opcode) }),
    }
}

fn call(call: &Call) -> Value {
    assert_eq!(call.error, None, "{call:?}");
    let token = if call.method == "response_url" { TokenKind::None } else { TokenKind::Bot };
    assert_eq!(call.token_kind, token, "{call:?}");
    json!({ "call": call.method, "with": call.body })
}
