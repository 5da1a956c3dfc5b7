"""A running simulator, by its control API."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request


class Failure(Exception):
    """What was expected did not happen; a few words for the table."""


class Slack:
    """Starts the program, and stops it at the end of a `with`."""

    def __init__(self, program):
        options = ["--rotation-grace", "2", "--ping-interval", "2"]
        self.process = subprocess.Popen(
            [program, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        self.variables = {}
        for line in self.process.stdout:
            name, _, value = line.strip().partition("=")
            if name.startswith("SLACK_"):
                self.variables[name] = value
            if len(self.variables) == 3:
                break
        else:
            raise SystemExit(f"{program} did not start")
        self.url = self.variables["SLACK_API_URL"].removesuffix("/api/")
        state = self.get("state")
        self.channel = next(channel["id"] for channel in state["channels"] if not channel["is_im"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def environment(self):
        """For a bot."""
        return {**os.environ, **self.variables, "CHANNEL": self.channel}

    def get(self, path):
        return self._ask(urllib.request.Request(f"{self.url}/_control/{path}"), 10)

    def post(self, path, timeout=10, **fields):
        request = urllib.request.Request(
            f"{self.url}/_control/{path}",
            data=json.dumps(fields).encode(),
            headers={"Content-Type": "application/json"},
        )
        return self._ask(request, timeout)

    def act(self, name, **fields):
        """The envelope that comes of it."""
        return self.post(name, **fields)["envelope_id"]

    def submit(self, value):
        values = {"when": {"value": {"type": "plain_text_input", "value": value}}}
        return self.act("submit", callback_id="form", values=values)

    def wait(self, what, seconds, otherwise):
        try:
            # A wait takes a minute at most.
            return self.post("wait", timeout=seconds + 10, timeout_ms=min(int(seconds * 1000), 60_000), **what)
        except Failure as failure:
            raise Failure(otherwise) from failure

    def acknowledged(self, envelope, count=1):
        """The payload of the last acknowledgement."""
        what = {"for": "ack", "envelope_id": envelope, "count": count}
        return self.wait(what, 5, "not acknowledged")["acks"][-1].get("payload")

    def posted(self, text):
        message = self.wait({"for": "message"}, 5, "no answer")["message"]
        if message["text"] != text:
            raise Failure(f"posted {message['text']!r}")

    def called(self, method):
        call = self.wait({"for": "call", "method": method}, 5, f"no {method}")["call"]
        if call.get("error"):
            raise Failure(f"{method}: {call['error']}")

    def open_links(self):
        return [link["id"] for link in self.get("state")["links"] if link["state"] in ("open", "warned")]

    def link(self, order, link="all"):
        self.post(f"links/{link}/{order}")

    def replaced(self, act, seconds):
        """Does something to the links; another one is to be there after it, and to work."""
        old = set(self.open_links())
        act()
        try:
            until = time.monotonic() + seconds
            while not set(self.open_links()) - old:
                if time.monotonic() > until:
                    raise Failure("no new link")
                time.sleep(0.05)
            event = self.act("event", event={"type": "team_join", "user": {"id": "U0NEW"}})
            # It may have gone to the old link, and come again.
            self.wait({"for": "ack", "envelope_id": event}, 15, "not acknowledged")
        finally:
            for link in old:
                for order in ("thaw", "reset"):
                    try:
                        self.link(order, link)
                    except Failure:
                        pass  # it is closed

    def now(self):
        return self.get("journal?limit=1&since=1000000000000")["next"]

    def journal(self, since, kind):
        return self.get(f"journal?since={since}&kind={kind}")["entries"]

    def drain(self):
        """Forgets the messages and calls that nobody has waited for."""
        for what in ({"for": "message"}, {"for": "call", "method": "views.open"}):
            try:
                while True:
                    self.post("wait", timeout_ms=0, **what)
            except Failure:
                pass

    def _ask(self, request, timeout):
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            body = json.load(error)
            raise Failure(body.get("message") or body.get("error")) from error
