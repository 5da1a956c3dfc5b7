import assert from "node:assert/strict";
import { test } from "node:test";
import { asSlack } from "./composer.js";
import { emojiOf } from "./emoji.js";
import { Envelopes, titleOf } from "./envelopes.js";
import { ENTRIES_KEPT, ENVELOPES_SHOWN, MESSAGES_KEPT, NOTICES_KEPT, VIEWS_KEPT } from "./bounds.js";
import { Form, chosen, initial } from "./form.js";
import { describe } from "./inspector.js";
import { span } from "./links.js";
import { load } from "./load.js";
import { permalinkOf, placeOf } from "./session.js";
import { Store } from "./store.js";

test("what is typed is escaped, and references stay", () => {
  const references = new Map([["@kim", "<@U2>"], ["@kimberly", "<@U3>"], ["#general", "<#C1>"]]);
  assert.equal(asSlack("@kimberly, @kim: a<b & c #general", references), "<@U3>, <@U2>: a&lt;b &amp; c <#C1>");
  assert.equal(asSlack("<@U0ABC> <!here> <b>"), "<@U0ABC> <!here> &lt;b&gt;");
  assert.equal(asSlack("see https://a.b/?x=1&y=2."), "see <https://a.b/?x=1&amp;y=2>.");
  assert.equal(asSlack("`https://a.b` @kim", references), "`https://a.b` <@U2>");
});

test("an envelope goes from its delivery to what became of it", () => {
  const all = new Envelopes();
  const take = (kind, fields) => all.take({ kind, envelope_id: "e", at_ms: 5, ...fields });
  take("envelope", { type: "events_api", link: 1, retry_attempt: 0, deadline_ms: 3000, payload: { event: { type: "message" } } });
  assert.equal(all.get("e").state, "pending");
  assert.equal(all.get("e").current.deadline, 3005);
  take("overdue", {});
  assert.equal(all.get("e").state, "overdue");
  take("redelivery", { attempt: 1 });
  take("envelope", { type: "events_api", link: null, retry_attempt: 1, deadline_ms: 3000, payload: {} });
  assert.equal(all.get("e").state, "pending");
  take("ack", { link: 2, ms: 7, on_carrier: false });
  assert.equal(all.get("e").state, "acked");
  take("late_ack", { link: 2, ms: 9 });
  assert.equal(all.get("e").state, "acked");
  assert.equal(all.take({ kind: "call", method: "x" }), false);
  for (let id = 0; id < ENVELOPES_SHOWN + 50; id += 1) all.take({ kind: "envelope", envelope_id: `${id}`, at_ms: 0, type: "interactive", payload: {} });
  assert.equal(all.newest().length, ENVELOPES_SHOWN);
});

test("envelopes are called by what they are about", () => {
  assert.equal(titleOf({ type: "slash_commands", payload: { command: "/x", text: "y" } }), "/x y");
  assert.equal(titleOf({ type: "interactive", payload: { type: "block_actions", actions: [{ action_id: "a" }] } }), "press a");
  assert.equal(titleOf({ type: "interactive", payload: { type: "view_submission", view: { callback_id: "v" } } }), "submit v");
  assert.equal(titleOf({ type: "strange", payload: null }), "strange");
});

test("every kind of entry is described", () => {
  for (const kind of ["act", "open", "dial", "link", "sent", "received", "envelope", "ack", "late_ack", "overdue", "redelivery", "lost", "failed", "call", "message", "view", "view_errors", "anything"]) assert.equal(typeof describe({ kind }), "string", kind);
});

test("a form has the values of the blocks that are there", () => {
  const form = new Form();
  form.set("a", "x", { type: "plain_text_input", value: "1" });
  form.set("gone", "y", { type: "plain_text_input", value: "2" });
  assert.deepEqual(form.values([{ block_id: "a" }]), { a: { x: { type: "plain_text_input", value: "1" } } });
  assert.equal(initial({ type: "button" }), null);
  assert.deepEqual(initial({ type: "static_select" }), { type: "static_select", selected_option: null });
});

test("a click carries what was chosen", () => {
  const option = (value) => ({ text: { type: "plain_text", text: value }, value });
  assert.equal(chosen({ type: "static_select", selected_option: option("a") }), "a");
  assert.deepEqual(chosen({ type: "checkboxes", selected_options: [option("a"), option("b")] }), ["a", "b"]);
  assert.equal(chosen({ type: "users_select", selected_user: "U1" }), "U1");
  assert.equal(chosen({ type: "button", value: null }), null);
});

test("permalinks lead to their messages", () => {
  const path = permalinkOf({ channel: "C0GENERAL1", ts: "1700000000.000100" });
  assert.deepEqual(placeOf(path), { channel: "C0GENERAL1", ts: "1700000000.000100" });
  for (const other of ["/", "/archives/", "/archives/c/p1", "/team/U1"]) assert.equal(placeOf(other), null, other);
});

test("emoji are known by their names, with or without a skin tone", () => {
  assert.equal(emojiOf("+1::skin-tone-3"), emojiOf("+1"));
  for (const name of ["constructor", "__proto__", "unheard_of"]) assert.equal(emojiOf(name), null);
});

test("time spans have their two largest units", () => {
  assert.deepEqual([0, 900, 61_000, 3_600_000, 18_060_000].map(span), ["0 s", "0 s", "1 min 1 s", "1 h 0 min", "5 h 1 min"]);
});

test("what happens while the page loads is not lost, and not undone", async () => {
  const [kept, gone] = ["1.1", "1.2"].map((ts) => ({ channel: "C1", ts, text: ts }));
  const there = { messages: [kept, gone], views: [] };
  const entries = [{ kind: "message", ...kept }, { kind: "message", ...gone }];
  const get = async (path) => {
    if (path === "state") return { app: { app_id: "A1" } };
    if (path === "messages" || path === "views") return { [path]: [...there[path]] };
    const since = Number(/since=(\d+)/.exec(path)[1]);
    // Between the first page and the second a message goes, and a form comes.
    if (since === 2 && entries.length === 2) {
      there.messages.pop();
      there.views.push({ id: "V1", type: "modal" });
      entries.push({ kind: "message_deleted", channel: "C1", ts: gone.ts }, { kind: "view", id: "V1", type: "modal" });
    }
    return { entries: entries.slice(since), next: entries.length };
  };
  const store = new Store();
  assert.equal(await load(store, (state) => store.takeState(state), get), 4);
  assert.equal(store.app.app_id, "A1");
  assert.deepEqual(store.messagesOf("C1", "U1").map((message) => message.ts), [kept.ts]);
  assert.deepEqual(store.modals("U1").map((view) => view.id), ["V1"]);
});

test("so many views are kept, and no errors of others", () => {
  const store = new Store();
  for (let number = 0; number < VIEWS_KEPT + 10; number += 1) {
    store.takeEntry({ kind: "view", id: `V${number}`, type: "modal" });
    store.takeEntry({ kind: "view_errors", view_id: `V${number}`, errors: { a: "b" } });
  }
  store.takeEntry({ kind: "view_errors", view_id: "V0", errors: { a: "b" } });
  store.takeEntry({ kind: "view_closed", view_id: "V20" });
  assert.equal(store.views.size, VIEWS_KEPT - 1);
  assert.equal(store.viewErrors.size, VIEWS_KEPT - 1);
  assert.ok(!store.viewErrors.has("V0") && !store.viewErrors.has("V20"));
});

test("so many messages, entries and notices are kept", () => {
  const store = new Store();
  for (let number = 0; number < MESSAGES_KEPT + 10; number += 1) {
    store.takeEntry({ kind: "message", channel: "C1", ts: `${1000 + number}.1`, text: "x" });
    store.takeEntry({ kind: "failed", what: "command", error: "x", user: "U1" });
  }
  const messages = store.messagesOf("C1", "U1");
  assert.equal(messages.length, MESSAGES_KEPT);
  assert.equal(messages[0].ts, "1010.1");
  assert.equal(store.entries.length, ENTRIES_KEPT);
  assert.equal(store.notices.length, NOTICES_KEPT);
});
