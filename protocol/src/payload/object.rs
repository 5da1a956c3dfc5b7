//! One macro, from which every struct in here is made.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// A struct of fields that are named as Slack names them, and the JSON that it was read from.
///
/// * `requires f` makes the struct unreadable without a string `f`, `is "k"` without the `type` `k`. Nothing else is
///   required. `or "k"` is for a type that is read from objects of other types too, and written with the `type` `k`.
/// * `show` or `hide` says whether `Debug` shows the field, or how long it is. What people wrote is hidden, and so are the
///   names of people and channels; ids are shown.
/// * `kind = "type"` names the field `kind`, where Slack's name is a keyword.
///
/// All fields are public, `raw` too, so that tests can write `AppMention { text, ..Default::default() }`.
macro_rules! object {
    (
        $(#[$meta:meta])*
        pub struct $object:ident $(requires $required:ident)? $(is $kind:literal)? $(or $written:literal)? {
            $( $(#[$doc:meta])* $mode:ident $name:ident $(= $key:literal)?: $type:ty, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq, Eq, Hash)]
        pub struct $object {
            $( $(#[$doc])* pub $name: $type, )*
            /// The JSON that it was read from; `null` if it was not read.
            pub raw: $crate::payload::Json,
        }

        impl $object {
            /// The JSON that it was read from. **It may hold secrets.**
            #[must_use]
            pub fn raw_json(&self) -> &str {
                self.raw.raw_json()
            }

            /// The typed fields as JSON, without those that are empty: what Slack would send, for tests. **It may hold
            /// secrets.** What only [`raw`](Self::raw) holds is not in it.
            #[must_use]
            pub fn to_json(&self) -> alloc::string::String {
                $crate::payload::write::to_json(self)
            }

            /// Reads a field by its name into any type; `None` if it is missing or does not fit.
            #[must_use]
            pub fn field<'a, T: serde::Deserialize<'a>>(&'a self, name: &str) -> Option<T> {
                self.raw.field(name)
            }
        }

        impl $crate::payload::read::Read for $object {
            const EXPECTED: &'static str = concat!(
                "an object",
                $(" with a ", stringify!($required),)?
                $(" of the type ", $kind,)?
            );

            fn read(raw: &serde_json::value::RawValue) -> Option<Self> {
                let fields = $crate::payload::read::Fields::of(raw.get())?;
                $crate::payload::read::FromFields::from_fields(&fields, raw)
            }
        }

        impl $crate::payload::read::FromFields for $object {
            fn from_fields(
                fields: &$crate::payload::read::Fields<'_>,
                raw: &serde_json::value::RawValue,
            ) -> Option<Self> {
                $( if !fields.has(stringify!($required)) { return None; } )?
                $( if !fields.is($kind) { return None; } )?
                Some(Self {
                    $( $name: fields.get($crate::payload::object::key!($name $($key)?)), )*
                    raw: $crate::payload::Json::of(raw),
                })
            }
        }

        impl $crate::payload::write::Write for $object {
            fn write(&self, json: &mut alloc::string::String) {
                let mut object = $crate::payload::write::Object::new(json);
                $( object.field("type", &alloc::string::String::from($kind)); )?
                $( object.field("type", &alloc::string::String::from($written)); )?
                $( object.field($crate::payload::object::key!($name $($key)?), &self.$name); )*
                object.end();
            }
        }

        impl<'de> serde::Deserialize<'de> for $object {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::payload::read::deserialize(deserializer)
            }
        }

        impl core::fmt::Debug for $object {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($object))
                    $( .field(stringify!($name), $crate::payload::object::$mode!(&self.$name)) )*
                    .field("raw", &self.raw)
                    .finish()
            }
        }
    };
}

macro_rules! key {
    ($name:ident) => {
        stringify!($name)
    };
    ($name:ident $key:literal) => {
        $key
    };
}

macro_rules! show {
    ($field:expr) => {
        $field
    };
}

macro_rules! hide {
    ($field:expr) => {
        &$crate::payload::object::Hidden($field)
    };
}

pub(super) use {hide, key, object, show};

/// A text of which `Debug` shows the length only.
pub(super) struct Hidden<'a, T>(pub(super) &'a T);

impl fmt::Debug for Hidden<'_, String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes>", self.0.len())
    }
}

impl<T> fmt::Debug for Hidden<'_, Option<T>>
where
    for<'a> Hidden<'a, T>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map(Hidden).fmt(f)
    }
}

impl fmt::Debug for Hidden<'_, i64> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<number>")
    }
}

impl<K, V> fmt::Debug for Hidden<'_, BTreeMap<K, V>> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} entries>", self.0.len())
    }
}

impl<T> fmt::Debug for Hidden<'_, Vec<T>> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} elements>", self.0.len())
    }
}
