"""What the bot says, for all SDKs: the same dialogue as in every other language here."""

import os

CHANNEL = os.environ["CHANNEL"]


def text(text):
    return {"type": "plain_text", "text": text}


FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": text("An order"),
    "submit": text("Send"),
    "blocks": [
        {
            "type": "input",
            "block_id": "when",
            "label": text("When"),
            "element": {"type": "plain_text_input", "action_id": "value"},
        },
        {
            "type": "input",
            "block_id": "what",
            "optional": True,
            "label": text("What"),
            "element": {"type": "external_select", "action_id": "service", "min_query_length": 1},
        },
    ],
}

QUESTION = {
    "text": "Shall I?",
    "blocks": [
        {
            "type": "actions",
            "block_id": "answer",
            "elements": [{"type": "button", "action_id": "approve", "value": "yes", "text": text("Yes")}],
        }
    ],
}

ERRORS = {"response_action": "errors", "errors": {"when": "Not then"}}


def options(typed):
    return {"options": [{"text": text(typed.upper()), "value": typed}]}


def written(view):
    return view["state"]["values"]["when"]["value"]["value"]


def answer(request):
    """The payload of the acknowledgement of a request, and the calls that follow it: (method, arguments)."""
    kind, body = request.type, request.payload

    def say(text):
        return ("chat.postMessage", {"channel": CHANNEL, "text": text})

    if kind == "events_api":
        event = body.get("event") or {}
        if event.get("type") == "message" and event.get("text") == "ping":
            return None, [say("pong")]
        if event.get("type") == "app_mention":
            return None, [("chat.postMessage", {"channel": event["channel"], **QUESTION})]
        return None, []
    if kind == "slash_commands":
        if body["command"] == "/echo":
            return {"text": "echo: " + body["text"]}, []
        return None, [("views.open", {"trigger_id": body["trigger_id"], "view": FORM})]
    if kind != "interactive":
        return None, []
    match body["type"]:
        case "block_suggestion":
            return options(body["value"]), []
        case "view_submission" if written(body["view"]) == "bad":
            return ERRORS, []
        case "view_submission":
            return None, [say("submitted: " + written(body["view"]))]
        case "block_actions":
            return None, [say("pressed: " + body["actions"][0]["value"])]
        case "shortcut":
            return None, [say("shortcut")]
        case "message_action":
            return None, [say("about: " + body["message"]["text"])]
    return None, []
