"""A bot on Bolt for Python."""

import os

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.web import WebClient

from dialogue import CHANNEL, ERRORS, FORM, QUESTION, options, written

app = App(client=WebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]))


@app.message("ping")
def ping(say):
    say("pong")


@app.event("message")
@app.event("team_join")
def nothing_to_do():
    pass


@app.event("app_mention")
def mentioned(say):
    say(**QUESTION)


@app.command("/echo")
def echo(ack, command):
    ack("echo: " + command["text"])


@app.command("/form")
def form(ack, body, client):
    ack()
    client.views_open(trigger_id=body["trigger_id"], view=FORM)


@app.options("service")
def suggest(ack, payload):
    ack(**options(payload["value"]))


@app.view("form")
def submitted(ack, view, client):
    if written(view) == "bad":
        ack(**ERRORS)
        return
    ack()
    client.chat_postMessage(channel=CHANNEL, text="submitted: " + written(view))


@app.action("approve")
def approve(ack, action, client):
    ack()
    client.chat_postMessage(channel=CHANNEL, text="pressed: " + action["value"])


@app.shortcut("global")
def shortcut(ack, client):
    ack()
    client.chat_postMessage(channel=CHANNEL, text="shortcut")


@app.shortcut("about")
def about(ack, shortcut, client):
    ack()
    client.chat_postMessage(channel=CHANNEL, text="about: " + shortcut["message"]["text"])


SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).start()
