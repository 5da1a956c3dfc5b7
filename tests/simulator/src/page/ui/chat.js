// The left of the page: persons, channels, the messages of one, and a thread beside them.

import { MESSAGES_SHOWN } from "./bounds.js";
import { composer } from "./composer.js";
import { button, el, onceAFrame, reconcile } from "./dom.js";
import { drawHome } from "./home.js";
import { avatar, drawMessage, edit } from "./message.js";
import { visible } from "./text.js";

const NEAR_END_PX = 80;

/** Wires the chat of the page: `place` is {store, session, names, acts, panes}. */
export function startChat(place) {
  const { store, session } = place;
  const find = (id) => document.getElementById(id);
  const drawAgain = () => draw();
  const main = messageList(place, find("messages"), false, drawAgain);
  const thread = messageList(place, find("thread-messages"), true, drawAgain);
  const composers = { main: startComposer(place, find("composer"), false), thread: startComposer(place, find("thread-composer"), true) };
  find("thread-close").addEventListener("click", () => {
    session.set({ thread: null });
    composers.main.input.focus();
  });
  find("persons").addEventListener("change", (event) => {
    session.set({ me: event.target.value, thread: null });
    chooseChannel(place);
  });
  find("tab-messages").addEventListener("click", () => session.set({ tab: "messages" }));
  find("tab-home").addEventListener("click", () => {
    session.set({ tab: "home" });
    place.acts.home();
  });
  find("search").addEventListener("input", () => draw());
  find("shortcut").addEventListener("click", () => place.acts.shortcut(null));

  const draw = onceAFrame(() => {
    chooseChannel(place);
    drawPersons(place, find("persons"));
    drawChannels(place, find("channels"));
    drawHead(place, find);
    const isHome = session.tab === "home" && isBotIm(place);
    find("messages").hidden = isHome;
    find("composer").hidden = isHome;
    find("home").hidden = !isHome;
    if (isHome) drawHome(place, find("home"));
    else main.draw(session.channel, null);
    find("thread").hidden = session.thread === null;
    find("app").classList.toggle("with-thread", session.thread !== null);
    if (session.thread !== null) thread.draw(session.channel, session.thread);
    composers.main.input.placeholder = `Message ${titleOfPlace(place)}`;
  });
  store.addEventListener("change", (event) => ["state", "messages", "views"].some((kind) => event.detail.has(kind)) && draw());
  session.addEventListener("change", draw);
  draw();
  return composers;
}

/** A person who is there, and a channel that this person sees. */
function chooseChannel({ store, session }) {
  const people = store.people();
  if (!people.length) return;
  const fields = {};
  if (!people.some((user) => user.id === session.me)) fields.me = people[0].id;
  const seen = channelsOf(store, fields.me ?? session.me);
  if (!seen.some((channel) => channel.id === session.channel)) Object.assign(fields, { channel: seen[0]?.id ?? null, thread: null });
  if (Object.keys(fields).length) session.set(fields);
}

function channelsOf(store, me) {
  const all = [...store.channels.values()];
  return all.filter((channel) => !channel.is_im || channel.user === me || (channel.members ?? []).includes(me));
}

/** Whether the place is the direct messages with the app whose home there is. */
function isBotIm({ store, session }) {
  const channel = store.channels.get(session.channel);
  return Boolean(channel?.is_im && (channel.members ?? []).includes(store.app.bot_user_id));
}

function titleOfPlace({ store, session }) {
  const channel = store.channels.get(session.channel);
  return channel ? `${channel.is_im ? "" : "#"}${store.titleOf(channel, session.me)}` : "";
}

function drawPersons({ store, session }, select) {
  const people = store.people();
  const key = people.map((user) => `${user.id} ${user.real_name} ${user.name}`).join("\n");
  if (select.dataset.key !== key) {
    select.replaceChildren(...people.map((user) => el("option", { value: user.id }, user.real_name || user.name || user.id)));
    select.dataset.key = key;
  }
  select.value = session.me;
}

function drawChannels({ store, session, panes }, list) {
  const rows = channelsOf(store, session.me).map((channel) => {
    const isHere = channel.id === session.channel;
    const unread = store.messagesOf(channel.id, session.me).filter((message) => message.user !== session.me && Number(message.ts) > session.readIn(channel.id)).length;
    const title = store.titleOf(channel, session.me);
    const sign = channel.is_im ? avatar(channel.members?.find((member) => member !== session.me) ?? channel.id, title, true) : el("span", { class: "hash", "aria-hidden": "true" }, "#");
    const open = () => {
      session.set({ channel: channel.id, thread: null, tab: "messages", target: null });
      panes.show("chat");
    };
    return { is_im: Boolean(channel.is_im), node: el("li", {}, button([sign, el("span", { class: "channel-name" }, visible(title)), unread > 0 && !isHere ? el("span", { class: "unread", "aria-label": `${unread} unread` }, String(unread)) : null].filter(Boolean), open, { class: unread && !isHere ? "channel has-unread" : "channel", "aria-current": isHere ? "page" : null, data: { channel: channel.id } })) };
  });
  const key = rows.map((row) => row.node.textContent + row.node.firstChild.getAttribute("aria-current")).join("\n") + session.me;
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.channel : null;
  const part = (label, isIm) => [el("li", { class: "channels-head" }, label), ...rows.filter((row) => row.is_im === isIm).map((row) => row.node)];
  list.replaceChildren(...part("Channels", false), ...part("Direct messages", true));
  if (focused) list.querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
}

function drawHead(place, find) {
  const { store, session } = place;
  const team = store.team.name || "Local workspace";
  if (find("team").textContent !== team) {
    find("team").replaceChildren(...visible(team));
    document.title = `${team} · local workspace`;
  }
  const channel = store.channels.get(session.channel);
  find("place").replaceChildren(...visible(titleOfPlace(place)));
  const isIm = Boolean(channel?.is_im);
  const members = channel?.members?.length;
  find("place-note").textContent = channel ? `${channel.id}${!isIm && members ? ` · ${members} members` : ""}` : "";
  find("place-tabs").hidden = !isBotIm(place);
  find("tab-messages").setAttribute("aria-selected", String(session.tab !== "home"));
  find("tab-home").setAttribute("aria-selected", String(session.tab === "home"));
}

function messageList(place, frame, isThread, drawAgain) {
  const { store, session, names } = place;
  const rows = new Map();
  const search = document.getElementById("search");
  let shownPlace = "";
  const counts = new Map();
  const context = { ...place, isThread, replies: (message) => counts.get(message.ts) ?? 0 };
  const row = (message) => {
    const key = `${message.revision} ${session.me} ${counts.get(message.ts) ?? 0} ${names.revision()}`;
    const known = rows.get(message.ts);
    if (known?.key === key) return known.node;
    // What somebody is entering is not taken away; a reaction to it waits.
    if (known?.node.querySelector(".edit")) return known.node;
    // A button that is being pressed must not go away under the pointer.
    if (known?.node.matches(":active")) {
      document.addEventListener("click", drawAgain, { once: true });
      return known.node;
    }
    const node = drawMessage(message, context);
    rows.set(message.ts, { key, node });
    return node;
  };
  const draw = (channel, threadTs) => {
    const now = `${channel} ${threadTs} ${session.me}`;
    const isNew = now !== shownPlace;
    if (isNew) rows.clear();
    shownPlace = now;
    const wasAtEnd = frame.scrollHeight - frame.scrollTop - frame.clientHeight < NEAR_END_PX;
    const all = store.messagesOf(channel, session.me);
    counts.clear();
    for (const message of all) if (message.thread_ts && message.thread_ts !== message.ts) counts.set(message.thread_ts, (counts.get(message.thread_ts) ?? 0) + 1);
    const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;
    const letters = threadTs ? "" : search.value.trim().toLowerCase();
    const found = letters ? all.filter((message) => searchable(message).includes(letters)) : null;
    const wanted = found ?? all.filter((message) => (threadTs ? message.thread_ts === threadTs || message.ts === threadTs : !isReply(message) || message.reply_broadcast));
    const shown = wanted.slice(-MESSAGES_SHOWN);
    const known = new Set(shown.map((message) => message.ts));
    for (const ts of rows.keys()) if (!known.has(ts)) rows.delete(ts);
    const failures = threadTs ? [] : notices(store, channel, session.me);
    const nodes = [];
    for (const message of shown) {
      while (failures.length && failures[0].after < Number(message.ts)) nodes.push(failures.shift().node);
      nodes.push(row(message));
    }
    nodes.push(...failures.map((failure) => failure.node));
    if (threadTs) nodes.push(...store.agents.draw(channel, threadTs, store.app.name ?? "bot", (text) => place.acts.say(channel, text, threadTs)));
    if (wanted.length > shown.length) nodes.unshift(note(frame, `${wanted.length - shown.length} older messages are not shown`));
    if (!nodes.length) nodes.push(note(frame, threadTs ? "This thread is empty." : letters ? "No message has this in it." : "Nothing here yet. Write something, or a command that begins with /."));
    reconcile(frame, nodes);
    if (isNew || wasAtEnd) frame.scrollTop = frame.scrollHeight;
    showTarget(session, frame, rows);
    const last = all.at(-1);
    if (!threadTs && last && document.visibilityState === "visible") session.read(channel, last.ts);
  };
  return { draw };
}

/** What a message is found by: its text, and all texts of its blocks. */
function searchable(message) {
  return `${message.text ?? ""} ${JSON.stringify(message.blocks ?? [])}`.toLowerCase();
}

function note(frame, words) {
  const known = frame.querySelector(":scope > .list-note");
  const node = known ?? el("p", { class: "list-note" });
  node.textContent = words;
  return node;
}

function notices(store, channel, me) {
  return store.notices.filter((notice) => (!notice.channel || notice.channel === channel) && notice.user === me).map((notice) => {
    notice.node ??= el("p", { class: "failure", role: "status" }, el("span", { "aria-hidden": "true" }, "⚠ "), visible(notice.text));
    return notice;
  });
}

function showTarget(session, frame, rows) {
  const found = session.target && rows.get(session.target);
  if (!found) return;
  session.target = null;
  found.node.classList.add("target");
  found.node.scrollIntoView({ block: "center" });
  found.node.focus();
}

function startComposer(place, form, isThread) {
  const { store, session, acts, tell } = place;
  const send = async (text, raw) => {
    const command = /^(\/[^\s/]+)(?:\s+([\s\S]*))?$/.exec(raw);
    if (command && isThread) {
      tell("Slash commands do not work in threads.");
      return false;
    }
    if (command) return acts.command(session.channel, command[1], command[2]?.trim() ?? "");
    return acts.say(session.channel, text, isThread ? session.thread : undefined);
  };
  const above = () => {
    const frame = document.getElementById(isThread ? "thread-messages" : "messages");
    const mine = store.messagesOf(session.channel, session.me).filter((message) => message.user === session.me && !message.is_ephemeral);
    const row = mine.map((message) => frame.querySelector(`[data-ts="${CSS.escape(message.ts)}"]`)).filter(Boolean).at(-1);
    const message = row && mine.find((one) => one.ts === row.dataset.ts);
    if (message) edit(message, row, place);
  };
  const made = composer({ label: isThread ? "Reply" : "Message", complete: (sign, letters) => completions(place, sign, letters), send, above });
  form.append(made.node);
  return made;
}

function completions({ store }, sign, letters) {
  if (sign === "@") {
    const users = [...store.users.values()].map((user) => ({ label: user.real_name || user.name, note: `@${user.name}${user.is_bot ? " · app" : ""}`, insert: `@${user.name || user.id}`, reference: `<@${user.id}>` }));
    const all = ["here", "channel", "everyone"].map((name) => ({ label: `@${name}`, note: "everybody", insert: `@${name}`, reference: `<!${name}>` }));
    return [...users, ...all].filter((option) => `${option.label} ${option.note}`.toLowerCase().includes(letters));
  }
  if (sign === "#") {
    const channels = [...store.channels.values()].filter((channel) => !channel.is_im);
    return channels.filter((channel) => channel.name.toLowerCase().includes(letters)).map((channel) => ({ label: `#${channel.name}`, note: channel.id, insert: `#${channel.name}`, reference: `<#${channel.id}>` }));
  }
  const used = new Set(store.envelopes.newest().filter((envelope) => envelope.type === "slash_commands").map((envelope) => envelope.payload?.command));
  return [...used].filter((command) => command?.slice(1).toLowerCase().startsWith(letters)).map((command) => ({ label: command, insert: command }));
}
