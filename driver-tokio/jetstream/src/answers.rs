//! What a worker and a gateway say to each other about the answer to one request.
//!
//! The worker sends a NATS request to the subject in the header [`ANSWER_TO`](names::ANSWER_TO): the header
//! [`ANSWER`](names::ANSWER) says what it is, the body is the response payload. The reply is a [`Verdict`] as JSON.

use async_nats::HeaderMap;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::headers::{self, names};

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Acknowledge, with this response payload.
    Answer(Option<String>),
    /// Do not acknowledge: Slack shows its error.
    Declined,
    /// Is anybody still waiting?
    Ask,
}

/// What the gateway replies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub(crate) enum Verdict {
    /// It has gone out to Slack in time, or was declined as asked.
    Sent,
    /// The gateway has acknowledged plainly before: use the `response_url`.
    Late,
    /// It could not be sent while Slack waited.
    Lost,
    /// Slack would not take it.
    Refused { reason: String },
    /// Somebody waits for an answer.
    Open,
}

impl Said {
    pub(crate) fn encode(&self) -> (HeaderMap, Bytes) {
        let (word, body) = match self {
            Self::Answer(Some(payload)) => ("answer", Bytes::from(payload.clone())),
            Self::Answer(None) => ("plain", Bytes::new()),
            Self::Declined => ("declined", Bytes::new()),
            Self::Ask => ("ask", Bytes::new()),
        };
        let mut headers = HeaderMap::new();
        headers.insert(names::ANSWER, word);
        (headers, body)
    }

    pub(crate) fn decode(headers: Option<&HeaderMap>, body: &[u8]) -> Option<Self> {
        match headers::get(headers, names::ANSWER)? {
            "answer" => Some(Self::Answer(Some(std::str::from_utf8(body).ok()?.to_owned()))),
            "plain" => Some(Self::Answer(None)),
            "declined" => Some(Self::Declined),
            "ask" => Some(Self::Ask),
            _ => None,
        }
    }
}

impl Verdict {
    pub(crate) fn encode(&self) -> Bytes {
        serde_json::to_vec(self).unwrap_or_default().into()
    }

    pub(crate) fn decode(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_read_as_it_was_written() {
        for said in [Said::Answer(Some("{}".into())), Said::Answer(None), Said::Declined, Said::Ask] {
            let (headers, body) = said.encode();
            assert_eq!(Said::decode(Some(&headers), &body), Some(said));
        }
        assert_eq!(Said::decode(None, b"{}"), None);
        let refused = Verdict::Refused { reason: "too large".into() };
        for verdict in [Verdict::Sent, Verdict::Late, Verdict::Lost, Verdict::Open, refused] {
            assert_eq!(Verdict::decode(&verdict.encode()), Some(verdict));
        }
        assert_eq!(Verdict::decode(b"what?"), None);
    }
}
