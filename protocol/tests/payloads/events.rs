//! The table of events against its samples: one of each type, in the shape that Slack sends.

use serde_json::{Map, Value, json};
use socketmode_protocol::payload::*;

use crate::mutate::{Random, scalars};

const MUTATIONS: usize = 10_000;

/// The samples, an event each.
pub(crate) fn samples() -> Vec<Value> {
    let files = [
        include_str!("samples/agents.jsonl"),
        include_str!("samples/apps.jsonl"),
        include_str!("samples/channels.jsonl"),
        include_str!("samples/files.jsonl"),
        include_str!("samples/messages.jsonl"),
        include_str!("samples/shared_channels.jsonl"),
        include_str!("samples/teams.jsonl"),
        include_str!("samples/users.jsonl"),
        include_str!("samples/workflows.jsonl"),
    ];
    files.iter().flat_map(|file| file.lines()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The event of a callback around it, if the callback can be read.
fn read(event: &Value) -> Option<InnerEvent> {
    let callback = json!({ "type": "event_callback", "event_id": "Ev1", "event": event });
    serde_json::from_str::<EventCallback>(&callback.to_string()).ok().map(|callback| callback.event)
}

/// What is typed of it.
fn typed(event: &InnerEvent) -> Value {
    plain(serde_json::from_str(&event.to_json()).unwrap())
}

/// Without what means nothing, and with one form for what means the same: a number is its text.
fn plain(value: Value) -> Value {
    let means = |value: &Value| {
        !(value.is_null()
            || *value == json!(false)
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(Map::is_empty))
    };
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, plain(value)));
            Value::Object(fields.filter(|(_, value)| means(value)).collect())
        }
        Value::Array(elements) => Value::Array(elements.into_iter().map(plain).collect()),
        Value::Number(number) => number.to_string().into(),
        other => other,
    }
}

#[test]
fn every_event_of_the_table_has_a_sample() {
    let samples = samples();
    for kind in InnerEvent::KINDS {
        assert!(samples.iter().any(|sample| sample["type"] == **kind), "there is no sample of {kind}");
    }
    assert_eq!(InnerEvent::KINDS.len(), 90);
}

#[test]
fn every_field_of_every_sample_is_typed() {
    for sample in samples() {
        let event = read(&sample).unwrap();
        assert_eq!(event.kind(), sample["type"].as_str().unwrap());
        assert!(!matches!(event, InnerEvent::Other { .. }), "{event:?}");
        assert_eq!(typed(&event), plain(sample.clone()));
        assert_eq!(event.raw_json(), sample.to_string());
    }
}

#[test]
fn an_event_that_a_test_makes_is_read_back() {
    for sample in samples() {
        let made = read(&sample).unwrap();
        let again = serde_json::from_str::<InnerEvent>(&made.to_json()).unwrap();
        assert_eq!(again.to_json(), made.to_json());
    }
    let mention =
        AppMention { user: Some("U1".into()), text: Some("a\"\\\n\u{1}é".into()), ..AppMention::default() };
    let read: AppMention = serde_json::from_str(&mention.to_json()).unwrap();
    assert_eq!((read.user, read.text), (mention.user, mention.text));
    let callback = EventCallback {
        kind: "event_callback".into(),
        event: ReactionAdded { reaction: Some("eyes".into()), ..ReactionAdded::default() }.into(),
        ..EventCallback::default()
    };
    let wire = callback.to_json();
    assert_eq!(wire, r#"{"type":"event_callback","event":{"type":"reaction_added","reaction":"eyes"}}"#);
}

#[test]
fn no_sample_shows_what_people_wrote() {
    for sample in samples() {
        let shown = format!("{:?}", read(&sample).unwrap());
        assert!(!shown.contains("SECRET") && !shown.contains("PRIVATE"), "{shown}");
    }
}

#[test]
fn damage_to_a_field_costs_no_other_and_no_event() {
    let mut random = Random::new(11, scalars());
    let samples = samples();
    let mut lost = 0;
    for _ in 0..MUTATIONS {
        let sample = &samples[random.below(samples.len())];
        let mut damaged = sample.clone();
        let path = damage(&mut damaged, &mut random);
        let Some(event) = read(&damaged) else {
            lost += 1;
            continue;
        };
        if path == ["type"] {
            // Another type is another event, and none has no name.
            let readable = damaged["type"].is_string() || damaged["type"].is_number();
            assert_eq!(event == InnerEvent::Missing, !readable, "{damaged}");
            continue;
        }
        lost += usize::from(event == InnerEvent::Missing);
        let (mut before, mut after) = (typed(&read(sample).unwrap()), typed(&event));
        remove(&mut before, &path);
        remove(&mut after, &path);
        assert_eq!(plain(before), plain(after), "{path:?} of {damaged}");
    }
    assert_eq!(lost, 0);
}

/// Changes or removes one value, and gives the way to it, as far as it leads through objects.
fn damage(value: &mut Value, random: &mut Random) -> Vec<String> {
    let Value::Object(fields) = value else {
        *value = random.value();
        return Vec::new();
    };
    if fields.is_empty() {
        *value = random.value();
        return Vec::new();
    }
    let at = random.below(fields.len());
    let name = fields.keys().nth(at).unwrap().clone();
    let mut path = vec![name.clone()];
    let field = &mut fields[&name];
    match random.below(4) {
        0 => drop(fields.remove(&name)),
        1 => *field = random.value(),
        _ if field.is_object() => path.extend(damage(field, random)),
        _ => match field.as_array_mut() {
            Some(elements) if !elements.is_empty() => {
                let at = random.below(elements.len());
                damage(&mut elements[at], random);
            }
            _ => *field = random.value(),
        },
    }
    path
}

fn remove(value: &mut Value, path: &[String]) {
    match path {
        [] => *value = Value::Null,
        [last] => drop(value.as_object_mut().and_then(|fields| fields.remove(last))),
        [first, rest @ ..] => {
            if let Some(inner) = value.get_mut(first) {
                remove(inner, rest);
            }
        }
    }
}

#[test]
fn the_ids_of_an_event_are_one_call_away() {
    let find = |kind: &str| {
        let sample = samples().into_iter().find(|sample| sample["type"] == kind).unwrap();
        read(&sample).unwrap()
    };
    for (kind, user, channel) in [
        ("app_mention", Some("U1"), Some("C1")),
        ("assistant_thread_started", Some("U1"), Some("D1")),
        ("channel_created", None, Some("C1")),
        ("channel_left", Some("U2"), Some("C1")),
        ("file_shared", Some("U1"), Some("C1")),
        ("reaction_added", Some("U1"), Some("C1")),
        ("team_join", Some("U1"), None),
        ("app_requested", Some("U1"), None),
        ("pin_added", Some("U1"), Some("C1")),
        ("shared_channel_invite_accepted", Some("U2"), Some("C1")),
        ("team_rename", None, None),
    ] {
        let event = find(kind);
        assert_eq!((event.user_id(), event.channel_id()), (user, channel), "{kind}");
        let callback = EventCallback { event: event.clone(), ..EventCallback::default() };
        assert_eq!((callback.user_id(), callback.channel_id()), (user, channel), "{kind}");
    }
    let InnerEvent::FileShared(shared) = find("file_shared") else { panic!("it is of another type") };
    assert_eq!((shared.user_id(), shared.channel_id()), (Some("U1"), Some("C1")));
}

#[test]
fn an_event_is_found_by_its_rust_type() {
    fn is<E: TypedEvent>(event: &InnerEvent) -> bool {
        assert_eq!(E::try_from_inner(event.clone()).is_ok(), E::from_inner(event).is_some());
        E::from_inner(event).is_some()
    }
    let event = InnerEvent::from(PinAdded::default());
    assert!(is::<PinAdded>(&event) && !is::<PinRemoved>(&event) && !is::<MessageEvent>(&event));
    assert_eq!(PinAdded::KIND, "pin_added");
    assert_eq!(event.kind(), "pin_added");
    assert!(is::<MessageEvent>(&MessageEvent::default().into()));
}
