// On top: the links with what can be done to each, and the switches of the whole.

import { CLOSED_LINKS_SHOWN } from "./bounds.js";
import { button, el, onceAFrame, reconcile } from "./dom.js";
import { copyText } from "./json.js";

const TICK_MS = 500;
const RETRY_AFTER_S = 30;
const MOST_GHOSTS = 20;

/** Wires the bar: `place` is {store, acts, refresh}; `refresh()` asks for the state. */
export function startLinks(place) {
  const { store } = place;
  const frame = document.getElementById("links");
  const cards = new Map();
  const draw = onceAFrame(() => {
    const open = store.links.filter((link) => link.state !== "closed");
    const closed = store.links.filter((link) => link.state === "closed").slice(-CLOSED_LINKS_SHOWN);
    const shown = [...open.reverse(), ...closed.reverse()];
    const known = new Set(shown.map((link) => link.id));
    for (const id of cards.keys()) if (!known.has(id)) cards.delete(id);
    const nodes = shown.map((link) => {
      if (!cards.has(link.id)) cards.set(link.id, makeCard(link.id, place));
      const card = cards.get(link.id);
      card.update(link);
      return card.node;
    });
    if (!open.length) nodes.unshift(noLink(frame));
    reconcile(frame, nodes);
    document.getElementById("connections").textContent = `${open.length} open, ${store.connections} counted`;
  });
  store.addEventListener("change", (event) => event.detail.has("state") && draw());
  setInterval(() => {
    for (const card of cards.values()) card.tick();
  }, TICK_MS);
  startSwitches(place);
}

function noLink(frame) {
  return frame.querySelector(":scope > .no-link") ?? el("p", { class: "no-link" }, "No bot is connected. Start one with the three variables that the program has printed: its links appear here.");
}

function makeCard(id, { store, acts, refresh }) {
  let link = {};
  const order = (name) => async () => {
    await acts.link(id, name);
    await refresh();
  };
  const state = el("span", { class: "link-state" });
  const facts = el("span", { class: "link-facts" });
  const freeze = button("Half-open", () => order(link.frozen ? "thaw" : "freeze")(), { class: "small", title: "Stop reading and writing while TCP stays up" });
  const orders = [
    button("Warn", order("warn"), { class: "small", title: "disconnect: warning, the link stays" }),
    button("Refresh", order("refresh"), { class: "small", title: "disconnect: refresh_requested, the link stays" }),
    button("Rotate", order("rotate"), { class: "small", title: "warning, ten seconds, close" }),
    button("Cut", order("cut"), { class: "small", title: "End TCP without a close frame" }),
    freeze,
    button("Garbage", order("garbage"), { class: "small", title: "Send a text that is no JSON" }),
  ];
  const node = el("li", { class: "link-card", data: { link: id } }, el("div", { class: "link-head" }, el("span", { class: "dot", "aria-hidden": "true" }), el("strong", {}, `Link ${id}`), state, facts), el("div", { class: "link-orders", role: "group", "aria-label": `Link ${id}` }, orders));
  const tick = () => {
    const passed = performance.now() - (link.seen_at ?? performance.now());
    const isClosed = link.state === "closed";
    const isOthers = link.app_id && link.app_id !== store.app.app_id;
    facts.textContent = [isOthers && `app ${link.app_id}`, !isClosed && `open ${span((link.age_ms ?? 0) + passed)}`, !isClosed && link.last_frame_ms !== null && link.last_frame_ms !== undefined && `last frame ${span(link.last_frame_ms + passed)} ago`, `${link.envelopes ?? 0} envelope${link.envelopes === 1 ? "" : "s"}`].filter(Boolean).join(" · ");
  };
  const update = (now) => {
    link = now;
    const look = link.frozen ? "half-open" : String(link.state);
    node.dataset.state = look;
    state.textContent = look;
    freeze.textContent = link.frozen ? "Thaw" : "Half-open";
    for (const one of orders) one.disabled = link.state === "closed";
    tick();
  };
  return { node, update, tick };
}

/** A time span in its two largest units. */
export function span(ms) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const parts = [[Math.floor(all / 3600), "h"], [Math.floor(all / 60) % 60, "min"], [all % 60, "s"]];
  const from = parts.findIndex(([number]) => number > 0);
  return from < 0 ? "0 s" : parts.slice(from, from + 2).map(([number, unit]) => `${number} ${unit}`).join(" ");
}

function startSwitches({ store, acts, refresh }) {
  const find = (id) => document.getElementById(id);
  const opens = { "switch-429": { status: 429, retry_after: RETRY_AFTER_S }, "switch-auth": { error: "invalid_auth" } };
  for (const [id, answer] of Object.entries(opens)) {
    find(id).addEventListener("change", async (event) => {
      await acts.set("opens", event.target.checked ? answer : {});
      await refresh();
    });
  }
  const ghosts = find("ghosts");
  ghosts.setAttribute("max", MOST_GHOSTS);
  ghosts.addEventListener("change", async () => {
    const count = Math.min(MOST_GHOSTS, Math.max(0, Math.floor(Number(ghosts.value) || 0)));
    await acts.set("ghosts", { count });
    await refresh();
  });
  find("copy-env").addEventListener("click", (event) => copyText(find("env-text").textContent, event.currentTarget));
  store.addEventListener("change", (event) => {
    if (!event.detail.has("state")) return;
    const answer = store.faults.opens ?? {};
    const is429 = answer.status === 429 || answer.error === "ratelimited";
    find("switch-429").checked = is429;
    find("switch-auth").checked = !is429 && answer.error === "invalid_auth";
    if (document.activeElement !== ghosts) ghosts.value = store.ghosts;
    find("env-text").textContent = `SLACK_API_URL=${store.apiUrl}`;
  });
}
