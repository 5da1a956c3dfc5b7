//! Errors of the libraries below, as errors of a transport.

use std::error::Error as StdError;

use crate::transport::{TransportError, TransportErrorKind};

/// An error and its sources, on one line.
#[must_use]
pub fn describe(error: &(dyn StdError + 'static)) -> String {
    let mut messages: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let message = error.to_string();
        // Some layers repeat what lies below them.
        if !messages.iter().any(|above| above.contains(&message)) {
            messages.push(message);
        }
        next = error.source();
    }
    messages.join(": ")
}

/// The first source of this type.
#[cfg(feature = "rustls")]
pub(super) fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // An io::Error passes over what is directly in it.
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// The error of a broken connection.
#[must_use]
pub fn broken(error: &(dyn StdError + 'static)) -> TransportError {
    TransportError::new(TransportErrorKind::Io, describe(error))
}

/// The error of an answer with a body over the limit.
#[must_use]
pub fn too_large(limit: usize) -> TransportError {
    TransportError::new(TransportErrorKind::TooLarge, format!("the answer is larger than {limit} bytes"))
}
