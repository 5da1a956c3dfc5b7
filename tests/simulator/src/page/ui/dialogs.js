// Small questions to the person: a button's own confirmation, and a line of text.

import { button, el, freshId } from "./dom.js";
import { textObject, words } from "./text.js";

/** Whether the person agrees to a confirmation object; true where there is none. */
export function confirmed(confirm, names) {
  if (!confirm) return Promise.resolve(true);
  const style = confirm.style === "danger" ? "danger" : "primary";
  return ask(words(confirm.title) || "Are you sure?", [textObject(confirm.text ?? "", names)], words(confirm.confirm) || "Yes", words(confirm.deny) || "Cancel", style, () => true, false);
}

/** Asks for a line of text; null if the person gives up. */
export function askLine(title, label, value = "", { multiline = false, action = "OK" } = {}) {
  const input = el(multiline ? "textarea" : "input", { class: "kit-input", "aria-label": label, rows: multiline ? 4 : null, autocomplete: "off", spellcheck: "false" });
  input.value = value;
  const asked = ask(title, [el("label", { class: "field" }, el("span", {}, label), input)], action, "Cancel", "primary", () => input.value, null);
  input.focus();
  return asked;
}

function ask(title, body, yes, no, style, answer, refusal) {
  const before = document.activeElement;
  const id = freshId("dialog");
  return new Promise((resolve) => {
    const end = (value) => {
      dialog.remove();
      before?.focus?.();
      resolve(value);
    };
    const form = el("form", { on: { submit: (event) => (event.preventDefault(), end(answer())) } }, el("h2", { id }, title), body,
      el("footer", {}, button(no, () => end(refusal), { class: "kit-button plain" }), el("button", { type: "submit", class: `kit-button ${style}` }, yes)));
    const dialog = el("dialog", { class: "question", "aria-labelledby": id, on: { cancel: (event) => (event.preventDefault(), end(refusal)) } }, form);
    document.body.append(dialog);
    dialog.showModal();
  });
}
