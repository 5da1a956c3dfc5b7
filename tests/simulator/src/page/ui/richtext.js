// `rich_text` blocks, as the trees that text.js draws: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

import { el } from "./dom.js";
import { jsonView } from "./json.js";
import { drawn } from "./text.js";

const STYLES = { code: null, bold: "bold", italic: "italic", strike: "strike", underline: "underline" };

/** Draws a `rich_text` block; the part of it that is not known is shown as JSON. */
export function richText(block, names) {
  const parts = Array.isArray(block?.elements) ? block.elements : [];
  return el("div", { class: "rich-text", dir: "auto" }, parts.map((part) => drawPart(part, names)));
}

function drawPart(part, names) {
  const inline = () => drawn(leaves(part), names);
  switch (part?.type) {
    case "rich_text_section":
      return el("div", {}, inline());
    case "rich_text_quote":
      return el("blockquote", {}, inline());
    case "rich_text_preformatted":
      return el("pre", { tabindex: "0" }, inline());
    case "rich_text_list": {
      const items = (Array.isArray(part.elements) ? part.elements : []).map((item) => el("li", {}, drawn(leaves(item), names)));
      const level = `list-level-${Math.min(Math.max(Number(part.indent) || 0, 0), 8)}`;
      return part.style === "ordered" ? el("ol", { class: level, start: 1 + (Number(part.offset) || 0) }, items) : el("ul", { class: level }, items);
    }
    default:
      return jsonView(part, "part of a rich text that is not drawn");
  }
}

function leaves(part) {
  return (Array.isArray(part?.elements) ? part.elements : []).flatMap(leaf);
}

function leaf(element) {
  const text = (value) => lines(String(value ?? ""));
  switch (element?.type) {
    case "text":
      return styled(element.style, element.style?.code ? [{ t: "code", v: String(element.text ?? "") }] : text(element.text));
    case "link":
      return styled(element.style, [{ t: "link", url: String(element.url ?? ""), c: text(element.text ?? element.url) }]);
    case "user":
      return styled(element.style, [{ t: "user", id: String(element.user_id), label: null }]);
    case "channel":
      return styled(element.style, [{ t: "channel", id: String(element.channel_id), label: null }]);
    case "usergroup":
      return [{ t: "usergroup", id: String(element.usergroup_id), label: null }];
    case "broadcast":
      return [{ t: "broadcast", name: String(element.range) }];
    case "emoji":
      return [{ t: "emoji", name: String(element.name) }];
    case "date":
      return [{ t: "date", label: String(element.fallback ?? element.timestamp), url: element.url ?? null }];
    case "color":
      return [{ t: "code", v: String(element.value) }];
    default:
      return [{ t: "code", v: JSON.stringify(element) }];
  }
}

function lines(text) {
  return text.split("\n").flatMap((line, at) => (at ? [{ t: "break" }, { t: "text", v: line }] : [{ t: "text", v: line }]));
}

function styled(style, nodes) {
  let inner = nodes;
  for (const [name, tag] of Object.entries(STYLES)) if (tag && style?.[name]) inner = [{ t: tag, c: inner }];
  return inner;
}
