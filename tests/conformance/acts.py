"""What is done with each bot, and what must come of it: one function an act, in the order of the table.

An act returns nothing, or raises a Failure with a few words for the table.
"""

import time

from slack import Failure, Slack

#: Seconds within which an answer is expected: Slack's own deadline for an acknowledgement is 3 s.
SOON = 5
#: Seconds within which a client is to be back after a link has ended.
RECONNECT = 75


def connect(slack: Slack):
    """A link with a hello, and one call of apps.connections.open for it."""
    slack.wait({"for": "links", "count": 1}, RECONNECT, "no link")


def message(slack: Slack):
    """A message of a person is acknowledged and answered."""
    slack.acknowledged(slack.act("say", text="ping"))
    slack.posted("pong")


def mention(slack: Slack):
    slack.acknowledged(slack.act("mention", text="shall I?"))
    slack.posted("Shall I?")


def button(slack: Slack):
    """The button below the answer to the mention."""
    slack.acknowledged(slack.act("press", action_id="approve"))
    slack.posted("pressed: yes")


def command(slack: Slack):
    """The answer is in the acknowledgement."""
    answer = slack.acknowledged(slack.act("command", command="/echo", text="hello"))
    if (answer or {}).get("text") != "echo: hello":
        raise Failure(f"answered {answer}")


def modal(slack: Slack):
    """A command opens a modal, within the 3 s that the trigger_id is good for."""
    slack.acknowledged(slack.act("command", command="/form"))
    slack.called("views.open")


def suggestion(slack: Slack):
    answer = slack.acknowledged(slack.act("suggest", action_id="service", value="api"))
    values = [option.get("value") for option in (answer or {}).get("options", [])]
    if values != ["api"]:
        raise Failure(f"answered {answer}")


def error(slack: Slack):
    """A submission that is refused: the modal stays open."""
    answer = slack.acknowledged(slack.submit("bad"))
    if (answer or {}).get("response_action") != "errors":
        raise Failure(f"answered {answer}")


def submission(slack: Slack):
    slack.acknowledged(slack.submit("friday"))
    slack.posted("submitted: friday")


def shortcut(slack: Slack):
    slack.acknowledged(slack.act("shortcut", callback_id="global"))
    slack.posted("shortcut")


def message_shortcut(slack: Slack):
    said = slack.post("say", text="a message")
    slack.acknowledged(said["envelope_id"])
    about = slack.act("shortcut", callback_id="about", channel=slack.channel, ts=said["ts"])
    slack.acknowledged(about)
    slack.posted("about: a message")


def redelivery(slack: Slack):
    """An event that comes again is acknowledged again."""
    event = slack.act("event", event={"type": "team_join", "user": {"id": "U0NEW"}})
    slack.acknowledged(event)
    slack.post("redeliver", envelope_id=event)
    slack.acknowledged(event, count=2)


def unknown_type(slack: Slack):
    """An envelope of a type that nobody knows does no harm."""
    slack.act("envelope", type="something_new", payload={"a": 1})
    message(slack)


def garbage(slack: Slack):
    """Text that is no JSON does not cost the link."""
    before = slack.open_links()
    slack.link("garbage")
    message(slack)
    if slack.open_links() != before:
        raise Failure("dropped the link")


def rotation(slack: Slack):
    """A link is rotated while an event a tenth of a second arrives: each one is acknowledged."""
    old = slack.open_links()
    slack.link("rotate")
    events = []
    until = time.monotonic() + RECONNECT
    while set(slack.open_links()) & set(old) or not slack.open_links():
        events.append(slack.act("event", event={"type": "team_join", "user": {"id": "U0NEW"}}))
        if time.monotonic() > until:
            raise Failure("no new link")
        time.sleep(0.1)
    lost = 0
    for event in events:
        try:
            slack.acknowledged(event)
        except Failure:
            lost += 1
    if lost:
        raise Failure(f"lost {lost} of {len(events)} events")


def refresh(slack: Slack):
    """After refresh_requested there is another link."""
    slack.replaced(lambda: slack.link("refresh"), RECONNECT)


def close(slack: Slack):
    slack.replaced(lambda: slack.link("close"), RECONNECT)


def cut(slack: Slack):
    """The end of TCP without a close frame."""
    slack.replaced(lambda: slack.link("cut"), RECONNECT)


def reset(slack: Slack):
    slack.replaced(lambda: slack.link("reset"), RECONNECT)


def rate_limited(slack: Slack):
    """apps.connections.open answers 429 with Retry-After: 2. The next call comes later than that, and not for ever."""
    slack.post("opens", status=429, retry_after=2, times=1)
    since = slack.now()
    slack.replaced(lambda: slack.link("close"), RECONNECT)
    opens = [entry["at_ms"] for entry in slack.journal(since, "open")]
    waited = (opens[1] - opens[0]) / 1000 if len(opens) > 1 else 0
    if waited < 2:
        raise Failure(f"called again after {waited:.1f} s")


def half_open(slack: Slack):
    """A link on which nothing comes any more, not even a ping."""
    slack.replaced(lambda: slack.link("freeze"), RECONNECT)


def link_disabled(slack: Slack):
    """Socket Mode was switched off: a client that goes on calling is a nuisance."""
    since = slack.now()
    slack.link("disable")
    time.sleep(3)
    again = len(slack.journal(since, "open"))
    if again:
        raise Failure(f"called {again} times in 3 s")


def no_event(slack: Slack):
    """The payload of app_rate_limited has no event inside. It comes again, and some clients die of it: the last act."""
    payload = {"type": "app_rate_limited", "minute_rate_limited": 1, "team_id": "T1", "api_app_id": "A1"}
    slack.acknowledged(slack.act("envelope", type="events_api", payload=payload))


ACTS = [
    connect, message, mention, button, command, modal, suggestion, error, submission, shortcut, message_shortcut,
    redelivery, unknown_type, garbage, rotation, refresh, close, cut, reset, rate_limited,
    half_open, link_disabled, no_event,
]
