//! `views.*`.

use super::Call;
use super::arguments::{Answer, Refusal};
use super::block_kit::wrong_view;
use crate::PERSON;
use crate::state::answers::STACK_LIMIT;
use crate::state::blocks::text;
use crate::state::views::View;
use serde_json::{Value, json};

/// The most bytes of a view (<https://docs.slack.dev/reference/methods/views.open>).
const MOST_BYTES: usize = 250_000;

pub(super) fn open(call: &mut Call<'_>) -> Answer {
    let user = user_of_trigger(call)?.0;
    let view = given(call, "modal", None)?;
    let id = call.state.show_view(call.app, &user, &view, None);
    answer(call, &id)
}

pub(super) fn push(call: &mut Call<'_>) -> Answer {
    let (user, from) = user_of_trigger(call)?;
    let below =
        from.and_then(|id| call.state.views.get(&id)).or_else(|| call.state.views.top(&user)).cloned();
    if let Some(below) = &below {
        if call.state.views.stack(below.root()).count() >= STACK_LIMIT {
            return Err("push_limit_reached".into());
        }
    } else if !call.state.options.lenient {
        return Err("not_found".into());
    }
    let view = given(call, "modal", None)?;
    let top = below.as_ref().and_then(|below| call.state.views.stack(below.root()).next_back().cloned());
    let id = call.state.show_view(call.app, &user, &view, top.as_ref());
    answer(call, &id)
}

pub(super) fn update(call: &mut Call<'_>) -> Answer {
    let known = match (call.arguments.text("view_id"), call.arguments.text("external_id")) {
        (Some(id), _) => call.state.views.get(id),
        (None, Some(external_id)) => call.state.views.with_external_id(external_id),
        (None, None) => return Err("invalid_arguments".into()),
    };
    let Some(known) = known.filter(|view| text(&view.fields, "app_id") == call.app.app_id).cloned() else {
        return if call.state.options.lenient { Ok(json!({})) } else { Err("not_found".into()) };
    };
    check_hash(call, &known)?;
    let kind = text(&known.fields, "type").to_owned();
    let view = given(call, &kind, Some(&known))?;
    call.state.update_view(call.app, known.id(), &view);
    answer(call, known.id())
}

pub(super) fn publish(call: &mut Call<'_>) -> Answer {
    let user = call.arguments.text("user_id").ok_or("invalid_arguments")?.to_owned();
    if call.state.directory.user(&user).is_none() && !call.state.options.lenient {
        return Err("user_not_found".into());
    }
    let known = call.state.views.home(&call.app.app_id, &user).cloned();
    if let Some(known) = &known {
        check_hash(call, known)?;
    }
    let view = given(call, "home", known.as_ref())?;
    let id = match known {
        Some(known) => {
            call.state.update_view(call.app, known.id(), &view);
            known.id().to_owned()
        }
        None => call.state.show_view(call.app, &user, &view, None),
    };
    answer(call, &id)
}

/// Who acted, and in which view.
fn user_of_trigger(call: &mut Call<'_>) -> Result<(String, Option<String>), Refusal> {
    let id = call.arguments.text("trigger_id").or(call.arguments.text("interactivity_pointer"));
    let id = id.ok_or("invalid_arguments")?;
    match call.state.exchange(id, &call.app.app_id) {
        Ok(trigger) => Ok((trigger.user, trigger.view_id)),
        Err(_) if call.state.options.lenient => Ok((PERSON.to_owned(), None)),
        Err(code) => Err(code.into()),
    }
}

/// The view in a call, which takes the place of `known` if there is one.
fn given(call: &Call<'_>, kind: &str, known: Option<&View>) -> Result<Value, Refusal> {
    let view = call.arguments.get("view").filter(|view| view.is_object()).ok_or("invalid_arguments")?;
    if call.state.options.lenient {
        return Ok(view.clone());
    }
    if view.to_string().len() > MOST_BYTES {
        return Err("view_too_large".into());
    }
    let faults = wrong_view(view, kind);
    if !faults.is_empty() {
        return Err(Refusal::with("invalid_arguments", faults));
    }
    let other = call.state.views.with_external_id(text(view, "external_id"));
    if other.is_some_and(|other| known.is_none_or(|known| known.id() != other.id())) {
        return Err("duplicate_external_id".into());
    }
    Ok(view.clone())
}

fn check_hash(call: &Call<'_>, known: &View) -> Result<(), Refusal> {
    match call.arguments.text("hash") {
        Some(hash) if hash != text(&known.fields, "hash") && !call.state.options.lenient => {
            Err("hash_conflict".into())
        }
        _ => Ok(()),
    }
}

fn answer(call: &Call<'_>, id: &str) -> Answer {
    Ok(json!({"view": call.state.views.get(id).map(|view| &view.fields)}))
}
