//! What records take of the memory.

use super::Script;
use crate::record::{Ack, Call, DialRecord, FrameRecord, OpenRecord};
use crate::{CallAnswer, DialAnswer, OpenAnswer};
use serde_json::{Map, Value};

/// What a record takes of the memory.
pub(crate) trait Weigh {
    /// Its bytes, those behind its pointers included; rather too many than too few.
    fn weigh(&self) -> usize;

    /// Takes away what makes it heavy, and says so in its place.
    fn shorten(&mut self);
}

impl Weigh for FrameRecord {
    fn weigh(&self) -> usize {
        size_of::<Self>() + self.bytes.len()
    }

    fn shorten(&mut self) {
        self.bytes = mark(self.bytes.len()).into();
    }
}

impl Weigh for Call {
    fn weigh(&self) -> usize {
        let error = self.error.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.method.len() + error + behind(&self.body)
    }

    fn shorten(&mut self) {
        self.body = mark(behind(&self.body)).into();
    }
}

impl Weigh for Ack {
    fn weigh(&self) -> usize {
        size_of::<Self>() + self.envelope_id.as_str().len() + self.payload.as_ref().map_or(0, behind)
    }

    fn shorten(&mut self) {
        if let Some(payload) = &mut self.payload {
            *payload = mark(behind(payload)).into();
        }
    }
}

impl Weigh for OpenRecord {
    fn weigh(&self) -> usize {
        size_of::<Self>() + self.app_id.as_ref().map_or(0, String::len) + self.outcome.weigh()
    }

    fn shorten(&mut self) {
        self.outcome.shorten();
    }
}

impl Weigh for OpenAnswer {
    fn weigh(&self) -> usize {
        let behind = match self {
            Self::Error(text) | Self::Redirect(text) | Self::Body(text) => text.len(),
            Self::Status(_, headers, body) => {
                let text = |(name, value): &(String, String)| name.len() + value.len();
                size_of_val(headers.as_slice()) + headers.iter().map(text).sum::<usize>() + body.len()
            }
            Self::Delay(_, then) => then.weigh(),
            Self::Link | Self::RateLimited { .. } | Self::HugeBody(_) | Self::Hang | Self::Drop => 0,
        };
        size_of::<Self>() + behind
    }

    fn shorten(&mut self) {
        let bytes = self.weigh();
        match self {
            Self::Error(text) | Self::Redirect(text) | Self::Body(text) => *text = mark(bytes),
            Self::Status(_, headers, body) => (*headers, *body) = (Vec::new(), mark(bytes)),
            Self::Delay(_, then) => then.shorten(),
            Self::Link | Self::RateLimited { .. } | Self::HugeBody(_) | Self::Hang | Self::Drop => {}
        }
    }
}

impl Weigh for DialRecord {
    fn weigh(&self) -> usize {
        size_of::<Self>() + self.outcome.weigh()
    }

    fn shorten(&mut self) {
        self.outcome.shorten();
    }
}

impl Weigh for DialAnswer {
    fn weigh(&self) -> usize {
        let behind = match self {
            Self::WithoutHello(text) | Self::HelloThen(text) => text.len(),
            Self::Delay(_, then) => then.weigh(),
            Self::Link | Self::Status(_) | Self::Hang | Self::Drop | Self::NoHello => 0,
        };
        size_of::<Self>() + behind
    }

    fn shorten(&mut self) {
        let bytes = self.weigh();
        match self {
            Self::WithoutHello(text) | Self::HelloThen(text) => *text = mark(bytes),
            Self::Delay(_, then) => then.shorten(),
            Self::Link | Self::Status(_) | Self::Hang | Self::Drop | Self::NoHello => {}
        }
    }
}

impl Script {
    /// The bytes of the answers to opens and calls that wait.
    pub(crate) fn bytes(&self) -> usize {
        let opens = self.opens.iter().map(OpenAnswer::bytes);
        let calls = self.calls.values().flatten().map(CallAnswer::bytes);
        opens.chain(calls).sum()
    }
}

impl OpenAnswer {
    pub(crate) fn bytes(&self) -> usize {
        self.weigh()
    }
}

impl CallAnswer {
    pub(crate) fn bytes(&self) -> usize {
        let text = |(name, value): &(String, String)| name.len() + value.len();
        let headers = size_of_val(self.headers.as_slice()) + self.headers.iter().map(text).sum::<usize>();
        size_of::<Self>() + headers + behind(&self.body)
    }
}

/// What stands in the place of so many bytes.
fn mark(bytes: usize) -> String {
    format!("<{bytes} bytes are not kept>")
}

/// The bytes behind a value's pointers.
pub(super) fn behind(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        // A vector that grew may have room for twice as many.
        Value::Array(values) => 2 * size_of_val(values.as_slice()) + values.iter().map(behind).sum::<usize>(),
        Value::Object(fields) => behind_map(fields),
    }
}

fn behind_map(fields: &Map<String, Value>) -> usize {
    /// A node of a map has room for so many fields.
    const NODE: usize = 11;
    /// So many of them are used at least where there is more than one node.
    const USED: usize = 5;
    let nodes = fields.len().div_ceil(USED);
    let room = nodes * NODE * (size_of::<String>() + size_of::<Value>());
    room + fields.iter().map(|(name, value)| name.len() + behind(value)).sum::<usize>()
}

#[cfg(test)]
#[path = "weigh_tests.rs"]
mod tests;
