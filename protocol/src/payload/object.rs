//! A JSON object that is read field by field, each at its own risk.

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The fields of an object. Of a key that comes twice, the last counts.
#[derive(Default)]
pub(super) struct Fields<'a>(BTreeMap<Cow<'a, str>, &'a RawValue>);

impl<'a> Fields<'a> {
    /// What is no object has no fields.
    pub(super) fn of(raw: &'a RawValue) -> Self {
        serde_json::from_str(raw.get()).unwrap_or_default()
    }

    /// The field, unless it is absent or of another type.
    pub(super) fn get<T: Lenient>(&self, name: &str) -> Option<T> {
        self.0.get(name).copied().and_then(T::read)
    }

    /// What is in it under every name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, &value)| (&**name, value))
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some(Key(key)) = map.next_key()? {
                    fields.insert(key, map.next_value()?);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// serde borrows a `Cow` only where it is told to.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// What can be read out of JSON that may be of another type.
pub(super) trait Lenient: Sized {
    fn read(raw: &RawValue) -> Option<Self>;
}

/// A number is taken as its digits: times come as both.
impl Lenient for String {
    fn read(raw: &RawValue) -> Option<Self> {
        let is_number = raw.get().starts_with(|first: char| first == '-' || first.is_ascii_digit());
        if is_number { Some(raw.get().to_string()) } else { serde_json::from_str(raw.get()).ok() }
    }
}

/// `"true"` and `"false"` count as well.
impl Lenient for bool {
    fn read(raw: &RawValue) -> Option<Self> {
        match raw.get() {
            "true" | "\"true\"" => Some(true),
            "false" | "\"false\"" => Some(false),
            _ => None,
        }
    }
}

/// So do digits in quotes.
impl Lenient for u64 {
    fn read(raw: &RawValue) -> Option<Self> {
        String::read(raw)?.parse().ok()
    }
}

/// Elements of another type are left out.
impl<T: Lenient> Lenient for Vec<T> {
    fn read(raw: &RawValue) -> Option<Self> {
        let elements: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
        Some(elements.into_iter().filter_map(T::read).collect())
    }
}

impl<T: Lenient> Lenient for Box<T> {
    fn read(raw: &RawValue) -> Option<Self> {
        T::read(raw).map(Box::new)
    }
}

/// JSON that nobody has read yet. `null` counts as absent where it is a field.
#[derive(Clone)]
pub struct Json(Box<RawValue>);

impl Json {
    pub(super) fn new(raw: &RawValue) -> Self {
        Self(raw.to_owned())
    }

    pub(super) fn raw(&self) -> &RawValue {
        &self.0
    }

    /// The text.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// Reads it into any type.
    ///
    /// # Errors
    /// It does not fit the type.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.get())
    }

    /// A field of it, if it is an object that has one which fits the type.
    #[must_use]
    pub fn field<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let fields = Fields::of(&self.0);
        fields.0.get(name).and_then(|value| serde_json::from_str(value.get()).ok())
    }
}

impl Lenient for Json {
    fn read(raw: &RawValue) -> Option<Self> {
        (raw.get() != "null").then(|| Self::new(raw))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for Json {}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes>", self.get().len())
    }
}

/// A text that must not be seen: a `response_url`, a token. Debug shows `<redacted>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text. **A secret.**
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl Lenient for Secret {
    fn read(raw: &RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok().map(Self)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// Declares objects: a required field comes first, as `name: Type = "key", required`; the others are absent where they do
/// not fit. Lists are empty then.
macro_rules! object {
    ($(
        $(#[$doc:meta])*
        pub struct $name:ident {
            $( @required { $(#[$required_doc:meta])* $required:ident: $required_type:ty, } )?
            $( $(#[$field_doc:meta])* $field:ident: $type:ty $(= $key:literal)?, )*
            $( @lists { $( $(#[$list_doc:meta])* $list:ident: $element:ty $(= $list_key:literal)?, )* } )?
        }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name {
            $( $(#[$required_doc])* pub $required: $required_type, )?
            $( $(#[$field_doc])* pub $field: Option<$type>, )*
            $( $( $(#[$list_doc])* pub $list: alloc::vec::Vec<$element>, )* )?
            json: $crate::payload::Json,
        }

        impl $name {
            /// The whole of it, as it came.
            #[must_use]
            pub fn raw_json(&self) -> &str {
                self.json.get()
            }

            /// Any field of it, known here or not, if it is there and fits the type.
            #[must_use]
            pub fn field<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
                self.json.field(name)
            }
        }

        impl $crate::payload::object::Lenient for $name {
            fn read(raw: &serde_json::value::RawValue) -> Option<Self> {
                if !raw.get().starts_with('{') {
                    return None;
                }
                let fields = $crate::payload::object::Fields::of(raw);
                Some(Self {
                    $( $required: fields.get($crate::payload::object::object!(@key $required))?, )?
                    $( $field: fields.get($crate::payload::object::object!(@key $field $(= $key)?)), )*
                    $( $( $list: fields
                        .get($crate::payload::object::object!(@key $list $(= $list_key)?))
                        .unwrap_or_default(), )* )?
                    json: $crate::payload::Json::new(raw),
                })
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let json = $crate::payload::Json::deserialize(deserializer)?;
                $crate::payload::object::Lenient::read(json.raw()).ok_or_else(|| {
                    serde::de::Error::custom(concat!(
                        "this is no ", stringify!($name) $(, ": it has no ", stringify!($required))?
                    ))
                })
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.json).finish()
            }
        }
    )+};
    (@key $field:ident = $key:literal) => { $key };
    (@key $field:ident) => { stringify!($field) };
}
pub(super) use object;
