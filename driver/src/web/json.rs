//! Arguments as JSON.

use bytes::Bytes;
use http::HeaderValue;
use serde::Serialize;

use super::error::WebError;

pub(super) const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// A struct or a map as it goes out. Nothing at all (`()`, `None`) is an empty one.
pub(super) fn encode(arguments: &(impl Serialize + ?Sized)) -> Result<Bytes, WebError> {
    let body = serde_json::to_vec(arguments).map_err(|_| WebError::Arguments)?;
    match body.first() {
        Some(b'{') => Ok(body.into()),
        Some(b'n') => Ok(Bytes::from_static(b"{}")),
        _ => Err(WebError::Arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_has_no_names_is_no_arguments() {
        assert_eq!(encode(&json!({ "user": null })).unwrap(), r#"{"user":null}"#);
        for nothing in [encode(&()), encode(&None::<u8>), encode(&json!({}))] {
            assert_eq!(nothing.unwrap(), "{}");
        }
        for odd in [json!([1]), json!("user=U1"), json!(1), json!(true)] {
            assert_eq!(encode(&odd), Err(WebError::Arguments), "{odd}");
        }
    }
}
