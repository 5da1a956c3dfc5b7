// The Markdown of `markdown` blocks and of streams, as a tree of the nodes of mrkdwn.js and: {t: "heading", level, c},
// {t: "list", ordered, start, items: [{c, checked?}]}, {t: "table", head: [cells], rows: [[cells]]}, {t: "rule"}, {t: "paragraph", c}.

import { PARSE_STEPS } from "./bounds.js";

const MAX_DEPTH = 6;

/** Reads a Markdown text. */
export function parseMarkdown(text) {
  return blocks(String(text).split("\n"), { left: PARSE_STEPS }, 0);
}

function blocks(lines, steps, depth) {
  const nodes = [];
  let words = [];
  const flush = () => {
    if (words.length) nodes.push({ t: "paragraph", c: inline(words.join("\n"), steps, 0) });
    words = [];
  };
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const found = fence(lines, at) ?? heading(line, steps) ?? rule(line) ?? quote(lines, at, steps, depth) ?? list(lines, at, steps, depth) ?? table(lines, at, steps);
    if (found) {
      flush();
      nodes.push(found.node);
      at += found.lines;
    } else {
      if (line.trim() === "") flush();
      else words.push(line);
      at += 1;
    }
  }
  flush();
  return nodes;
}

function fence(lines, at) {
  const open = /^\s{0,3}(```+|~~~+)/.exec(lines[at]);
  if (!open) return null;
  let end = at + 1;
  while (end < lines.length && !lines[end].trim().startsWith(open[1])) end += 1;
  return { node: { t: "pre", v: lines.slice(at + 1, end).join("\n") }, lines: end + 1 - at };
}

function heading(line, steps) {
  const found = /^(#{1,6})\s+(.*)$/.exec(line);
  return found && { node: { t: "heading", level: found[1].length, c: inline(found[2].replace(/\s#+\s*$/, ""), steps, 0) }, lines: 1 };
}

function rule(line) {
  return /^\s{0,3}([-*_])(\s*\1){2,}\s*$/.test(line) ? { node: { t: "rule" }, lines: 1 } : null;
}

function quote(lines, at, steps, depth) {
  if (!lines[at].startsWith(">") || depth >= MAX_DEPTH) return null;
  let end = at;
  while (end < lines.length && lines[end].startsWith(">")) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(/^>\s?/, ""));
  return { node: { t: "quote", c: blocks(inner, steps, depth + 1) }, lines: end - at };
}

const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;

function list(lines, at, steps, depth) {
  const first = ITEM.exec(lines[at]);
  if (!first || depth >= MAX_DEPTH) return null;
  const indent = first[1].length;
  const ordered = /\d/.test(first[2]);
  const items = [];
  let end = at;
  while (end < lines.length) {
    const item = ITEM.exec(lines[end]);
    if (!item || item[1].length !== indent || /\d/.test(item[2]) !== ordered) break;
    const inner = [];
    end += 1;
    while (end < lines.length && /^\s+\S/.test(lines[end]) && lines[end].search(/\S/) > indent) {
      inner.push(lines[end].replace(/^\s{1,4}/, ""));
      end += 1;
    }
    const task = /^\[([ xX])\]\s+(.*)$/.exec(item[3]);
    const c = inline(task ? task[2] : item[3], steps, 0);
    if (inner.length) c.push(...blocks(inner, steps, depth + 1));
    items.push(task ? { c, checked: task[1] !== " " } : { c });
  }
  const start = ordered ? Number.parseInt(first[2], 10) : 1;
  return { node: { t: "list", ordered, start, items }, lines: end - at };
}

function table(lines, at, steps) {
  const columns = (line) => line.trim().replace(/^\|/, "").replace(/\|$/, "").split("|").map((cell) => cell.trim());
  // Cell by cell: one pattern for all of the line would try each way to share out its spaces.
  const isRule = (line) => columns(line).every((cell) => /^:?-+:?$/.test(cell));
  if (!lines[at].includes("|") || !isRule(lines[at + 1] ?? "")) return null;
  const cells = (line) => columns(line).map((cell) => inline(cell, steps, 0));
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end += 1;
  return { node: { t: "table", head: cells(lines[at]), rows: lines.slice(at + 2, end).map(cells) }, lines: end - at };
}

const PAIRS = [["**", "bold"], ["__", "bold"], ["~~", "strike"], ["*", "italic"], ["_", "italic"]];

function inline(text, steps, depth) {
  const nodes = [];
  let plain = "";
  let at = 0;
  const flush = () => {
    plain.split("\n").forEach((line, number) => {
      if (number) nodes.push({ t: "break" });
      if (line) nodes.push({ t: "text", v: line });
    });
    plain = "";
  };
  while (at < text.length) {
    steps.left -= 1;
    if (steps.left <= 0) {
      plain += text.slice(at);
      break;
    }
    if (text[at] === "\\" && /[!-/:-@[-`{-~]/.test(text[at + 1] ?? "")) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    const found = span(text, at, steps, depth);
    if (found) {
      flush();
      nodes.push(found.node);
      at = found.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

function span(text, at, steps, depth) {
  const sign = text[at];
  if (depth >= MAX_DEPTH || !"`[!*_~:<h".includes(sign)) return null;
  if (sign === "`") {
    const end = text.indexOf("`", at + 1);
    return end > at + 1 ? { node: { t: "code", v: text.slice(at + 1, end) }, end: end + 1 } : null;
  }
  const sticky = (pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const link = sticky(/!?\[([^\]\n]{0,2000})\]\(([^)\s]{1,2000})\)/y);
  if (link) return { node: { t: "link", url: link[2], c: inline(link[1], steps, depth + 1) }, end: at + link[0].length };
  const bare = sticky(/<?(https?:\/\/[^\s<>]{1,2000})>?/y);
  if (bare) return { node: { t: "link", url: bare[1], c: [{ t: "text", v: bare[1] }] }, end: at + bare[0].length };
  const person = sticky(/<([@#])([A-Z0-9]{1,30})(?:\|([^>\n]{0,200}))?>/y);
  if (person) {
    const node = { t: person[1] === "@" ? "user" : "channel", id: person[2], label: person[3] ?? null };
    return { node, end: at + person[0].length };
  }
  const emoji = sticky(/:([a-z][a-z0-9_+-]{0,50}):/y);
  if (emoji) return { node: { t: "emoji", name: emoji[1] }, end: at + emoji[0].length };
  for (const [pair, name] of PAIRS) {
    if (!text.startsWith(pair, at) || /\s/.test(text[at + pair.length] ?? " ")) continue;
    if (pair.includes("_") && /\w/.test(text[at - 1] ?? " ")) continue;
    const end = closing(text, pair, at + pair.length, steps);
    if (end > 0) return { node: { t: name, c: inline(text.slice(at + pair.length, end), steps, depth + 1) }, end: end + pair.length };
  }
  return null;
}

function closing(text, pair, from, steps) {
  for (let end = text.indexOf(pair, from); end >= 0; end = text.indexOf(pair, end + 1)) {
    steps.left -= 1 + (end - from);
    if (steps.left <= 0) return -1;
    const isWhole = pair.length === 2 || (text[end + 1] !== pair && text[end - 1] !== pair);
    if (end > from && isWhole && !/\s/.test(text[end - 1])) return end;
  }
  steps.left -= text.length - from;
  return -1;
}
