//! The `response_url`s: each takes a few posts, for half an hour.

use super::State;
use crate::PostedMessage;
use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

/// So many times a `response_url` can be posted to
/// (<https://docs.slack.dev/interactivity/handling-user-interaction#message_responses>).
const USES: u32 = 5;
/// URLs remembered; older ones count as expired.
const KEPT_URLS: usize = 10_000;

/// The URLs, by the last part of their path.
#[derive(Default)]
pub(crate) struct ResponseUrls {
    known: BTreeMap<String, ResponseUrl>,
    order: VecDeque<String>,
}

/// Where the posts to one go.
#[derive(Debug, Clone)]
pub(crate) struct ResponseUrl {
    pub(crate) app_id: String,
    /// Who acted, and sees what is for one person.
    pub(crate) user: String,
    pub(crate) channel: String,
    /// The message that it was done in.
    pub(crate) target: Option<Target>,
    issued: Instant,
    uses: u32,
}

/// A message that can be replaced by way of a `response_url`.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) ts: String,
    pub(crate) thread_ts: Option<String>,
}

impl Target {
    pub(crate) fn of(message: &PostedMessage) -> Self {
        Self { ts: message.ts.clone(), thread_ts: message.thread_ts.clone() }
    }
}

impl State {
    /// A new `response_url`.
    pub(crate) fn response_url(
        &mut self,
        app_id: &str,
        user: &str,
        channel: &str,
        target: Option<Target>,
    ) -> String {
        let key = self.serial.hex();
        let urls = &mut self.response_urls;
        if urls.order.len() >= KEPT_URLS {
            if let Some(oldest) = urls.order.pop_front() {
                urls.known.remove(&oldest);
            }
        }
        let url = ResponseUrl {
            app_id: app_id.to_owned(),
            user: user.to_owned(),
            channel: channel.to_owned(),
            target,
            issued: Instant::now(),
            uses: 0,
        };
        urls.known.insert(key.clone(), url);
        urls.order.push_back(key.clone());
        format!("{}/response/{key}", self.origin)
    }

    /// Where a post to the `response_url` with this key goes; it is one of the few.
    ///
    /// # Errors
    ///
    /// The code of Slack: `expired_url` or `used_url`.
    pub(crate) fn respond(&mut self, key: &str) -> Result<ResponseUrl, &'static str> {
        let lifetime = self.options.response_url_lifetime;
        let url = self.response_urls.known.get_mut(key).ok_or("expired_url")?;
        if url.issued.elapsed() > lifetime && !self.options.lenient {
            return Err("expired_url");
        }
        if url.uses >= USES && !self.options.lenient {
            return Err("used_url");
        }
        url.uses += 1;
        Ok(url.clone())
    }

    /// From now on this message is the one that a `response_url` replaces.
    pub(crate) fn retarget(&mut self, key: &str, target: Target) {
        if let Some(url) = self.response_urls.known.get_mut(key) {
            url.target = Some(target);
        }
    }
}
