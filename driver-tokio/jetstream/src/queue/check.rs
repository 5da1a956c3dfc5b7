//! What a stream and its consumers must have, so that nothing is lost without a word.

use async_nats::jetstream::consumer::{self, AckPolicy, pull};
use async_nats::jetstream::stream::{Config, DiscardPolicy, StorageType};

/// A setting of a stream or a consumer that is weaker than asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {setting} is {found}, and must be {wanted}, because {why}. Fix it with: {fix}")]
pub struct Weakness {
    /// The stream or the consumer.
    pub place: String,
    /// The setting.
    pub setting: &'static str,
    /// What it is.
    pub found: String,
    /// What it must be.
    pub wanted: String,
    /// What happens otherwise.
    pub why: &'static str,
    /// What to do.
    pub fix: String,
}

const RECREATE: &str = "drain it (stop the gateway, wait until the workers have emptied it), then delete it: the gateway creates it anew";

/// The largest message that must fit. Envelopes of 67 KB have been seen; Slack documents no maximum.
const MESSAGE_BYTES: usize = 1 << 20;

pub(super) fn server(max_payload: usize) -> Result<(), Box<Weakness>> {
    if max_payload >= MESSAGE_BYTES {
        return Ok(());
    }
    Err(Box::new(Weakness {
        place: "the NATS server".to_owned(),
        setting: "max_payload",
        found: max_payload.to_string(),
        wanted: format!("{MESSAGE_BYTES} or more"),
        why: "a large envelope could not be stored",
        fix: "max_payload: 1MB in its configuration".to_owned(),
    }))
}

pub(super) fn stream(wanted: &Config, found: &Config) -> Result<(), Box<Weakness>> {
    let name = &wanted.name;
    let edit = |flag: &str| format!("nats stream edit {name} {flag}");
    let weak = |setting, found: String, wanted: String, why, fix: String| {
        let place = format!("the stream {name}");
        Err(Box::new(Weakness { place, setting, found, wanted, why, fix }))
    };
    if found.num_replicas < wanted.num_replicas {
        return weak(
            "replicas",
            found.num_replicas.to_string(),
            format!("{} or more", wanted.num_replicas),
            "an acknowledged request would be lost with one server",
            edit(&format!("--replicas {}", wanted.num_replicas)) + " (or, for development, --allow-single)",
        );
    }
    if found.storage != StorageType::File {
        let why = "what is in memory is lost with the server";
        return weak("storage", "memory".into(), "file".into(), why, RECREATE.into());
    }
    if found.discard != DiscardPolicy::New {
        let why = "a full stream would drop its oldest requests, which Slack does not send again";
        return weak("discard", "old".into(), "new".into(), why, edit("--discard new"));
    }
    if found.retention != wanted.retention {
        let why = "a handled request would stay, or one that waits would go";
        let (is, must) = (format!("{:?}", found.retention), format!("{:?}", wanted.retention));
        return weak("retention", is, must, why, RECREATE.into());
    }
    let is_shorter = |found: std::time::Duration, wanted| !found.is_zero() && found < wanted;
    if found.duplicate_window < wanted.duplicate_window {
        return weak(
            "duplicate_window",
            format!("{:?}", found.duplicate_window),
            format!("{:?} or more", wanted.duplicate_window),
            "an event that Slack sends again would be handled twice",
            edit(&format!("--dupe-window {}s", wanted.duplicate_window.as_secs())),
        );
    }
    if is_shorter(found.max_age, wanted.max_age) {
        return weak(
            "max_age",
            format!("{:?}", found.max_age),
            format!("{:?} or more", wanted.max_age),
            "requests would be gone before a worker comes",
            edit(&format!("--max-age {}s", wanted.max_age.as_secs())),
        );
    }
    if found.max_messages_per_subject > 0 {
        return weak(
            "max_msgs_per_subject",
            found.max_messages_per_subject.to_string(),
            "unlimited".into(),
            "all requests have the same few subjects",
            edit("--max-msgs-per-subject=-1"),
        );
    }
    let message_size = usize::try_from(found.max_message_size).unwrap_or(0);
    if message_size > 0 && message_size < MESSAGE_BYTES {
        return weak(
            "max_msg_size",
            message_size.to_string(),
            "unlimited".into(),
            "a large envelope could not be stored",
            edit("--max-msg-size=-1"),
        );
    }
    if found.max_bytes <= 0 {
        let why = "the disk of the servers would be the limit";
        return weak("max_bytes", "unlimited".into(), "a size".into(), why, edit("--max-bytes 1GiB"));
    }
    if found.no_ack || found.sealed {
        let why = "nobody would know whether a request is stored";
        return weak("no_ack or sealed", "set".into(), "not set".into(), why, RECREATE.into());
    }
    let sorted = |config: &Config| {
        let mut subjects = config.subjects.clone();
        subjects.sort();
        subjects
    };
    if sorted(found) != sorted(wanted) {
        return weak(
            "subjects",
            found.subjects.join(","),
            wanted.subjects.join(","),
            "the gateway and the workers must have the same order and the same number of partitions",
            RECREATE.into(),
        );
    }
    Ok(())
}

pub(super) fn consumer(
    stream: &str,
    wanted: &pull::Config,
    found: &consumer::Config,
) -> Result<(), Box<Weakness>> {
    let name = wanted.durable_name.clone().unwrap_or_default();
    let fix =
        format!("nats consumer rm {stream} {name} (what waits in the stream stays; it is created anew)");
    let weak = |setting, found: String, wanted: String, why| {
        let place = format!("the consumer {name} of {stream}");
        Err(Box::new(Weakness { place, setting, found, wanted, why, fix: fix.clone() }))
    };
    if found.ack_policy != AckPolicy::Explicit {
        let why = "a request would count as handled before it is";
        return weak("ack_policy", format!("{:?}", found.ack_policy), "explicit".into(), why);
    }
    if found.filter_subject != wanted.filter_subject {
        let why = "it would have the requests of another kind";
        return weak("filter_subject", found.filter_subject.clone(), wanted.filter_subject.clone(), why);
    }
    if found.max_deliver > 0 {
        let why = "after that many attempts a request would wait unseen, without a dead letter";
        return weak("max_deliver", found.max_deliver.to_string(), "unlimited".into(), why);
    }
    if found.ack_wait != wanted.ack_wait {
        let why = "the workers say that they live by the time that they know";
        return weak("ack_wait", format!("{:?}", found.ack_wait), format!("{:?}", wanted.ack_wait), why);
    }
    if wanted.max_ack_pending == 1 && found.max_ack_pending != 1 {
        let why = "two workers could handle requests with the same key at a time";
        return weak("max_ack_pending", found.max_ack_pending.to_string(), "1".into(), why);
    }
    if found.memory_storage || found.headers_only || found.deliver_subject.is_some() {
        let why = "it would forget what was handled, or leave out the request";
        return weak("memory_storage, headers_only or deliver_subject", "set".into(), "not set".into(), why);
    }
    if !found.inactive_threshold.is_zero() {
        let why = "it would be deleted while no worker is up";
        return weak("inactive_threshold", format!("{:?}", found.inactive_threshold), "none".into(), why);
    }
    Ok(())
}
