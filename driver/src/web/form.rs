//! Arguments as a form.

use bytes::Bytes;
use http::HeaderValue;
use serde::Serialize;
use serde_json::Value;

use super::error::WebError;

/// Without a charset: Slack warns of one.
pub(super) const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// Names and values as they are before the encoding.
pub(super) type Fields = Vec<(String, String)>;

/// The fields of a struct or a map. Nothing at all (`()`, `None`) is no fields.
pub(super) fn fields(arguments: &(impl Serialize + ?Sized)) -> Result<Fields, WebError> {
    let object = match serde_json::to_value(arguments) {
        Ok(Value::Object(object)) => object,
        Ok(Value::Null) => return Ok(Fields::new()),
        Ok(_) | Err(_) => return Err(WebError::Arguments),
    };
    let field = |(name, value)| match value {
        Value::Null => None,
        Value::String(text) => Some((name, text)),
        // Numbers and truth values read as in JSON; arrays and objects are JSON text.
        other => Some((name, other.to_string())),
    };
    Ok(object.into_iter().filter_map(field).collect())
}

pub(super) fn encode(fields: &[(String, String)]) -> Bytes {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_holds_json_for_nested_values_and_leaves_out_none() {
        #[derive(Serialize)]
        struct Arguments<'a> {
            channel: &'a str,
            cursor: Option<&'a str>,
            limit: u32,
            inclusive: bool,
            types: Vec<&'a str>,
            view: Value,
        }
        let arguments = Arguments {
            channel: "C 1&x=ü+%",
            cursor: None,
            limit: 200,
            inclusive: false,
            types: vec!["im", "mpim"],
            view: json!({ "a": null, "b": [1, "&"] }),
        };
        let fields = fields(&arguments).unwrap();
        let encoded = encode(&fields);
        assert_eq!(
            std::str::from_utf8(&encoded).unwrap(),
            "channel=C+1%26x%3D%C3%BC%2B%25&inclusive=false&limit=200&types=%5B%22im%22%2C%22mpim%22%5D\
             &view=%7B%22a%22%3Anull%2C%22b%22%3A%5B1%2C%22%26%22%5D%7D"
        );
        assert_eq!(form_urlencoded::parse(&encoded).into_owned().collect::<Fields>(), fields);
    }

    #[test]
    fn what_has_no_names_is_no_form() {
        for nothing in [json!({}), json!(null), json!({ "cursor": null })] {
            assert_eq!(fields(&nothing), Ok(Fields::new()));
        }
        for no_form in [json!([1]), json!("channel=C1"), json!(1), json!(true)] {
            assert_eq!(fields(&no_form), Err(WebError::Arguments));
        }
    }
}
