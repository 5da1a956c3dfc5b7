//! Steps of workflows, and the details of work objects.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Web, WebError};
use crate::transport::Transport;

/// ```
/// use serde_json::json;
/// use socketmode_driver::Transport;
/// use socketmode_driver::payload::FunctionExecuted;
/// use socketmode_driver::web::{Web, WebError};
///
/// async fn perform<T: Transport>(
///     web: &Web<T>,
///     step: &FunctionExecuted,
/// ) -> Result<(), WebError> {
///     let id = step.function_execution_id.as_deref().unwrap_or_default();
///     match step.input::<f64>("celsius") {
///         Some(celsius) => {
///             let outputs = json!({ "fahrenheit": celsius * 1.8 + 32.0 });
///             web.complete_success(id, &outputs).await
///         }
///         None => web.complete_error(id, "The temperature is missing.").await,
///     }
/// }
/// ```
impl<T: Transport> Web<T> {
    /// A step of a workflow is done, and this has come out:
    /// <https://docs.slack.dev/reference/methods/functions.completeSuccess>. The id is in
    /// [`FunctionExecuted`](crate::payload::FunctionExecuted). `()` is no outputs.
    ///
    /// # Errors
    /// The outputs are no struct or map, there was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the step may still be completed.
    pub async fn complete_success(
        &self,
        function_execution_id: &str,
        outputs: &(impl Serialize + ?Sized + Sync),
    ) -> Result<(), WebError> {
        let outputs = match serde_json::to_value(outputs) {
            Ok(Value::Null) => json!({}),
            Ok(outputs @ Value::Object(_)) => outputs,
            Ok(_) | Err(_) => return Err(WebError::Arguments),
        };
        let arguments = json!({ "function_execution_id": function_execution_id, "outputs": outputs });
        self.call_json("functions.completeSuccess", &arguments).await.map(drop)
    }

    /// A step of a workflow has failed. People see this text:
    /// <https://docs.slack.dev/reference/methods/functions.completeError>.
    ///
    /// # Errors
    /// There was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the step may still be completed.
    pub async fn complete_error(&self, function_execution_id: &str, error: &str) -> Result<(), WebError> {
        let arguments = json!({ "function_execution_id": function_execution_id, "error": error });
        self.call_json("functions.completeError", &arguments).await.map(drop)
    }

    /// Shows the details of a work object to the person who asked for them
    /// ([`EntityDetailsRequested`](crate::payload::EntityDetailsRequested)):
    /// <https://docs.slack.dev/reference/methods/entity.presentDetails>. The `trigger_id` is good for 3 s.
    ///
    /// # Errors
    /// The metadata cannot be serialized, there was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the details may still be shown.
    pub async fn present_details(
        &self,
        trigger_id: &str,
        metadata: &(impl Serialize + ?Sized + Sync),
    ) -> Result<(), WebError> {
        let metadata = serde_json::to_value(metadata).map_err(|_| WebError::Arguments)?;
        let arguments = json!({ "trigger_id": trigger_id, "metadata": metadata });
        self.call_json("entity.presentDetails", &arguments).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::{answering, calls};

    #[test]
    fn a_step_is_completed_with_its_outputs_or_an_error() {
        let (web, transport) = answering([r#"{"ok":true}"#; 4]);
        smol::block_on(async {
            web.complete_success("Fx1", &json!({ "id": 7 })).await.unwrap();
            web.complete_success("Fx1", &()).await.unwrap();
            web.complete_error("Fx1", "no").await.unwrap();
            web.present_details("1.2.abc", &json!({ "url": "https://x.test" })).await.unwrap();
            assert_eq!(web.complete_success("Fx1", &json!([1])).await, Err(WebError::Arguments));
        });
        let sent = [
            ("functions.completeSuccess", json!({ "function_execution_id": "Fx1", "outputs": { "id": 7 } })),
            ("functions.completeSuccess", json!({ "function_execution_id": "Fx1", "outputs": {} })),
            ("functions.completeError", json!({ "function_execution_id": "Fx1", "error": "no" })),
            (
                "entity.presentDetails",
                json!({ "trigger_id": "1.2.abc", "metadata": { "url": "https://x.test" } }),
            ),
        ];
        assert_eq!(calls(&transport), sent.map(|(method, body)| (method.to_owned(), body)));
    }
}
