//! `files.*`: the upload in two steps (<https://docs.slack.dev/messaging/working-with-files#upload>).

use super::Call;
use super::arguments::{Answer, Refusal};
use super::content::channel_to_write;
use crate::state::blocks::text;
use crate::state::files::File;
use serde_json::{Value, json};

pub(super) fn upload_url(call: &mut Call<'_>) -> Answer {
    let name = call.arguments.text("filename").ok_or("invalid_arguments")?.to_owned();
    let length = call.arguments.number("length");
    if length.is_none() && !call.state.options.lenient {
        return Err("invalid_arguments".into());
    }
    let id = call.state.serial.id("F");
    let url = format!("{}/upload/v1/{id}", call.state.origin);
    let file =
        File { id: id.clone(), name, length: length.unwrap_or_default(), is_uploaded: false, title: None };
    call.state.files.add(file);
    Ok(json!({"upload_url": url, "file_id": id}))
}

pub(super) fn complete(call: &mut Call<'_>) -> Answer {
    let files = call.arguments.get("files").and_then(Value::as_array);
    let files = files.filter(|files| !files.is_empty()).ok_or("invalid_arguments")?.clone();
    let mut shown = Vec::new();
    for file in &files {
        let (id, title) = (text(file, "id"), file.get("title").and_then(Value::as_str));
        match call.state.files.complete(id, title) {
            Some(file) => shown.push(file.shown()),
            None if call.state.options.lenient => shown.push(file.clone()),
            None => return Err("file_not_found".into()),
        }
    }
    if let Some(channel) = call.arguments.text("channel_id") {
        let channel = channel_to_write(call.state, call.app, Some(channel))?;
        share(call, &channel, &shown)?;
    }
    Ok(json!({"files": shown}))
}

pub(super) fn info(call: &mut Call<'_>) -> Answer {
    let file = call.arguments.text("file").and_then(|id| call.state.files.get(id));
    Ok(json!({"file": file.ok_or("file_not_found")?.shown()}))
}

/// Posts the files as a message.
fn share(call: &mut Call<'_>, channel: &str, files: &[Value]) -> Result<(), Refusal> {
    let comment = call.arguments.text("initial_comment").unwrap_or_default();
    let content = json!({"text": comment, "blocks": call.arguments.get("blocks")});
    let mut message = call.state.bot_message(call.app, channel, &content);
    message.thread_ts = call.arguments.text("thread_ts").map(str::to_owned);
    message.files = json!(files);
    call.state.bot_posted(&message);
    Ok(())
}
