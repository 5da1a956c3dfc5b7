//! Unparsed JSON, and secrets.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::read::{self, Read, deserialize};
use super::write::Write;

/// Unparsed JSON. It may hold secrets and messages of people: `Debug` shows its length only.
///
/// ```
/// use socketmode_protocol::payload::Json;
///
/// let blocks: Json = serde_json::from_str(r#"[{"type":"divider"}]"#)?;
/// assert_eq!(
///     blocks.read::<Vec<Json>>().and_then(|all| all.first()?.field("type")),
///     Some("divider".to_owned())
/// );
/// assert_eq!(format!("{blocks:?}"), "<20 bytes>");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Json(Box<str>);

impl Json {
    pub(super) fn of(raw: &RawValue) -> Self {
        Self(raw.get().into())
    }

    /// The text.
    #[must_use]
    pub fn raw_json(&self) -> &str {
        &self.0
    }

    /// Reads it into any type; `None` if it does not fit.
    #[must_use]
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Option<T> {
        serde_json::from_str(&self.0).ok()
    }

    /// Reads one field of an object into any type; `None` if it is missing or does not fit.
    #[must_use]
    pub fn field<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Option<T> {
        read::field(&self.0, name)
    }
}

/// `null`: nothing.
impl Default for Json {
    fn default() -> Self {
        Self("null".into())
    }
}

/// As it is.
impl Write for Json {
    fn write(&self, json: &mut String) {
        json.push_str(&self.0);
    }

    fn is_empty(&self) -> bool {
        &*self.0 == "null"
    }
}

/// Anything but `null`.
impl Read for Json {
    const EXPECTED: &'static str = "a value";

    fn read(raw: &RawValue) -> Option<Self> {
        (raw.get() != "null").then(|| Self::of(raw))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes>", self.0.len())
    }
}

/// A secret: anyone who knows it can act as the app. `Debug` shows `<redacted>`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(Box<str>);

impl Secret {
    /// The secret itself. **Do not print or log it.**
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

/// To make a payload in a test.
impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self(secret.into())
    }
}

impl Write for Secret {
    fn write(&self, json: &mut String) {
        String::from(&*self.0).write(json);
    }
}

impl Read for Secret {
    const EXPECTED: &'static str = "a string";

    fn read(raw: &RawValue) -> Option<Self> {
        String::read(raw).map(|text| Self(text.into()))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(<redacted>)")
    }
}
