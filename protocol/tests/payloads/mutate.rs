//! Ten thousand payloads with something wrong in them.

use serde_json::{Value, json};

use crate::{Kind, fixtures, samples};

const MUTATIONS: usize = 10_000;
/// How deep the nested values are. `serde_json` itself gives up at 128.
const DEPTH: usize = 500;

#[test]
fn damage_to_a_field_loses_that_field_alone() {
    let mut random = Random::new(7, values());
    let payloads: Vec<Value> = fixtures::all().into_iter().chain(samples::all()).collect();
    let mut read = 0;
    for _ in 0..MUTATIONS {
        let original = &payloads[random.below(payloads.len())];
        let kind = Kind::of(original);
        let mut payload = original.clone();
        for _ in 0..=random.below(3) {
            random.mutate(&mut payload);
        }
        let mut json = String::new();
        random.write(&payload, &mut json);
        let json = json
            .replace(&array(4).to_string(), &format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH)))
            .replace(
                &object(4).to_string(),
                &format!("{}1{}", r#"{"deep":"#.repeat(DEPTH), "}".repeat(DEPTH)),
            );
        let shown = kind.check(&json, &payload);
        read += usize::from(shown.is_some());
        assert!(!shown.is_some_and(|shown| shown.contains("SECRET") || shown.contains("PRIVATE")), "{json}");
    }
    assert!(read > MUTATIONS * 3 / 4, "{read}");
    println!("{read} of {MUTATIONS} still have what is required, and are read");
}

/// Stands for an array nested [`DEPTH`] deep.
fn array(depth: usize) -> Value {
    (0..depth).fold(json!([]), |inner, _| json!([inner]))
}

/// Stands for an object nested [`DEPTH`] deep.
fn object(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, _| json!({ "deep": inner }))
}

/// Values of every type, and some that are nested too deep.
fn values() -> Vec<Value> {
    let mut values = scalars();
    values.extend([array(4), object(4)]);
    values
}

/// Values of every type.
pub(crate) fn scalars() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(false),
        json!("true"),
        json!(0),
        json!(-1),
        json!(1_700_000_000.25),
        json!(u64::MAX),
        json!("1700000000"),
        json!("1700000000.000100"),
        json!(""),
        json!("\u{0}\u{1f642}\"\\"),
        json!("message"),
        json!([]),
        json!({}),
        json!(["a", null, 1, {}, []]),
        json!({"type": "message", "id": null, "message": {"message": {"message": {}}}}),
    ]
}

/// splitmix64, and what it picks from.
pub(crate) struct Random {
    state: u64,
    values: Vec<Value>,
    deep: [Value; 2],
}

impl Random {
    pub(crate) fn new(state: u64, values: Vec<Value>) -> Self {
        Self { state, values, deep: [array(4), object(4)] }
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % limit as u64) as usize
    }

    /// Changes a value somewhere in it.
    fn mutate(&mut self, value: &mut Value) {
        let len = value.as_object().map_or(0, serde_json::Map::len) + value.as_array().map_or(0, Vec::len);
        if len == 0 {
            *value = self.value();
            return;
        }
        let at = self.below(len);
        let deeper = self.below(3) > 0;
        if let Value::Array(elements) = value {
            match deeper {
                true => self.mutate(&mut elements[at]),
                false => elements[at] = self.value(),
            }
        } else if let Value::Object(fields) = value {
            let name = fields.keys().nth(at).unwrap().clone();
            match (deeper, self.below(4)) {
                (true, _) if fields[&name].is_object() || fields[&name].is_array() => {
                    self.mutate(&mut fields[&name]);
                }
                (_, 0) => drop(fields.remove(&name)),
                _ => fields[&name] = self.value(),
            }
        }
    }

    pub(crate) fn value(&mut self) -> Value {
        let at = self.below(self.values.len());
        self.values[at].clone()
    }

    /// Writes it as JSON: some keys escaped, some of them twice with nonsense first, with white space.
    fn write(&mut self, value: &Value, json: &mut String) {
        if self.deep.contains(value) {
            json.push_str(&value.to_string());
            return;
        }
        match value {
            Value::Array(elements) => {
                json.push('[');
                for (at, element) in elements.iter().enumerate() {
                    json.push_str(if at > 0 { "," } else { "" });
                    self.write(element, json);
                }
                json.push(']');
            }
            Value::Object(fields) => {
                json.push('{');
                for (at, (name, value)) in fields.iter().enumerate() {
                    json.push_str(if at > 0 { "," } else { "" });
                    if self.below(16) == 0 {
                        self.key(name, json);
                        json.push_str(&self.value().to_string());
                        json.push_str(" ,\n");
                    }
                    self.key(name, json);
                    self.write(value, json);
                }
                json.push('}');
            }
            scalar => json.push_str(&scalar.to_string()),
        }
    }

    fn key(&mut self, name: &str, json: &mut String) {
        if self.below(8) > 0 {
            json.push_str(&Value::from(name).to_string());
        } else {
            json.push('"');
            name.encode_utf16().for_each(|unit| json.push_str(&format!("\\u{unit:04x}")));
            json.push('"');
        }
        json.push_str([":", " : ", ":\t"][self.below(3)]);
    }
}
