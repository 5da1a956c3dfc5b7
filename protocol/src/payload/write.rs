//! Writing the typed fields of a payload as JSON.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Something that can be written as a JSON value.
pub(super) trait Write {
    fn write(&self, json: &mut String);

    /// Whether a field with it is left out: reading gives the same without it.
    fn is_empty(&self) -> bool {
        false
    }
}

pub(super) fn to_json(value: &impl Write) -> String {
    let mut json = String::new();
    value.write(&mut json);
    json
}

/// An object, field by field.
pub(super) struct Object<'a> {
    json: &'a mut String,
    /// Goes before the next field.
    separator: char,
}

impl<'a> Object<'a> {
    pub(super) fn new(json: &'a mut String) -> Self {
        Self { json, separator: '{' }
    }

    pub(super) fn field(&mut self, name: &str, value: &impl Write) {
        if value.is_empty() {
            return;
        }
        self.json.push(self.separator);
        self.separator = ',';
        string(name, self.json);
        self.json.push(':');
        value.write(self.json);
    }

    pub(super) fn end(self) {
        if self.separator == '{' {
            self.json.push('{');
        }
        self.json.push('}');
    }
}

fn string(text: &str, json: &mut String) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\u{0}'..='\u{1f}' => json.push_str(&alloc::format!("\\u{:04x}", u32::from(character))),
            other => json.push(other),
        }
    }
    json.push('"');
}

impl Write for String {
    fn write(&self, json: &mut String) {
        string(self, json);
    }
}

impl Write for i64 {
    fn write(&self, json: &mut String) {
        json.push_str(&self.to_string());
    }
}

impl Write for bool {
    fn write(&self, json: &mut String) {
        json.push_str(if *self { "true" } else { "false" });
    }

    fn is_empty(&self) -> bool {
        !self
    }
}

impl<T: Write> Write for Option<T> {
    fn write(&self, json: &mut String) {
        match self {
            Some(value) => value.write(json),
            None => json.push_str("null"),
        }
    }

    fn is_empty(&self) -> bool {
        self.as_ref().is_none_or(Write::is_empty)
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, json: &mut String) {
        for (at, element) in self.iter().enumerate() {
            json.push(if at == 0 { '[' } else { ',' });
            element.write(json);
        }
        json.push_str(if self.is_empty() { "[]" } else { "]" });
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Write> Write for BTreeMap<String, T> {
    fn write(&self, json: &mut String) {
        let mut object = Object::new(json);
        self.iter().for_each(|(name, value)| object.field(name, value));
        object.end();
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}
