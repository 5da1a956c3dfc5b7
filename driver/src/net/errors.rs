//! Errors of the libraries underneath, as a transport tells them.

use std::error::Error as StdError;

use crate::transport::{TransportError, TransportErrorKind};

/// An error and what lies below it, in one line.
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

/// An error of this type that lies somewhere below.
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

/// The error of a connection that broke.
#[must_use]
pub fn broken(error: &(dyn StdError + 'static)) -> TransportError {
    TransportError::new(TransportErrorKind::Io, describe(error))
}

/// The error of an answer with a larger body than was asked for.
#[must_use]
pub fn too_large(limit: usize) -> TransportError {
    TransportError::new(TransportErrorKind::TooLarge, format!("the answer is larger than {limit} bytes"))
}
