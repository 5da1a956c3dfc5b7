// What an agent tells of itself beside its messages: that it works, and what it could be asked. Both are calls of its own.

import { button, el } from "./dom.js";
import { visible } from "./text.js";

/** Places remembered. */
const MOST_PLACES = 100;
const STATUS = new Set(["assistant.threads.setStatus", "agents.sessions.setStatus"]);
const PROMPTS = "assistant.threads.setSuggestedPrompts";

/** The status and the prompts of each thread, by channel and thread. */
export class Agents {
  #places = new Map();

  /** Takes an entry of the journal; whether something changed. */
  take(entry) {
    if (entry.kind === "message" && entry.bot) return this.#change(entry.channel, entry.thread_ts ?? entry.ts, { status: "" });
    if (entry.kind !== "call" || entry.error || !entry.body) return false;
    const { channel_id: channel, thread_ts: thread, status, prompts, title } = entry.body;
    if (STATUS.has(entry.method)) return this.#change(channel, thread, { status: String(status ?? "") });
    if (entry.method === PROMPTS) return this.#change(channel, thread, { title: String(title ?? ""), prompts: Array.isArray(prompts) ? prompts : [] });
    return false;
  }

  #change(channel, thread, fields) {
    const key = `${channel} ${thread}`;
    const known = this.#places.get(key);
    if (!known && !fields.status && !fields.prompts) return false;
    this.#places.set(key, { status: "", prompts: [], ...known, ...fields });
    if (this.#places.size > MOST_PLACES) this.#places.delete(this.#places.keys().next().value);
    return true;
  }

  /** What is shown below the messages of a thread; `say(text)` writes one as the person. */
  draw(channel, thread, name, say) {
    const place = this.#places.get(`${channel} ${thread}`);
    if (!place) return [];
    place.node ??= el("div", { class: "agent", role: "status" });
    const { status, prompts, title } = place;
    place.node.replaceChildren(...[
      status && el("p", { class: "agent-status" }, visible(`${name} ${status}`)),
      prompts.length > 0 && el("div", { class: "agent-prompts" }, title && el("span", { class: "quiet" }, visible(title)), prompts.map((prompt) => button(visible(String(prompt?.title ?? prompt?.message ?? "")), () => say(String(prompt?.message ?? prompt?.title ?? "")), { class: "small" }))),
    ].filter(Boolean));
    return status || prompts.length ? [place.node] : [];
  }
}
