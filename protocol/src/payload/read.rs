//! Reading an object field by field, so that one bad field costs no other.
//!
//! serde's derived code gives up the whole type for one field of another type, for a duplicate key or for one value that
//! is nested too deep. Here an object is split into its fields first, which takes no recursion and looks at no value;
//! then each field is read by itself, and what cannot be read is absent.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Something that can be read from a JSON value, or not.
pub(super) trait Read: Sized {
    /// What the value has to be, for the error of a whole payload that it is not.
    const EXPECTED: &'static str = "a value of another kind";

    fn read(raw: &RawValue) -> Option<Self>;
}

/// Something that can be read from an object whose fields are known already.
pub(super) trait FromFields: Read {
    fn from_fields(fields: &Fields<'_>, raw: &RawValue) -> Option<Self>;
}

/// What a field of a struct is if its value is there, or absent, or cannot be read.
pub(super) trait Field {
    fn field(raw: Option<&RawValue>) -> Self;
}

/// The `Deserialize` of everything in here.
pub(super) fn deserialize<'de, T: Read, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    T::read(&raw).ok_or_else(|| D::Error::custom(format_args!("expected {}", T::EXPECTED)))
}

/// Reads one field of a JSON object into any type, without the rest of it; `None` if it is missing or does not fit.
///
/// ```
/// use socketmode_protocol::payload;
///
/// let payload = r#"{"type":"block_actions","trigger_id":"1.2.abc"}"#;
/// assert_eq!(payload::field::<&str>(payload, "type"), Some("block_actions"));
/// ```
#[must_use]
pub fn field<'a, T: Deserialize<'a>>(object: &'a str, name: &str) -> Option<T> {
    serde_json::from_str(Fields::of(object)?.raw(name)?.get()).ok()
}

/// The fields of an object. Of duplicate keys the last one counts.
pub(super) struct Fields<'a>(BTreeMap<Cow<'a, str>, &'a RawValue>);

impl<'a> Fields<'a> {
    /// `None` if it is not an object.
    pub(super) fn of(raw: &'a str) -> Option<Self> {
        serde_json::from_str(raw).ok()
    }

    pub(super) fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied()
    }

    pub(super) fn get<T: Field>(&self, name: &str) -> T {
        T::field(self.raw(name))
    }

    /// As if these had not been there.
    pub(super) fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|name, _| !names.contains(&name.as_ref()));
        self
    }

    /// Whether it has this string (or a number, see [`String`]'s `Read`).
    pub(super) fn has(&self, name: &str) -> bool {
        self.get::<Option<String>>(name).is_some()
    }

    /// Whether its `type` is this one.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.get::<Option<String>>("type").as_deref() == Some(kind)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor).map(Fields)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = BTreeMap<Cow<'de, str>, &'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((Text(key), value)) = map.next_entry()? {
            fields.insert(key, value);
        }
        Ok(fields)
    }
}

/// A string. It is taken as bytes, as half a surrogate pair (`"\ud83d"`, a cut emoji) is an error for a `String`.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(TextVisitor).map(Text)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        Ok(String::from_utf8_lossy(bytes))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Cow::Owned(String::from_utf8_lossy(bytes).into_owned()))
    }
}

/// A string, or the text of a number: ids and timestamps have come as both.
impl Read for String {
    const EXPECTED: &'static str = "a string";

    fn read(raw: &RawValue) -> Option<Self> {
        let text = raw.get();
        match text.as_bytes().first()? {
            b'"' => serde_json::from_str::<Text<'_>>(text).ok().map(|text| text.0.into_owned()),
            b'-' | b'0'..=b'9' => Some(text.into()),
            _ => None,
        }
    }
}

/// A whole number, also in a string. A fraction is cut off.
impl Read for i64 {
    const EXPECTED: &'static str = "a number";

    fn read(raw: &RawValue) -> Option<Self> {
        // Above this a double no longer holds every whole number.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let text = String::read(raw)?;
        let cut = || text.parse::<f64>().ok().filter(|number| number.abs() <= EXACT);
        text.parse().ok().or_else(|| cut().map(|number| number as i64))
    }
}

impl<T: Read> Field for Option<T> {
    fn field(raw: Option<&RawValue>) -> Self {
        raw.and_then(T::read)
    }
}

/// A required field: the reader of the struct has checked that it is there.
impl Field for String {
    fn field(raw: Option<&RawValue>) -> Self {
        raw.and_then(Self::read).unwrap_or_default()
    }
}

/// A boolean, or its name in a string; false if it is missing.
impl Field for bool {
    fn field(raw: Option<&RawValue>) -> Self {
        raw.is_some_and(|raw| matches!(raw.get(), "true" | "\"true\""))
    }
}

/// Without the elements that cannot be read.
impl<T: Read> Field for Vec<T> {
    fn field(raw: Option<&RawValue>) -> Self {
        let elements = raw.and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok());
        elements.unwrap_or_default().into_iter().filter_map(T::read).collect()
    }
}

/// Without the entries that cannot be read.
impl<T: Read> Read for BTreeMap<String, T> {
    const EXPECTED: &'static str = "an object";

    fn read(raw: &RawValue) -> Option<Self> {
        let fields = Fields::of(raw.get())?.0.into_iter();
        Some(fields.filter_map(|(name, raw)| Some((name.into_owned(), T::read(raw)?))).collect())
    }
}

impl<T: Read> Field for BTreeMap<String, T> {
    fn field(raw: Option<&RawValue>) -> Self {
        raw.and_then(Self::read).unwrap_or_default()
    }
}
