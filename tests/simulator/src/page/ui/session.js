// What this page shows: as whom, where, and what was read. Kept for the tab alone.

const KEY = "local-slack-page";

/** The person, the place and the marks; it dispatches `change`. */
export class Session extends EventTarget {
  me = null;
  channel = null;
  /** "messages" or "home". */
  tab = "messages";
  thread = null;
  /** The message to be shown, by a permalink. */
  target = null;
  #read = {};

  constructor() {
    super();
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
      this.me = kept.me ?? null;
      this.channel = kept.channel ?? null;
      this.#read = kept.read ?? {};
    } catch {
      // Without storage the page works all the same.
    }
  }

  set(fields) {
    Object.assign(this, fields);
    this.#keep();
    this.dispatchEvent(new CustomEvent("change"));
  }

  /** The last message that this person has read in a channel. */
  readIn(channel) {
    return Number(this.#read[`${this.me} ${channel}`] ?? 0);
  }

  read(channel, ts) {
    if (Number(ts) <= this.readIn(channel)) return;
    this.#read[`${this.me} ${channel}`] = ts;
    this.#keep();
  }

  #keep() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ me: this.me, channel: this.channel, read: this.#read }));
    } catch {
      // As above.
    }
  }
}

/** The place that a permalink names: {channel, ts, thread}; null if it names none. */
export function placeOf(path) {
  const found = /^\/archives\/([A-Z0-9]+)(?:\/p(\d{7,}))?\/?$/.exec(path);
  if (!found) return null;
  const ts = found[2] && `${found[2].slice(0, -6)}.${found[2].slice(-6)}`;
  return { channel: found[1], ts: ts ?? null };
}

/** The path of a message's permalink. */
export function permalinkOf(message) {
  return `/archives/${message.channel}/p${message.ts.replace(".", "")}${message.thread_ts && message.thread_ts !== message.ts ? `?thread_ts=${message.thread_ts}` : ""}`;
}
