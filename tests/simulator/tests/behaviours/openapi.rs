//! `openapi.json` says what the control API does: the fields it takes, the examples, the fields of its answers.

use super::client::{call, connect, receive, start};
use super::control::{get, refused};
use serde_json::{Map, Value, json};
use socketmode_simulator::{CHANNEL, Simulator};
use std::collections::BTreeSet;

async fn description(slack: &Simulator) -> Value {
    get(slack, "openapi.json").await.json()
}

/// Each POST: the path below the prefix, its names filled in, and what is said of it.
fn posts(description: &Value) -> Vec<(String, Value)> {
    let paths = description["paths"].as_object().unwrap();
    let posts = paths.iter().filter_map(|(path, methods)| Some((path, methods.get("post")?)));
    posts
        .map(|(path, post)| {
            let mut path = path.strip_prefix("/_control/").unwrap().to_owned();
            for part in post["parameters"].as_array().into_iter().flatten() {
                let name = format!("{{{}}}", part["name"].as_str().unwrap());
                path = path.replace(&name, part["example"].as_str().unwrap());
            }
            (path, post.clone())
        })
        .collect()
}

fn resolved<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => description.pointer(reference.trim_start_matches('#')).expect(reference),
        None => schema,
    }
}

/// What is wrong with a value, by the parts of a schema that are used here.
fn misfits(description: &Value, schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let schema = resolved(description, schema);
    let mut wrong = Vec::new();
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = choices.iter().any(|choice| misfits(description, choice, value, path).is_empty());
        let kind =
            |choice: &&Value| resolved(description, choice)["properties"]["kind"]["const"] == value["kind"];
        if !fits {
            let choice = choices.iter().find(kind);
            wrong.push(format!("{path}: none fits {value}"));
            wrong.extend(choice.map(|choice| misfits(description, choice, value, path)).unwrap_or_default());
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |kind: &&str| match *kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is not known here"),
    };
    if !kinds.is_empty() && !kinds.iter().any(is) {
        wrong.push(format!("{path}: {value} is none of {kinds:?}"));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        wrong.push(format!("{path}: {value} is not {}", schema["const"]));
    }
    if schema["enum"].as_array().is_some_and(|all| !all.contains(value)) {
        wrong.push(format!("{path}: {value} is none of {}", schema["enum"]));
    }
    let empty = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    if let Some(fields) = value.as_object() {
        for (name, value) in fields {
            let path = format!("{path}.{name}");
            match (properties.get(name), &schema["additionalProperties"]) {
                (Some(schema), _) => wrong.extend(misfits(description, schema, value, &path)),
                (None, Value::Bool(true)) => {}
                (None, schema @ Value::Object(_)) => wrong.extend(misfits(description, schema, value, &path)),
                (None, _) if kinds.contains(&"object") => wrong.push(format!("{path} is not described")),
                (None, _) => {}
            }
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                wrong.push(format!("{path}.{name} is missing"));
            }
        }
    }
    for (index, value) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(schema) = schema.get("items") {
            wrong.extend(misfits(description, schema, value, &format!("{path}[{index}]")));
        }
    }
    wrong
}

fn answer_schema(operation: &Value) -> &Value {
    &operation["responses"]["200"]["content"]["application/json"]["schema"]
}

#[tokio::test]
async fn every_body_takes_the_fields_that_are_described() {
    let slack = start();
    let description = description(&slack).await;
    for (path, post) in posts(&description) {
        let schema = &post["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(schema["additionalProperties"], false, "{path}");
        let described: BTreeSet<_> = schema["properties"].as_object().unwrap().keys().cloned().collect();
        // A field that is not there is answered with those that are.
        let (status, answer) = refused(&slack, &path, &json!({"no such field": 1})).await;
        let message = answer["message"].as_str().unwrap();
        assert_eq!((status, &answer["error"]), (400, &json!("invalid_field")), "{path}: {answer}");
        assert!(message.contains("unknown field `no such field`"), "{path}: {message}");
        let names = message.split('`').skip(3).step_by(2);
        let taken: BTreeSet<_> = names.map(str::to_owned).collect();
        assert_eq!(described, taken, "{path}: {message}");
        // Those that are needed are told one at a time.
        let required = schema["required"].as_array().map_or(0, Vec::len);
        let (status, answer) = refused(&slack, &path, &json!({})).await;
        let needed = status == 400 && answer["error"] == "invalid_field";
        // One of `view_id` and `callback_id` is.
        assert_eq!(needed, required > 0 || path == "submit", "{path}: {answer}");
        for name in schema["required"].as_array().into_iter().flatten() {
            let mut body = post["requestBody"]["content"]["application/json"]["examples"]
                .as_object()
                .unwrap()
                .values()
                .next()
                .unwrap()["value"]
                .clone();
            body.as_object_mut().unwrap().remove(name.as_str().unwrap());
            let (status, answer) = refused(&slack, &path, &body).await;
            let message = answer["message"].as_str().unwrap();
            assert_eq!(status, 400, "{path} without {name}: {answer}");
            assert!(message.contains(&format!("missing field `{}`", name.as_str().unwrap())), "{message}");
        }
    }
}

/// A workspace with what the examples are about; what stands for the time stamp, the view and the event in them.
async fn prepared(slack: &Simulator) -> [(&'static str, Value); 3] {
    let mut socket = connect(slack).await;
    slack.perform("command", &json!({"command": "/order"})).unwrap();
    let trigger = receive(&mut socket).await["payload"]["trigger_id"].clone();
    tokio::spawn(async move { while futures_util::StreamExt::next(&mut socket).await.is_some() {} });
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    let elements = json!([
        {"type": "button", "action_id": "approve", "text": plain("Yes"), "value": "yes"},
        {"type": "external_select", "action_id": "service", "placeholder": plain("Service")},
    ]);
    let body =
        json!({"channel": CHANNEL, "text": "Sure?", "blocks": [{"type": "actions", "elements": elements}]});
    let posted = call(slack, "chat.postMessage", &slack.bot_token(), &body).await.json();
    assert_eq!(posted["ok"], true, "{posted}");
    let input = json!({"type": "plain_text_input", "action_id": "number"});
    let blocks =
        json!([{"type": "input", "block_id": "quantity", "label": plain("How many"), "element": input}]);
    let view = json!({
        "type": "modal", "callback_id": "order", "title": plain("Order"), "submit": plain("Send"), "blocks": blocks,
    });
    let body = json!({"trigger_id": trigger, "view": view});
    let opened = call(slack, "views.open", &slack.bot_token(), &body).await.json();
    assert_eq!(opened["ok"], true, "{opened}");
    let said = slack.perform("say", &json!({"text": "hello"})).unwrap();
    [
        ("1700000000.000100", said["ts"].clone()),
        ("V00000001", opened["view"]["id"].clone()),
        ("1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed", said["envelope_id"].clone()),
    ]
}

fn replaced(value: &Value, real: &[(&'static str, Value)]) -> Value {
    match value {
        Value::String(text) => {
            real.iter().find(|(name, _)| name == text).map_or_else(|| value.clone(), |(_, real)| real.clone())
        }
        Value::Array(values) => values.iter().map(|value| replaced(value, real)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), replaced(value, real)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn the_examples_work_and_are_answered_as_described() {
    let description = description(&start()).await;
    for (path, post) in posts(&description) {
        let media = &post["requestBody"]["content"]["application/json"];
        let examples = media["examples"].as_object().unwrap_or_else(|| panic!("{path} has no example"));
        for (name, example) in examples {
            let slack = start();
            let real = prepared(&slack).await;
            let body = replaced(&example["value"], &real);
            let wrong = misfits(&description, &media["schema"], &body, "body");
            assert!(wrong.is_empty(), "{path}, {name}: {wrong:#?}");
            let (status, answer) = refused(&slack, &path, &body).await;
            assert_eq!((status, &answer["ok"]), (200, &json!(true)), "{path}, {name}: {answer}");
            let wrong = misfits(&description, answer_schema(&post), &answer, "answer");
            assert!(wrong.is_empty(), "{path}, {name}: {wrong:#?}");
        }
    }
}

#[tokio::test]
async fn what_is_looked_at_is_as_described() {
    let slack = start();
    prepared(&slack).await;
    slack.perform("ghosts", &json!({"count": 1})).unwrap();
    slack.perform("links/all/rotate", &json!({})).unwrap();
    slack.perform("press", &json!({"action_id": "approve"})).unwrap();
    let description = description(&slack).await;
    for path in ["state", "messages", "views", "journal"] {
        let answer = get(&slack, path).await.json();
        let schema = answer_schema(&description["paths"][format!("/_control/{path}")]["get"]);
        let wrong = misfits(&description, schema, &answer, path);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
    let (_, answer) = refused(&slack, "say", &json!({})).await;
    let wrong = misfits(&description, &description["components"]["schemas"]["Error"], &answer, "error");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
