// Draws the trees of mrkdwn.js and markdown.js.

import { TEXT_SHOWN } from "./bounds.js";
import { button, el, visible } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { parseMrkdwn, parsePlain, safeUrl } from "./mrkdwn.js";

export { visible };

/** A block of mrkdwn. `names` tells people and channels apart: {user(id), channel(id), open(url)}. */
export function mrkdwn(text, names) {
  return cut(String(text ?? ""), (part) => drawn(parseMrkdwn(part), names));
}

/** A text object of Block Kit, or a string, as nodes in a span. */
export function textObject(object, names) {
  if (typeof object === "string") return mrkdwn(object, names);
  const text = String(object?.text ?? "");
  if (object?.type === "mrkdwn") return mrkdwn(text, names);
  return cut(text, (part) => drawn(parsePlain(part, object?.emoji !== false), names));
}

/** The words of a text object, for labels. */
export function words(object) {
  return String(typeof object === "string" ? object : (object?.text ?? ""));
}

/** A long text is cut, and the rest shown when it is asked for. */
function cut(text, draw) {
  const span = el("span", { class: "text", dir: "auto" });
  const isLong = text.length > TEXT_SHOWN;
  if (!isLong) {
    span.append(...draw(text));
    return span;
  }
  const more = button(`Show all ${text.length.toLocaleString()} characters`, () => span.replaceChildren(...draw(text)), { class: "link" });
  span.append(...draw(text.slice(0, TEXT_SHOWN)), "… ", more);
  return span;
}

/** Draws a tree. */
export function drawn(nodes, names) {
  return nodes.map((node) => drawNode(node, names));
}

function drawNode(node, names) {
  const inner = () => drawn(node.c ?? [], names);
  switch (node.t) {
    case "text":
      return el("span", {}, visible(node.v));
    case "bold":
      return el("strong", {}, inner());
    case "italic":
      return el("em", {}, inner());
    case "strike":
      return el("s", {}, inner());
    case "underline":
      return el("u", {}, inner());
    case "code":
      return el("code", {}, visible(node.v));
    case "pre":
      return el("pre", { tabindex: "0" }, visible(node.v));
    case "quote":
      return el("blockquote", {}, inner());
    case "paragraph":
      return el("p", {}, inner());
    case "heading":
      return el("p", { class: `heading heading-${Math.min(node.level, 4)}`, role: "heading", "aria-level": node.level + 2 }, inner());
    case "rule":
      return el("hr");
    case "break":
      return el("br");
    case "link":
      return link(node.url, inner(), names);
    case "emoji":
      return emoji(node.name);
    case "date":
      return node.url ? link(node.url, visible(node.label), names) : el("time", {}, visible(node.label));
    case "list":
      return listOf(node, names);
    case "table":
      return tableOf(node, names);
    default:
      return mention(node, names);
  }
}

function mention(node, names) {
  if (node.t === "user") {
    const isMe = names.me === node.id;
    return el("span", { class: isMe ? "mention mention-me" : "mention", title: node.id }, "@", visible(names.user(node.id) ?? node.label ?? node.id));
  }
  if (node.t === "channel") {
    const label = ["#", ...visible(names.channel(node.id) ?? node.label ?? node.id)];
    if (names.channel(node.id) === null) return el("span", { class: "mention", title: node.id }, label);
    return button(label, () => names.goTo(node.id), { class: "mention", title: node.id });
  }
  if (node.t === "usergroup") return el("span", { class: "mention", title: node.id }, visible(node.label ?? node.id));
  return el("span", { class: "mention mention-me" }, "@", visible(String(node.name ?? "")));
}

/** A link if its address may be followed; its words and the address otherwise. */
export function link(address, label, names) {
  const url = safeUrl(address);
  if (url === null) return el("span", { class: "link-refused", title: `not followed: ${address}` }, label, " (", visible(String(address)), ")");
  const place = names.permalink?.(url);
  if (place) return button(label, () => names.goTo(place.channel, place.ts), { class: "link", title: url });
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, label);
}

/** An emoji by its short name. */
export function emoji(name) {
  const sign = emojiOf(name);
  return sign ? el("span", { class: "emoji", role: "img", "aria-label": name, title: `:${name}:` }, sign) : el("span", { class: "emoji-name" }, `:${name}:`);
}

function listOf(node, names) {
  const items = node.items.map((item) => {
    const box = item.checked === undefined ? null : el("input", { type: "checkbox", checked: item.checked, disabled: true, "aria-label": "task" });
    return el("li", { class: box && "task-item" }, box, drawn(item.c, names));
  });
  return node.ordered ? el("ol", { start: node.start }, items) : el("ul", {}, items);
}

function tableOf(node, names) {
  const row = (cells, tag) => el("tr", {}, cells.map((cell) => el(tag, {}, drawn(cell, names))));
  return el("div", { class: "table-frame", tabindex: "0", role: "region", "aria-label": "table" }, el("table", {}, el("thead", {}, row(node.head, "th")), el("tbody", {}, node.rows.map((cells) => row(cells, "td")))));
}
