// One message: its author, its contents, its reactions and what the person can do with it.

import { button, el } from "./dom.js";
import { pickEmoji } from "./emojipicker.js";
import { Form } from "./form.js";
import { copyText, jsonView } from "./json.js";
import { drawBlocks } from "./kit.js";
import { parseMarkdown } from "./markdown.js";
import { escape, unescape } from "./mrkdwn.js";
import { permalinkOf } from "./session.js";
import { drawn, emoji, mrkdwn, visible } from "./text.js";

const list = (of) => (Array.isArray(of) ? of : []);

/** Draws a message for a place: {store, session, names, acts, isThread, replies}. */
export function drawMessage(message, place) {
  const { store, session } = place;
  const author = store.userName(message.user) ?? message.user ?? "somebody";
  const isMine = message.user === session.me && !message.bot;
  const time = new Date(Number(message.ts) * 1000);
  const marks = [
    message.bot && el("span", { class: "badge" }, "app"),
    message.is_ephemeral && el("span", { class: "badge badge-quiet" }, "only you see this"),
    message.streaming && el("span", { class: "badge badge-live" }, "streaming"),
    message.edited && el("small", { class: "quiet" }, "edited"),
  ];
  const head = el("header", {}, el("strong", { dir: "auto" }, visible(author)), marks,
    el("time", { datetime: Number.isNaN(time.getTime()) ? null : time.toISOString(), title: `ts ${message.ts}` }, time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })));
  const body = el("div", { class: message.streaming ? "body streaming" : "body" }, shown(message, place));
  const row = el("article", { class: `message${message.is_ephemeral ? " ephemeral" : ""}`, tabindex: "-1", data: { ts: message.ts, channel: message.channel }, "aria-label": `Message from ${author}` },
    avatar(message.user, author, message.bot), el("div", { class: "message-main" }, head, body, reactions(message, place), !place.isThread && replies(message, place)));
  row.append(toolbar(message, place, isMine, row));
  return row;
}

/** The sign of a user: a letter on a colour of its own. */
export function avatar(id, name, isBot) {
  let sum = 0;
  for (const letter of String(id)) sum = (sum * 31 + letter.codePointAt(0)) % 8;
  return el("span", { class: `avatar avatar-${sum}${isBot ? " avatar-bot" : ""}`, "aria-hidden": "true" }, [...name.trim()][0]?.toUpperCase() ?? "?");
}

/** The contents, or the whole message as JSON if they are in no shape that is known. */
function shown(message, place) {
  try {
    return contents(message, place);
  } catch {
    return jsonView(message, "message (not drawn)");
  }
}

function contents(message, place) {
  const surface = messageSurface(message, place);
  return [
    words(message, place, list(message.blocks).length > 0),
    isPersons(message) ? null : list(message.blocks).length > 0 && drawBlocks(message.blocks, surface),
    list(message.attachments).map((attachment) => drawAttachment(attachment, surface)),
    list(message.files).map((file) => jsonView(file, `file ${file?.name ?? file?.title ?? file?.id ?? ""}`)),
    message.streaming && el("span", { class: "caret", "aria-hidden": "true" }),
  ];
}

/** Whether it is what a person has typed: its text says it all, and its blocks say the same. */
function isPersons(message) {
  return !message.bot && list(message.blocks).every((block) => block?.type === "rich_text");
}

/** The text of a message where it is shown: that of a bot is for notifications if there are blocks, but a stream's grows beside them. */
function words(message, { names }, hasBlocks) {
  if (!message.text) return null;
  if (message.markdown) return el("div", { class: "markdown", dir: "auto" }, drawn(parseMarkdown(message.text), names));
  return isPersons(message) || !hasBlocks ? mrkdwn(message.text, names) : null;
}

function drawAttachment(attachment, surface) {
  const blocks = Array.isArray(attachment?.blocks) && attachment.blocks.length ? drawBlocks(attachment.blocks, surface) : null;
  if (blocks) return el("div", { class: "attachment" }, blocks);
  return el("div", { class: "attachment" }, attachment?.text && mrkdwn(attachment.text, surface.names), jsonView(attachment, "attachment"));
}

function messageSurface(message, { store, names, acts }) {
  const at = { channel: message.channel, ts: message.ts };
  return {
    store, names, form: new Form(),
    act: (element, blockId, value) => acts.press({ ...at, action_id: element.action_id }, value),
    suggest: (element, blockId, letters) => acts.suggest({ ...at, action_id: element.action_id, value: letters }),
  };
}

function reactions(message, { session, names, acts }) {
  const all = message.reactions ?? [];
  if (!all.length) return null;
  return el("div", { class: "reactions", role: "group", "aria-label": "Reactions" }, all.map(({ name, users }) => {
    const mine = users.includes(session.me);
    const who = users.map((user) => names.user(user) ?? user).join(", ");
    return button([emoji(name), " ", String(users.length)], () => acts.react(message, name, mine), { class: mine ? "reaction mine" : "reaction", "aria-pressed": String(mine), title: `${who}: :${name}:`, "aria-label": `${name}, ${users.length}` });
  }));
}

function replies(message, { session, replies: count }) {
  const number = count(message);
  return number > 0 && button(`${number} ${number === 1 ? "reply" : "replies"}`, () => session.set({ thread: message.thread_ts ?? message.ts }), { class: "replies" });
}

function toolbar(message, place, isMine, row) {
  const { session, acts } = place;
  const tool = (sign, label, click) => button(sign, click, { class: "tool", "aria-label": label, title: label });
  const copy = tool("↗", "Copy the link", () => copyText(new URL(permalinkOf(message), location.href).href, copy));
  return oneStop(el("div", { class: "tools", role: "toolbar", "aria-label": "Message" },
    !message.is_ephemeral && tool("☺", "React", (event) => pickEmoji(event.currentTarget, (name) => acts.react(message, name, false))),
    !message.is_ephemeral && !place.isThread && tool("↳", "Reply in the thread", () => session.set({ thread: message.thread_ts ?? message.ts })),
    tool("⚡", "Run a message shortcut", () => acts.shortcut(message)),
    copy,
    isMine && tool("✎", "Edit", () => edit(message, row, place)),
    isMine && tool("✕", "Delete", () => acts.remove(message))));
}

/** Makes a toolbar one stop of the Tab key; the arrows move within. */
function oneStop(bar) {
  const tools = [...bar.children];
  const choose = (at) => tools.forEach((tool, other) => (tool.tabIndex = other === at ? 0 : -1));
  choose(0);
  bar.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = tools.indexOf(document.activeElement);
    if (!by || at < 0) return;
    const next = (at + by + tools.length) % tools.length;
    choose(next);
    tools[next].focus();
    event.preventDefault();
  });
  return bar;
}

/** Replaces the contents of a row by a field to edit its text. */
export function edit(message, row, { acts }) {
  const body = row.querySelector(".body");
  if (!body || row.querySelector(".edit")) return;
  const input = el("textarea", { class: "kit-input edit", rows: 2, "aria-label": "Edit the message" });
  input.value = unescape(message.text ?? "");
  const before = [...body.childNodes];
  const stop = () => {
    body.replaceChildren(...before);
    row.focus();
  };
  const save = async () => {
    // References stay references.
    const text = escape(input.value).replace(/&lt;([@#!][^&<>]+)&gt;/g, "<$1>");
    stop();
    if (text && text !== message.text) await acts.edit(message, text);
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") stop();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) (event.preventDefault(), save());
    else return;
    event.stopPropagation();
  });
  body.replaceChildren(input, el("div", { class: "edit-buttons" }, button("Cancel", stop, { class: "kit-button plain" }), button("Save", save, { class: "kit-button primary" })));
  input.focus();
}
