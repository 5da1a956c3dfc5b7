// Slack's mrkdwn as a tree of plain objects: https://docs.slack.dev/messaging/formatting-message-text
//
// The nodes: {t: "text", v}, {t: "bold" | "italic" | "strike" | "quote", c: [nodes]}, {t: "code" | "pre", v},
// {t: "link", url, c}, {t: "user" | "channel" | "usergroup", id, label}, {t: "broadcast", name},
// {t: "date", label, url}, {t: "emoji", name}, {t: "break"}.

import { PARSE_STEPS } from "./bounds.js";

const STYLES = { "*": "bold", _: "italic", "~": "strike" };
const WORD = /[\p{L}\p{N}]/u;
const MAX_DEPTH = 8;

/** Reads a mrkdwn text. `verbatim` leaves emoji and styles alone, as plain_text has it. */
export function parseMrkdwn(text) {
  const steps = { left: PARSE_STEPS };
  return parseBlocks(String(text), steps);
}

/** Reads a plain_text: nothing but emoji is special, and not even these where `emoji` is false. */
export function parsePlain(text, emoji = true) {
  return emoji ? withEmoji(String(text)) : [{ t: "text", v: String(text) }];
}

/** The three entities that Slack escapes. */
export function unescape(text) {
  return text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

/** What somebody typed, as Slack sends it. */
export function escape(text) {
  return text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
}

/** The address if it may be followed: http, https and mailto alone; otherwise null. */
export function safeUrl(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
}

function parseBlocks(text, steps) {
  const nodes = [];
  let from = 0;
  while (from < text.length) {
    const open = text.indexOf("```", from);
    const close = open < 0 ? -1 : text.indexOf("```", open + 3);
    if (close < 0) break;
    nodes.push(...parseLines(text.slice(from, open), steps));
    nodes.push({ t: "pre", v: unescape(text.slice(open + 3, close).replace(/^\n/, "").replace(/\n$/, "")) });
    from = close + 3;
    if (text[from] === "\n") from += 1;
  }
  nodes.push(...parseLines(text.slice(from), steps));
  return nodes;
}

function parseLines(text, steps) {
  if (text === "") return [];
  const nodes = [];
  let quoted = null;
  const lines = text.split("\n");
  lines.forEach((line, at) => {
    const quote = /^(?:&gt;|>)(?!&gt;|>)\s?(.*)$/s.exec(line);
    if (quote) {
      if (quoted) quoted.c.push({ t: "break" });
      else nodes.push((quoted = { t: "quote", c: [] }));
      quoted.c.push(...parseInline(quote[1], steps, 0));
      return;
    }
    const isFirst = at === 0 || quoted;
    quoted = null;
    if (!isFirst) nodes.push({ t: "break" });
    nodes.push(...parseInline(line, steps, 0));
  });
  return nodes;
}

function parseInline(text, steps, depth) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(...withEmoji(unescape(plain)));
    plain = "";
  };
  let at = 0;
  while (at < text.length) {
    steps.left -= 1;
    if (steps.left <= 0) {
      plain += text.slice(at);
      break;
    }
    const sign = text[at];
    const found = sign === "<" ? reference(text, at, steps, depth) : sign === "`" ? code(text, at) : style(text, at, steps, depth);
    if (found) {
      flush();
      nodes.push(found.node);
      at = found.end;
    } else {
      plain += sign;
      at += 1;
    }
  }
  flush();
  return nodes;
}

function code(text, at) {
  const end = text.indexOf("`", at + 1);
  if (end < 0 || end === at + 1) return null;
  return { node: { t: "code", v: unescape(text.slice(at + 1, end)) }, end: end + 1 };
}

function style(text, at, steps, depth) {
  const sign = text[at];
  const name = STYLES[sign];
  const before = text[at - 1] ?? " ";
  const after = text[at + 1] ?? " ";
  if (!name || depth >= MAX_DEPTH || WORD.test(before) || before === sign || /\s/.test(after) || after === sign) return null;
  for (let end = at + 2; end < text.length; end += 1) {
    steps.left -= 1;
    if (steps.left <= 0) return null;
    if (text[end] === sign && !/\s/.test(text[end - 1]) && !WORD.test(text[end + 1] ?? " ")) {
      return { node: { t: name, c: parseInline(text.slice(at + 1, end), steps, depth + 1) }, end: end + 1 };
    }
  }
  return null;
}

function reference(text, at, steps, depth) {
  const end = text.indexOf(">", at);
  if (end < 0 || end === at + 1) return null;
  const inner = text.slice(at + 1, end);
  if (inner.includes("<")) return null;
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  // What is neither a reference nor an address is shown as it is.
  if (!/^[@#!][^\s]|^[a-z][a-z0-9+.-]*:/i.test(target)) return null;
  const label = bar < 0 ? null : unescape(inner.slice(bar + 1));
  return { node: referenceNode(target, label, steps, depth), end: end + 1 };
}

function referenceNode(target, label, steps, depth) {
  const rest = target.slice(1);
  if (target[0] === "@") return { t: "user", id: rest, label };
  if (target[0] === "#") return { t: "channel", id: rest, label };
  if (target[0] === "!") {
    const [name, ...more] = rest.split("^");
    if (name === "subteam") return { t: "usergroup", id: more[0] ?? "", label };
    if (name === "date") return { t: "date", label: label ?? more[0] ?? "", url: more[2] ?? null };
    return { t: "broadcast", name: label?.replace(/^@/, "") ?? name };
  }
  const words = label === null ? [{ t: "text", v: unescape(target).replace(/^mailto:/, "") }] : parseInline(label, steps, depth + 1);
  return { t: "link", url: unescape(target), c: words };
}

function withEmoji(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(/:([a-z0-9_+'-]{1,50}):/g)) {
    // A time of day is none.
    if (/^\d+$/.test(found[1])) continue;
    if (found.index > from) nodes.push({ t: "text", v: text.slice(from, found.index) });
    nodes.push({ t: "emoji", name: found[1] });
    from = found.index + found[0].length;
  }
  if (from < text.length) nodes.push({ t: "text", v: text.slice(from) });
  return nodes;
}
