//! The text of a message.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;

/// The text of a message. It is not copied on its way to the application, and clones share it. It may hold secrets: `Debug`
/// shows its length only.
///
/// ```
/// use socketmode_protocol::Text;
///
/// let copied = Text::from("{}");
/// let shared = Text::new(String::from("{}")); // or what a WebSocket library gives
/// assert_eq!(copied, shared);
/// assert_eq!(shared.len(), 2);
/// ```
#[derive(Clone)]
pub struct Text(Arc<dyn AsRef<str> + Send + Sync>);

impl Text {
    /// Takes any value that holds a text. `as_ref` must return the same text each time. The value lives as long as the
    /// application keeps the envelope: if it is a buffer that is much larger than the text, copy the text instead.
    pub fn new(text: impl AsRef<str> + Send + Sync + 'static) -> Self {
        Self(Arc::new(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        (*self.0).as_ref()
    }
}

/// Copies the text.
impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(String::from(text))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl Hash for Text {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.as_str().hash(hasher);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text(<{} bytes>)", self.len())
    }
}
