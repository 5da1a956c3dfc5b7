// The blocks of Block Kit: https://docs.slack.dev/reference/block-kit/blocks. What is not drawn is shown as JSON.

import { el, freshId, lookup } from "./dom.js";
import { drawElement } from "./elements.js";
import { jsonView } from "./json.js";
import { parseMarkdown } from "./markdown.js";
import { plan, taskCard } from "./plan.js";
import { richText } from "./richtext.js";
import { drawn, link, textObject, visible, words } from "./text.js";

/** Draws blocks on a surface, as in elements.js, which also has `errors`: what is wrong, by `block_id`. */
export function drawBlocks(blocks, surface) {
  if (!Array.isArray(blocks)) return [jsonView(blocks, "blocks that are no list")];
  return blocks.map((block, at) => {
    const node = drawBlock(block, surface, block?.block_id ?? `block-${at}`);
    node.dataset.blockId = block?.block_id ?? "";
    return node;
  });
}

function drawBlock(block, surface, id) {
  const draw = lookup(BLOCKS, block?.type);
  if (!draw) return unknown(block);
  try {
    const node = draw(block, surface, id);
    node.classList.add("block", `block-${block.type}`);
    return node;
  } catch {
    // It is not in the shape that its type has: the simulator takes such blocks where it is lenient.
    return unknown(block);
  }
}

function unknown(block) {
  return jsonView(block, `${typeof block?.type === "string" ? block.type : "block"} (not drawn)`, { class: "json block block-unknown" });
}

function section(block, surface, id) {
  const text = block.text && el("div", { class: "section-text" }, textObject(block.text, surface.names));
  const fields = Array.isArray(block.fields) && el("div", { class: "fields" }, block.fields.map((field) => el("div", {}, textObject(field, surface.names))));
  const side = block.accessory && el("div", { class: "accessory" }, accessory(block.accessory, surface, id));
  return el("div", {}, el("div", { class: "section-body" }, text, fields), side);
}

function accessory(element, surface, id) {
  return element.type === "image" ? picture(element, surface) : drawElement(element, id, surface, true);
}

/** A picture is on another host and is not loaded: its description, and a link. */
function picture(image, surface, isSmall = false) {
  const address = image.image_url ?? image.slack_file?.url ?? image.slack_file?.id ?? "";
  const label = visible(image.alt_text || "image");
  const name = image.image_url ? link(address, label, surface.names) : el("span", { title: String(address) }, label);
  return el("span", { class: isSmall ? "picture picture-small" : "picture", role: "group", "aria-label": "image, not loaded" }, el("span", { class: "picture-sign", "aria-hidden": "true" }, "▧"), name);
}

function image(block, surface) {
  return el("figure", {}, block.title && el("figcaption", {}, textObject(block.title, surface.names)), picture(block, surface));
}

function context(block, surface) {
  const items = (block.elements ?? []).map((element) => (element.type === "image" ? picture(element, surface, true) : el("span", {}, textObject(element, surface.names))));
  return el("div", {}, items);
}

function actions(block, surface, id) {
  return el("div", { role: "group" }, (block.elements ?? []).map((element) => drawElement(element, id, surface, true)));
}

function input(block, surface, id) {
  const error = lookup(surface.errors ?? {}, block.block_id);
  const errorId = freshId("error");
  const element = drawElement(block.element ?? {}, id, surface, block.dispatch_action === true);
  const field = element.matches?.("input, textarea") ? element : (element.querySelector?.("input, textarea, button") ?? element);
  const label = words(block.label);
  field.setAttribute("aria-label", label);
  if (error) {
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", errorId);
  }
  if (!block.optional) field.setAttribute("aria-required", "true");
  return el("div", { class: error ? "field invalid" : "field" },
    el("span", { class: "label" }, textObject(block.label ?? "", surface.names), block.optional && el("small", {}, " optional")),
    element,
    error && el("p", { class: "error", id: errorId, role: "alert" }, visible(String(error))),
    block.hint && el("small", { class: "hint" }, textObject(block.hint, surface.names)));
}

function table(block, surface) {
  const cell = (content, tag) => el(tag, {}, content?.type === "rich_text" ? richText(content, surface.names) : visible(String(content?.text ?? (content === null || content === undefined ? "" : JSON.stringify(content)))));
  const settings = block.column_settings ?? [];
  const row = (cells, tag) => el("tr", {}, (Array.isArray(cells) ? cells : []).map((content, at) => {
    const node = cell(content, tag);
    if (settings[at]?.align) node.classList.add(`align-${settings[at].align}`);
    return node;
  }));
  const [head, ...rows] = Array.isArray(block.rows) ? block.rows : [];
  return el("div", { class: "table-frame", tabindex: "0", role: "region", "aria-label": "table" }, el("table", {}, el("thead", {}, head && row(head, "th")), el("tbody", {}, rows.map((cells) => row(cells, "td")))));
}

function video(block, surface) {
  return el("figure", {}, el("figcaption", {}, link(block.title_url ?? block.video_url ?? "", textObject(block.title ?? "video", surface.names), surface.names)), block.description && textObject(block.description, surface.names), jsonView(block, "video (not played)"));
}

const BLOCKS = {
  section,
  header: (block, surface) => el("div", { role: "heading", "aria-level": "3" }, textObject(block.text, surface.names)),
  divider: () => el("hr"),
  context,
  actions,
  context_actions: actions,
  input,
  image,
  rich_text: (block, surface) => richText(block, surface.names),
  markdown: (block, surface) => el("div", { class: "markdown", dir: "auto" }, drawn(parseMarkdown(block.text ?? ""), surface.names)),
  table,
  plan,
  task_card: taskCard,
  video,
};
