// The envelopes and what became of them, from the entries of the journal.

import { ENVELOPES_SHOWN } from "./bounds.js";
import { lookup } from "./dom.js";

/** What people call an envelope by, and its deadlines. */
export class Envelopes {
  #all = new Map();

  get(id) {
    return this.#all.get(id);
  }

  /** All that are kept, newest first. */
  newest() {
    return [...this.#all.values()].reverse();
  }

  /** Takes an entry; whether it was about an envelope. */
  take(entry) {
    if (entry.kind === "envelope") return this.#delivered(entry);
    const known = this.#all.get(entry.envelope_id);
    const change = lookup(CHANGES, entry.kind);
    if (!change) return false;
    if (!known && entry.kind === "failed") return false;
    const envelope = known ?? this.#add({ id: entry.envelope_id, type: "", at: entry.at_ms, payload: null });
    change(envelope, entry);
    envelope.revision += 1;
    return true;
  }

  #delivered(entry) {
    const known = this.#all.get(entry.envelope_id);
    const envelope = known ?? this.#add({ id: entry.envelope_id, type: entry.type, at: entry.at_ms, payload: entry.payload });
    const delivery = { at: entry.at_ms, link: entry.link, attempt: entry.retry_attempt ?? 0, deadline: entry.at_ms + (entry.deadline_ms ?? 3000), deadlineMs: entry.deadline_ms ?? 3000 };
    Object.assign(envelope, { type: entry.type, payload: entry.payload ?? envelope.payload, state: "pending", current: delivery });
    envelope.deliveries.push(delivery);
    envelope.revision += 1;
    return true;
  }

  #add(fields) {
    const envelope = { state: "pending", deliveries: [], acks: [], revision: 0, current: null, answer: undefined, ...fields };
    this.#all.set(envelope.id, envelope);
    if (this.#all.size > ENVELOPES_SHOWN) this.#all.delete(this.#all.keys().next().value);
    return envelope;
  }
}

const CHANGES = {
  ack(envelope, entry) {
    envelope.acks.push(entry);
    envelope.ms ??= entry.ms;
    if (entry.payload !== undefined) envelope.answer = entry.payload;
    envelope.state = "acked";
  },
  late_ack(envelope, entry) {
    envelope.acks.push(entry);
    if (entry.payload !== undefined) envelope.answer = entry.payload;
    envelope.late = entry.ms;
    if (envelope.state !== "acked") envelope.state = "late";
  },
  overdue(envelope) {
    envelope.state = "overdue";
    envelope.missed = (envelope.missed ?? 0) + 1;
  },
  redelivery(envelope, entry) {
    envelope.attempt = entry.attempt;
    // An event that no link was open for: it is seen when it goes out.
    if (!envelope.current) Object.assign(envelope, { type: envelope.type || "events_api", state: "waiting" });
  },
  lost(envelope, entry) {
    envelope.state = "lost";
    envelope.why = entry.why;
  },
  failed(envelope, entry) {
    envelope.failed = entry.error;
  },
};

const INTERACTIONS = {
  block_actions: (payload) => `press ${(Array.isArray(payload.actions) ? payload.actions : []).map((action) => action?.action_id).join(", ")}`,
  view_submission: (payload) => `submit ${payload.view?.callback_id ?? ""}`,
  view_closed: (payload) => `close ${payload.view?.callback_id ?? ""}`,
  block_suggestion: (payload) => `suggest ${payload.action_id ?? ""} “${payload.value ?? ""}”`,
};

/** What an envelope is about, in a few words. */
export function titleOf(envelope) {
  const payload = envelope.payload ?? {};
  if (envelope.type === "slash_commands") return `${payload.command ?? "/"} ${payload.text ?? ""}`.trim();
  if (envelope.type === "events_api") return String(payload.event?.subtype ?? payload.event?.type ?? "event");
  const named = lookup(INTERACTIONS, payload.type);
  return (named ? named(payload) : [payload.type ?? envelope.type, payload.callback_id].filter(Boolean).join(" ")).trim() || "envelope";
}

/** The text that an envelope carries, if it has one. */
export function textOf(envelope) {
  const text = envelope.payload?.event?.text ?? envelope.payload?.event?.message?.text ?? envelope.payload?.actions?.[0]?.value;
  return typeof text === "string" ? text : "";
}
