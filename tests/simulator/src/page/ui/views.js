// The modals of the person: the top of the stack is shown, and stays usable beside the wire.

import { button, el, freshId } from "./dom.js";
import { Form } from "./form.js";
import { drawBlocks } from "./kit.js";
import { textObject, visible, words } from "./text.js";

/** What a view's elements do: the bot is told at once, with what the person has entered. */
export function viewSurface(view, form, { store, names, acts }, errors) {
  return {
    store, names, form, errors,
    act: (element, _blockId, value) => acts.press({ view_id: view.id, action_id: element.action_id }, value),
    suggest: (element, _blockId, letters) => acts.suggest({ view_id: view.id, action_id: element.action_id, value: letters }),
  };
}

/** Wires the modals: `place` is {store, session, names, acts}. */
export function startModals(place) {
  const { store, session } = place;
  const frame = document.getElementById("modal");
  const behind = ["chat", "thread"].map((id) => document.getElementById(id));
  const forms = new Map();
  let shown = "";
  let before = null;

  const draw = () => {
    const stack = store.modals(session.me);
    for (const id of forms.keys()) if (!store.views.has(id)) forms.delete(id);
    const view = stack.at(-1);
    const errors = view && store.viewErrors.get(view.id);
    const key = view ? `${view.id} ${view.revision} ${stack.length} ${JSON.stringify(errors ?? null)}` : "";
    if (key === shown) return;
    if (!shown) before = document.activeElement;
    const isSame = view && shown.startsWith(`${view.id} `);
    shown = key;
    for (const pane of behind) pane.inert = Boolean(view);
    frame.hidden = !view;
    if (!view) {
      frame.replaceChildren();
      // A button that has opened it may have been drawn anew.
      (before?.isConnected ? before : document.querySelector("#composer textarea"))?.focus();
      return;
    }
    if (!forms.has(view.id)) forms.set(view.id, new Form());
    const focused = isSame ? whereIn(frame, document.activeElement) : null;
    frame.replaceChildren(modal(view, stack, forms.get(view.id), errors, place));
    (find(frame, focused) ?? frame.querySelector("[aria-invalid], .modal-body input, .modal-body textarea, .modal-body button, .modal-foot button"))?.focus();
  };
  frame.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const view = store.modals(session.me).at(-1);
    if (view) place.acts.closeView(view.id);
  });
  store.addEventListener("change", (event) => (event.detail.has("views") || event.detail.has("state")) && draw());
  session.addEventListener("change", draw);
}

function modal(view, stack, form, errors, place) {
  const id = freshId("modal");
  const surface = viewSurface(view, form, place, errors);
  const blocks = Array.isArray(view.blocks) ? view.blocks : [];
  const close = () => place.acts.closeView(view.id);
  const status = el("p", { class: "modal-status", role: "status" });
  const submit = async (event) => {
    event.preventDefault();
    const missing = blocks.filter((block) => block?.type === "input" && !block.optional && isEmpty(form.get(block.block_id, block.element?.action_id)));
    if (missing.length) {
      place.store.viewErrors.set(view.id, Object.fromEntries(missing.map((block) => [block.block_id, "Please fill this in."])));
      place.store.changed("views");
      return;
    }
    place.store.viewErrors.delete(view.id);
    const revision = view.revision;
    status.textContent = "Waiting for the bot…";
    submitButton.disabled = true;
    const answer = await place.acts.submit(view.id, form.values(blocks));
    const fits = (entry) => ["ack", "late_ack", "lost", "failed"].includes(entry.kind) && entry.envelope_id === answer?.envelope_id;
    const entry = answer && !isSettled(place.store, answer.envelope_id) ? await place.store.next(fits, 6000) : null;
    if (!status.isConnected || place.store.views.get(view.id)?.revision !== revision) return;
    submitButton.disabled = false;
    const failed = entry?.kind === "failed" || entry?.kind === "lost";
    status.textContent = failed ? "We had some trouble connecting. Try again?" : "";
  };
  const stacked = stack.length > 1;
  const hasInput = blocks.some((block) => block?.type === "input");
  const submitButton = (view.submit || hasInput) && el("button", { type: "submit", class: "kit-button primary" }, textObject(view.submit ?? "Submit", surface.names));
  const content = el("form", { class: "modal", novalidate: true, on: { submit } },
    el("header", { class: "modal-head" }, el("div", {}, el("h2", { id }, visible(words(view.title) || "Untitled")), stacked && el("small", {}, `view ${stack.length} of ${stack.length}`)),
      closeButton("×", close)),
    el("div", { class: "modal-body" }, drawBlocks(blocks, surface)),
    el("footer", { class: "modal-foot" }, status, closeButton(words(view.close) || (stacked ? "Back" : "Cancel"), close, "kit-button plain"), submitButton));
  return el("div", { role: "dialog", "aria-labelledby": id, class: "modal-frame" }, content);
}

function closeButton(label, close, style) {
  return button(label, close, style ? { class: style } : { class: "tool", "aria-label": "Close" });
}

function isSettled(store, envelopeId) {
  const state = store.envelopes.get(envelopeId)?.state;
  return state !== undefined && state !== "pending" && state !== "overdue";
}

function isEmpty(value) {
  if (!value) return true;
  const [, entered] = Object.entries(value).find(([name]) => name !== "type") ?? [];
  return entered === null || entered === undefined || entered === "" || (Array.isArray(entered) && entered.length === 0 && value.type !== "file_input");
}

/** Where in a view the focus is: its block and action. */
function whereIn(frame, node) {
  if (!frame.contains(node)) return null;
  const block = node.closest("[data-block-id]")?.dataset.blockId;
  const action = node.closest("[data-action-id]")?.dataset.actionId;
  return block && action ? { block, action } : null;
}

function find(frame, where) {
  if (!where) return null;
  const element = frame.querySelector(`[data-block-id="${CSS.escape(where.block)}"] [data-action-id="${CSS.escape(where.action)}"]`);
  return element?.matches("input, textarea, button") ? element : element?.querySelector("input, textarea, button");
}
