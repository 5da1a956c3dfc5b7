// What the page knows of the simulator: its state at the start, and then each entry of the journal.

import { Agents } from "./agents.js";
import { ENTRIES_KEPT, MESSAGES_KEPT, NOTICES_KEPT, VIEWS_KEPT } from "./bounds.js";
import { Envelopes } from "./envelopes.js";

/** The state. It dispatches `change` with the kinds of what changed: state, messages, views, envelopes, entries. */
export class Store extends EventTarget {
  app = {};
  team = {};
  apiUrl = "";
  users = new Map();
  channels = new Map();
  /** Of each channel: messages by `ts`. */
  messages = new Map();
  views = new Map();
  /** What was wrong in a view's submission: by view, then by block. */
  viewErrors = new Map();
  links = [];
  connections = 0;
  ghosts = 0;
  faults = { opens: null, calls: [] };
  envelopes = new Envelopes();
  agents = new Agents();
  entries = [];
  /** What failed for people: {channel, user, text, after}, where `after` is the `ts` of the last message before it. */
  notices = [];
  isConnected = false;
  /** When the simulator's clock was 0, on this page's clock. */
  #epoch = 0;
  #revision = 0;

  /** The simulator's clock now, in milliseconds. */
  now() {
    return performance.now() - this.#epoch;
  }

  changed(...kinds) {
    this.dispatchEvent(new CustomEvent("change", { detail: new Set(kinds) }));
  }

  /** Forgets everything: the simulator is another one, or entries are missing. */
  reset() {
    for (const map of [this.messages, this.views, this.viewErrors]) map.clear();
    this.envelopes = new Envelopes();
    this.agents = new Agents();
    this.entries = [];
    this.notices = [];
  }

  /** Takes the answer of `/_control/state`. */
  takeState(state) {
    this.app = state.app ?? {};
    this.team = state.team ?? {};
    this.apiUrl = state.api_url ?? "";
    this.users = new Map((state.users ?? []).map((user) => [user.id, user]));
    this.channels = new Map((state.channels ?? []).map((channel) => [channel.id, channel]));
    this.links = state.links ?? [];
    for (const link of this.links) link.seen_at = performance.now();
    this.connections = state.connections ?? 0;
    this.ghosts = state.ghosts ?? 0;
    this.faults = { opens: null, calls: [], ...state.faults };
    if (Number.isFinite(state.now_ms)) this.#epoch = performance.now() - state.now_ms;
    this.changed("state");
  }

  /** Takes a message as it looks now. */
  takeMessage(message) {
    if (!message?.channel || !message.ts) return;
    if (!this.messages.has(message.channel)) this.messages.set(message.channel, new Map());
    const channel = this.messages.get(message.channel);
    this.#revision += 1;
    // The text of a stream is Markdown, also when it is at its end.
    const markdown = message.streaming || channel.get(message.ts)?.markdown;
    channel.set(message.ts, { ...message, markdown, revision: this.#revision });
    if (channel.size > MESSAGES_KEPT) channel.delete(channel.keys().next().value);
  }

  /** Takes a view; `state` of one that was there is kept by the surfaces. */
  takeView(view) {
    if (!view?.id) return;
    this.#revision += 1;
    this.views.set(view.id, { ...view, revision: this.#revision });
    if (this.views.size > VIEWS_KEPT) this.#forgetView(this.views.keys().next().value);
  }

  #forgetView(id) {
    this.views.delete(id);
    this.viewErrors.delete(id);
  }

  /** Takes an entry of the journal. */
  takeEntry(entry) {
    this.entries.push(entry);
    if (this.entries.length > ENTRIES_KEPT) this.entries.splice(0, this.entries.length - ENTRIES_KEPT);
    const kinds = ["entries"];
    if (this.envelopes.take(entry)) kinds.push("envelopes");
    if (this.agents.take(entry)) kinds.push("messages");
    const link = this.links.find((one) => one.id === entry.link);
    if (link && ["received", "ack", "late_ack"].includes(entry.kind)) {
      link.last_frame_ms = 0;
      link.seen_at = performance.now();
    }
    kinds.push(...this.#applied(entry));
    this.changed(...kinds);
    this.dispatchEvent(new CustomEvent("entry", { detail: entry }));
  }

  #applied(entry) {
    switch (entry.kind) {
      case "message":
      case "message_changed":
        this.takeMessage(bare(entry.message?.ts ? entry.message : entry));
        return ["messages"];
      case "message_deleted":
        this.messages.get(entry.channel)?.delete(entry.ts);
        return ["messages"];
      case "view":
        this.viewErrors.delete(entry.view?.id ?? entry.id);
        this.takeView(bare(entry.view?.id ? entry.view : entry));
        return ["views"];
      case "view_closed":
        this.#forgetView(entry.view_id);
        return ["views"];
      case "view_errors":
        if (this.views.has(entry.view_id)) this.viewErrors.set(entry.view_id, entry.errors ?? {});
        return ["views"];
      case "failed":
        this.#failed(entry);
        return ["messages"];
      default:
        return [];
    }
  }

  #failed(entry) {
    const payload = this.envelopes.get(entry.envelope_id)?.payload ?? {};
    const channel = payload.channel_id ?? payload.channel?.id ?? null;
    const what = { command: payload.command ?? "The command", click: "The click", submission: "The form", suggestion: "The list of options" }[entry.what] ?? entry.what;
    const last = [...(this.messages.get(channel)?.keys() ?? [])].at(-1);
    this.notices.push({ channel, user: entry.user, after: Number(last ?? 0), text: `${what} failed with the error “${entry.error}”.` });
    if (this.notices.length > NOTICES_KEPT) this.notices.shift();
  }

  /** The next entry that fits; null if none comes in this time. */
  next(fits, timeoutMs) {
    return new Promise((resolve) => {
      const end = (entry) => {
        clearTimeout(timer);
        this.removeEventListener("entry", look);
        resolve(entry);
      };
      const look = (event) => fits(event.detail) && end(event.detail);
      const timer = setTimeout(() => end(null), timeoutMs);
      this.addEventListener("entry", look);
    });
  }

  /** The people, without bots. */
  people() {
    return [...this.users.values()].filter((user) => !user.is_bot);
  }

  /** The name of a user; null if nobody has this id. */
  userName(id) {
    const user = this.users.get(id);
    if (user) return user.real_name || user.name || id;
    return id === this.app.bot_user_id ? (this.app.name ?? "bot") : null;
  }

  /** How a channel is called in lists: a direct message by its other end. */
  titleOf(channel, me) {
    if (!channel.is_im) return channel.name || channel.id;
    const others = (channel.members ?? [channel.user]).filter((member) => member !== me && member);
    return others.map((member) => this.userName(member) ?? member).join(", ") || channel.name || channel.id;
  }

  /** The messages of a channel that this person may see, oldest first. */
  messagesOf(channel, me) {
    const all = [...(this.messages.get(channel)?.values() ?? [])];
    const seen = all.filter((message) => !message.is_ephemeral || !message.to || message.to === me);
    return seen.sort((a, b) => Number(a.ts) - Number(b.ts));
  }

  /** The open modals of a person, from the root up. */
  modals(me) {
    return [...this.views.values()].filter((view) => view.type !== "home" && (!view.user || view.user === me));
  }

  /** The App Home of a person. */
  home(me) {
    const isHere = (view) => view.type === "home" && (!view.user || view.user === me) && (!view.app_id || view.app_id === this.app.app_id);
    return [...this.views.values()].findLast(isHere) ?? null;
  }
}

/** What an entry is about, without the entry's own fields. */
function bare({ seq, at_ms, kind, ...fields }) {
  return fields;
}
