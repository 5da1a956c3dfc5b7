//! Suggestions for a menu, and the answers to legacy dialogs.

use serde::Serialize;

use crate::limits::{self, LimitError};

/// The options of a menu that Slack asks for while somebody types
/// (<https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select>); 100 at most.
///
/// ```
/// use socketmode_driver::Suggestions;
///
/// let options = Suggestions::new([("Rust", "rs"), ("Go", "go")]);
/// let grouped = Suggestions::groups([("Languages", options.clone())]);
/// assert!(
///     serde_json::to_string(&grouped)
///         .unwrap()
///         .starts_with(r#"{"option_groups":[{"label":"#)
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum Suggestions {
    /// A list.
    Flat {
        /// The options.
        options: Vec<MenuOption>,
    },
    /// Lists with headings.
    Grouped {
        /// The groups.
        option_groups: Vec<OptionGroup>,
    },
}

impl Suggestions {
    /// A list of options: the text to show, and the value to send when it is chosen: at most 75 and 150
    /// characters.
    pub fn new<T: Into<String>, V: Into<String>>(options: impl IntoIterator<Item = (T, V)>) -> Self {
        let options = options.into_iter().map(|(text, value)| MenuOption::new(text, value)).collect();
        Self::Flat { options }
    }

    /// Lists with headings. Groups within a group become one list.
    pub fn groups<L: Into<String>>(groups: impl IntoIterator<Item = (L, Self)>) -> Self {
        let group = |(label, options): (L, Self)| OptionGroup {
            label: PlainText::new(label),
            options: options.into_flat(),
        };
        Self::Grouped { option_groups: groups.into_iter().map(group).collect() }
    }

    /// Whether Slack takes them, as far as it documents limits. What sends them checks them too.
    ///
    /// # Errors
    /// There are too many, or a text is too long: which, and what to do.
    pub fn check(&self) -> Result<(), LimitError> {
        limits::serialized(self)
    }

    fn into_flat(self) -> Vec<MenuOption> {
        match self {
            Self::Flat { options } => options,
            Self::Grouped { option_groups } => {
                option_groups.into_iter().flat_map(|group| group.options).collect()
            }
        }
    }
}

/// One of several options with a heading.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct OptionGroup {
    label: PlainText,
    options: Vec<MenuOption>,
}

/// An option of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct MenuOption {
    text: PlainText,
    value: String,
}

impl MenuOption {
    /// The text to show, and the value to send when it is chosen.
    pub fn new(text: impl Into<String>, value: impl Into<String>) -> Self {
        Self { text: PlainText::new(text), value: value.into() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct PlainText {
    #[serde(rename = "type")]
    kind: &'static str,
    text: String,
}

impl PlainText {
    fn new(text: impl Into<String>) -> Self {
        Self { kind: "plain_text", text: text.into() }
    }
}

/// The errors of a submitted dialog (legacy). `ack()` without an answer closes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct DialogErrors {
    errors: Vec<DialogError>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct DialogError {
    name: String,
    error: String,
}

impl DialogErrors {
    /// Errors, each with the name of its element.
    pub fn new<N: Into<String>, M: Into<String>>(errors: impl IntoIterator<Item = (N, M)>) -> Self {
        let error = |(name, error): (N, M)| DialogError { name: name.into(), error: error.into() };
        Self { errors: errors.into_iter().map(error).collect() }
    }
}

/// The options of a dialog's menu (legacy).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct DialogOptions {
    options: Vec<DialogOption>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct DialogOption {
    label: String,
    value: String,
}

impl DialogOptions {
    /// Options: the text to show, and the value to send when it is chosen.
    pub fn new<L: Into<String>, V: Into<String>>(options: impl IntoIterator<Item = (L, V)>) -> Self {
        let option = |(label, value): (L, V)| DialogOption { label: label.into(), value: value.into() };
        Self { options: options.into_iter().map(option).collect() }
    }
}
