// Every call, frame and act in the order of the journal; one opens to its JSON.

import { ENTRIES_SHOWN } from "./bounds.js";
import { el, lookup, onceAFrame, reconcile } from "./dom.js";
import { jsonText } from "./json.js";
import { visible } from "./text.js";
import { milliseconds, seconds } from "./wire.js";

const SIGNS = {
  call: "←", envelope: "→", redelivery: "↻", ack: "✓", late_ack: "!", overdue: "!", lost: "✕", failed: "✕", open: "◇", dial: "⇄", link: "⇄",
  sent: "→", received: "←", act: "•", message: "✉", message_changed: "✉", message_deleted: "✉", view: "▣", view_closed: "▣", view_errors: "▣", suggestions: "≡",
};
const BAD = new Set(["late_ack", "overdue", "lost", "failed"]);
const GROUPS = {
  calls: ["call", "open"],
  frames: ["envelope", "redelivery", "ack", "late_ack", "overdue", "lost", "failed", "sent", "received", "dial", "link"],
  acts: ["act"],
  contents: ["message", "message_changed", "message_deleted", "view", "view_closed", "view_errors", "suggestions"],
};

/** Wires the list: `controls` are {filter, group, pings}, fields of the page. */
export function startInspector({ store }, frame, controls) {
  const rows = new Map();
  const draw = onceAFrame(() => {
    if (frame.closest("[hidden]")) return;
    const letters = controls.filter.value.trim().toLowerCase();
    const kinds = GROUPS[controls.group.value];
    const fits = (entry) => (!kinds || kinds.includes(entry.kind)) && (controls.pings.checked || !isPing(entry)) && (!letters || searchable(entry).includes(letters));
    const shown = [];
    for (let at = store.entries.length - 1; at >= 0 && shown.length < ENTRIES_SHOWN; at -= 1) if (fits(store.entries[at])) shown.push(store.entries[at]);
    const known = new Set(shown);
    for (const entry of rows.keys()) if (!known.has(entry)) rows.delete(entry);
    reconcile(frame, shown.map((entry) => {
      if (!rows.has(entry)) rows.set(entry, makeRow(entry));
      return rows.get(entry);
    }));
  });
  store.addEventListener("change", (event) => event.detail.has("entries") && draw());
  for (const control of Object.values(controls)) for (const name of ["input", "change"]) control.addEventListener(name, draw);
  return draw;
}

function isPing(entry) {
  return ["sent", "received"].includes(entry.kind) && ["ping", "pong"].includes(entry.frame);
}

const searched = new WeakMap();

function searchable(entry) {
  if (!searched.has(entry)) searched.set(entry, JSON.stringify(entry).toLowerCase());
  return searched.get(entry);
}

function makeRow(entry) {
  const details = el("details", {}, el("summary", {}, el("span", { class: "entry-sign", "aria-hidden": "true" }, lookup(SIGNS, entry.kind) ?? "·"), el("span", { class: "entry-kind" }, entry.kind.replaceAll("_", " ")), el("span", { class: "entry-words" }, visible(describe(entry))), el("time", {}, seconds(entry.at_ms))));
  details.addEventListener("toggle", () => details.open && details.childElementCount === 1 && details.append(jsonText(entry)));
  const isBad = BAD.has(entry.kind) || entry.error || entry.ok === false;
  return el("li", { class: isBad ? "entry bad" : "entry", data: { kind: entry.kind } }, details);
}

/** An entry in one line. */
export function describe(entry) {
  const link = entry.link === null ? "a ghost" : entry.link === undefined ? "" : `link ${entry.link}`;
  const id = String(entry.envelope_id ?? "").slice(0, 8);
  const join = (...parts) => parts.filter((part) => part !== "" && part !== undefined && part !== null && part !== false).join(" · ");
  switch (entry.kind) {
    case "call":
      return join(entry.method, entry.error, entry.body?.text);
    case "open":
      return join("apps.connections.open", entry.ok ? "ok" : entry.error);
    case "dial":
      return join(link, entry.ok ? "ok" : `status ${entry.status ?? "?"}`);
    case "link":
      return join(link, entry.state, entry.code, entry.reason);
    case "sent":
    case "received":
      return join(link, entry.frame, entry.text);
    case "envelope":
      return join(entry.type, link, id, entry.retry_attempt ? `retry ${entry.retry_attempt}` : "");
    case "ack":
    case "late_ack":
      return join(milliseconds(entry.ms), link, id, entry.payload !== undefined && "with an answer");
    case "redelivery":
      return join(id, `retry ${entry.attempt}`);
    case "lost":
      return join(id, entry.why);
    case "failed":
      return join(entry.what, entry.error, entry.user);
    case "act":
      return join(entry.name, entry.params?.text ?? entry.params?.command ?? entry.params?.action_id);
    case "message":
    case "message_changed":
    case "message_deleted":
      return join(entry.channel, entry.user, entry.text ?? entry.ts);
    case "view":
      return join(entry.type ?? entry.view?.type, entry.callback_id ?? entry.view?.callback_id, entry.id ?? entry.view?.id);
    default:
      return join(id, entry.view_id, entry.action_id);
  }
}
