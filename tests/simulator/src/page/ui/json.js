// JSON for people: short when closed, indented when open.

import { JSON_SHOWN } from "./bounds.js";
import { button, el } from "./dom.js";
import { visible } from "./text.js";

/** A closed box with this title; opened it shows the value. */
export function jsonView(value, title, attributes = {}) {
  const box = el("details", { class: "json", ...attributes }, el("summary", {}, title));
  box.addEventListener("toggle", () => {
    if (box.open && box.childElementCount === 1) box.append(jsonText(value));
  });
  return box;
}

/** The value, indented, with a button that copies it. */
export function jsonText(value) {
  const text = JSON.stringify(value, null, 2) ?? "";
  const shown = el("pre", { tabindex: "0", class: "json-text" }, coloured(text.slice(0, JSON_SHOWN)));
  const copy = button("Copy", () => copyText(text, copy), { class: "small quiet copy", "aria-label": "Copy this JSON" });
  const rest = text.length > JSON_SHOWN && button(`Show all ${text.length.toLocaleString()} characters`, () => shown.replaceChildren(...coloured(text)), { class: "link" });
  return el("div", { class: "json-frame" }, copy, shown, rest);
}

/** Copies a text and says so on the button. */
export async function copyText(text, onto) {
  const label = onto.textContent;
  try {
    await navigator.clipboard.writeText(text);
    onto.textContent = "Copied";
  } catch {
    onto.textContent = "Not allowed";
  }
  setTimeout(() => (onto.textContent = label), 1500);
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/g;

function coloured(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(TOKEN)) {
    if (found.index > from) nodes.push(text.slice(from, found.index));
    const kind = found[2] ? "key" : found[1] ? "string" : "other";
    nodes.push(el("span", { class: `json-${kind}` }, visible(found[1] ?? found[0])), found[2] ?? "");
    from = found.index + found[0].length;
  }
  nodes.push(...visible(text.slice(from)));
  return nodes;
}
