//! Payloads that nobody here made up, from the folder that SOCKETMODE_SAMPLES names.

use serde_json::Value;

use crate::Kind;

/// The payloads of `payloads.jsonl` and of the envelopes of `envelopes.jsonl`; none without the variable.
pub(crate) fn all() -> Vec<Value> {
    let Some(folder) = std::env::var_os("SOCKETMODE_SAMPLES") else {
        println!("SOCKETMODE_SAMPLES names no folder: passing over the samples");
        return Vec::new();
    };
    let lines = |name| {
        let text =
            std::fs::read_to_string(std::path::Path::new(&folder).join(name)).expect("a file of samples");
        text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")).collect::<Vec<_>>()
    };
    let envelopes = lines("envelopes.jsonl").into_iter().map(|mut envelope| envelope["payload"].take());
    lines("payloads.jsonl").into_iter().chain(envelopes).collect()
}

#[test]
fn every_field_of_every_sample_is_what_the_json_says() {
    for payload in all() {
        let shown = Kind::of(&payload).check(&payload.to_string(), &payload).expect("it can be read");
        let secrets = [&payload["token"], &payload["response_url"], &payload["event"]["bot_access_token"]];
        let private = [&payload["text"], &payload["event"]["text"], &payload["view"]["private_metadata"]];
        for hidden in secrets.into_iter().chain(private).filter_map(Value::as_str) {
            assert!(hidden.is_empty() || !shown.contains(hidden), "{hidden} in {shown}");
        }
    }
    println!("{} samples read", all().len());
}
