// The right of the page: each envelope with its countdown, and what became of it.

import { button, el, lookup, onceAFrame, reconcile } from "./dom.js";
import { textOf, titleOf } from "./envelopes.js";
import { jsonView } from "./json.js";
import { visible } from "./text.js";

const TICK_MS = 100;
const TYPES = { events_api: ["event", "E"], slash_commands: ["command", "/"], interactive: ["interaction", "◉"] };
const WHY = { no_link: "no link was open", ghost: "a ghost took it", not_acknowledged: "nobody acknowledged it", forgotten: "too old" };

/** Wires the list of envelopes: `place` is {store, acts}. */
export function startWire(place, frame, filter) {
  const { store } = place;
  const rows = new Map();
  const draw = onceAFrame(() => {
    const letters = filter.value.trim().toLowerCase();
    const all = store.envelopes.newest();
    const known = new Set(all.map((envelope) => envelope.id));
    for (const id of rows.keys()) if (!known.has(id)) rows.delete(id);
    const shown = all.filter((envelope) => !letters || searchable(envelope).includes(letters));
    const nodes = shown.map((envelope) => {
      if (!rows.has(envelope.id)) rows.set(envelope.id, makeRow(envelope, place));
      const row = rows.get(envelope.id);
      row.update();
      return row.node;
    });
    frame.classList.toggle("empty", nodes.length === 0);
    reconcile(frame, nodes);
  });
  store.addEventListener("change", (event) => (event.detail.has("envelopes") || event.detail.has("state")) && draw());
  filter.addEventListener("input", draw);
  setInterval(() => {
    for (const row of rows.values()) row.tick();
  }, TICK_MS);
}

function searchable(envelope) {
  return `${envelope.type} ${titleOf(envelope)} ${textOf(envelope)} ${envelope.id} ${envelope.state} link ${envelope.current?.link ?? "ghost"}`.toLowerCase();
}

function makeRow(envelope, { store, acts }) {
  const [kind, sign] = lookup(TYPES, envelope.type) ?? [envelope.type || "envelope", "•"];
  const title = el("strong", {}, visible(titleOf(envelope)));
  const text = el("span", { class: "envelope-text", dir: "auto" }, visible(textOf(envelope).slice(0, 200)));
  const state = el("span", { class: "envelope-state" });
  const bar = el("span", { class: "bar", "aria-hidden": "true" }, el("span", { class: "bar-fill" }));
  const meta = el("span", { class: "envelope-meta" });
  const more = el("div", { class: "envelope-more" });
  const details = el("details", {}, el("summary", {}, el("span", { class: "envelope-sign", title: kind, "aria-label": kind }, sign), el("span", { class: "envelope-title" }, title, text), state, meta), bar);
  details.append(more);
  const node = el("li", { class: "envelope", data: { envelopeId: envelope.id } }, details);
  let drawn = -1;
  let filled = -1;

  const fill = () => {
    if (!details.open || filled === envelope.revision) return;
    filled = envelope.revision;
    const { deliveries, acks } = envelope;
    more.replaceChildren(
      el("ol", { class: "deliveries" }, deliveries.map((delivery) => el("li", {}, `${delivery.attempt ? `retry ${delivery.attempt}` : "delivered"} at ${seconds(delivery.at)} ${delivery.link === null ? "to a ghost" : `on link ${delivery.link}`}`)), acks.map((ack) => el("li", {}, `${ack.kind === "late_ack" ? "late acknowledgement" : "acknowledged"} after ${milliseconds(ack.ms)} on link ${ack.link}${ack.on_carrier ? "" : ", not the one that carried it"}`))),
      ...[envelope.answer !== undefined && jsonView(envelope.answer, "answer", { open: true }), jsonView(envelope.payload, "payload"),
        envelope.type === "events_api" && button("Deliver again", () => acts.set("redeliver", { envelope_id: envelope.id }), { class: "small" })].filter(Boolean));
  };
  details.addEventListener("toggle", fill);
  const update = () => {
    if (drawn === envelope.revision) return;
    drawn = envelope.revision;
    const [look, words] = stateOf(envelope);
    node.dataset.state = look;
    state.textContent = words;
    title.replaceChildren(...visible(titleOf(envelope)));
    const parts = [envelope.current && (envelope.current.link === null ? "to a ghost" : `link ${envelope.current.link}`), seconds(envelope.at), envelope.attempt && `retry ${envelope.attempt}`, envelope.answer !== undefined && `answer ${brief(envelope.answer)}`, envelope.failed && `the person sees ${envelope.failed}`];
    meta.replaceChildren(...visible(parts.filter(Boolean).join(" · ")));
    fill();
    tick();
  };
  const tick = () => {
    if (envelope.state !== "pending" || !envelope.current) return;
    const left = Math.max(0, envelope.current.deadline - store.now());
    state.textContent = `${(left / 1000).toFixed(1)} s`;
    bar.firstChild.style.setProperty("transform", `scaleX(${left / envelope.current.deadlineMs})`);
    node.classList.toggle("urgent", left < envelope.current.deadlineMs / 3);
  };
  return { node, update, tick };
}

function stateOf(envelope) {
  const retry = envelope.attempt ? `, retry ${envelope.attempt}` : "";
  switch (envelope.state) {
    case "acked":
      return ["acked", `ack ${milliseconds(envelope.ms)}${retry}`];
    case "late":
      return ["late", `late, ${milliseconds(envelope.late)}`];
    case "overdue":
      return ["overdue", `overdue${retry}`];
    case "waiting":
      return ["waiting", `waits for a link${retry}`];
    case "lost":
      return ["lost", `lost: ${lookup(WHY, envelope.why) ?? envelope.why}`];
    default:
      return ["pending", ""];
  }
}

/** An answer in a few words. */
function brief(answer) {
  const words = answer?.text ?? answer?.response_action ?? Object.keys(answer ?? {}).join(", ");
  return String(words).slice(0, 60);
}

/** A time span for people. */
export function milliseconds(ms) {
  if (!Number.isFinite(ms)) return "?";
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A moment on the simulator's clock. */
export function seconds(atMs) {
  return `${(atMs / 1000).toFixed(2)} s`;
}
