// Starts the page: it takes the state and the journal, follows what happens, and begins anew when the connection ends.

import { actsOf } from "./acts.js";
import { follow, get } from "./api.js";
import { startChat } from "./chat.js";
import { startInspector } from "./inspector.js";
import { startLinks } from "./links.js";
import { load } from "./load.js";
import { startPanes, startTheme, tabs, tell } from "./panes.js";
import { Session, placeOf } from "./session.js";
import { Store } from "./store.js";
import { startModals } from "./views.js";
import { startWire } from "./wire.js";

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 3000;
const STATE_EVERY_MS = 5000;
const STATE_PAUSE_MS = 150;
/** What changes the state's links, faults or people, and has no entry that says how. */
const STATE_KINDS = new Set(["link", "dial", "act", "envelope"]);

const store = new Store();
const session = new Session();
const find = (id) => document.getElementById(id);

let namesRevision = 0;
const names = {
  get me() {
    return session.me;
  },
  user: (id) => store.userName(id),
  channel: (id) => {
    const channel = store.channels.get(id);
    return channel ? store.titleOf(channel, session.me) : null;
  },
  revision: () => namesRevision,
  goTo: (channel, ts) => goTo({ channel, ts: ts ?? null }),
  permalink(address) {
    const url = new URL(address);
    const isSlack = url.host === location.host || url.hostname.endsWith(".slack.com");
    const place = isSlack ? placeOf(url.pathname) : null;
    return place && store.channels.has(place.channel) ? place : null;
  },
};
const acts = actsOf(store, session, tell);
const panes = startPanes(session);
const place = { store, session, names, acts, panes, tell, refresh: refreshState };

function goTo({ channel, ts }) {
  if (!store.channels.has(channel)) return tell(`There is no channel ${channel}.`);
  const message = ts && store.messages.get(channel)?.get(ts);
  const thread = message?.thread_ts && message.thread_ts !== ts ? message.thread_ts : null;
  session.set({ channel, thread, tab: "messages", target: ts });
  panes.show("chat");
}

async function refreshState() {
  try {
    const state = await get("state");
    takeState(state);
  } catch {
    // The event stream notices it too, and starts anew.
  }
}

let knownNames = "";

/** Takes the state; messages are drawn again if somebody has another name. */
function takeState(state) {
  const now = JSON.stringify([state.users, state.channels]);
  if (now !== knownNames) namesRevision += 1;
  knownNames = now;
  store.takeState(state);
}

let asked = null;

function refreshSoon() {
  asked ??= setTimeout(() => {
    asked = null;
    refreshState();
  }, STATE_PAUSE_MS);
}

/** Takes everything there is, says so, then follows what comes until the connection ends. */
async function connect(connected) {
  const since = await load(store, takeState, get);
  store.changed("state", "messages", "views", "envelopes", "entries");
  connected();
  openPermalink();
  return new Promise((resolve) => {
    const stop = follow(since, {
      entry(entry) {
        store.takeEntry(entry);
        if (STATE_KINDS.has(entry.kind)) refreshSoon();
      },
      gap() {
        stop();
        resolve();
      },
      lost: resolve,
    });
  });
}

async function run() {
  let pause = FIRST_RETRY_MS;
  for (;;) {
    try {
      await connect(() => {
        pause = FIRST_RETRY_MS;
        shown(true);
      });
    } catch (error) {
      if (error.code !== "unreachable") tell(error.message);
    }
    shown(false);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, LAST_RETRY_MS);
  }
}

function shown(isConnected) {
  store.isConnected = isConnected;
  document.documentElement.dataset.connected = String(isConnected);
  find("connection").textContent = isConnected ? "connected" : "reconnecting…";
}

/** Goes where the address of the page points to, once. */
function openPermalink() {
  const named = placeOf(location.pathname);
  if (!named) return;
  history.replaceState(null, "", "/");
  goTo(named);
}

startTheme(find("theme"));
startChat(place);
startModals(place);
startLinks(place);
startWire(place, find("envelopes"), find("wire-filter"));
const drawInspector = startInspector(place, find("entries"), { filter: find("wire-filter"), group: find("entry-group"), pings: find("pings") });
tabs(find("wire-tabs"), (name) => {
  find("envelopes-panel").hidden = name !== "envelopes";
  find("entries-panel").hidden = name !== "entries";
  drawInspector();
})("envelopes");
setInterval(() => store.isConnected && refreshState(), STATE_EVERY_MS);
run();
