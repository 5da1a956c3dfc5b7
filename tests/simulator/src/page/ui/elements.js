// The interactive elements of Block Kit: https://docs.slack.dev/reference/block-kit/block-elements

import { combobox } from "./combobox.js";
import { confirmed } from "./dialogs.js";
import { button, el, freshId, lookup } from "./dom.js";
import { initial } from "./form.js";
import { jsonView } from "./json.js";
import { channels, fitting, optionOf, optionsOf, people } from "./options.js";
import { safeUrl } from "./mrkdwn.js";
import { textObject, words } from "./text.js";

/**
 * Draws an element of the block `blockId` on a surface: {store, names, form, act(element, blockId, value),
 * suggest(element, blockId, letters)}. `tells` is whether a change is told to the bot at once.
 */
export function drawElement(element, blockId, surface, tells) {
  const draw = lookup(DRAWN, element?.type);
  if (!draw) return jsonView(element, `${element?.type ?? "element"} (not drawn)`);
  const known = surface.form.get(blockId, element.action_id) ?? initial(element);
  if (known && surface.form.get(blockId, element.action_id) === undefined) surface.form.set(blockId, element.action_id, known);
  const change = async (fields, isFinal = true) => {
    const value = { type: element.type, ...fields };
    surface.form.set(blockId, element.action_id, value);
    if (tells && isFinal && (await confirmed(element.confirm, surface.names))) surface.act(element, blockId, value);
  };
  const node = draw({ element, blockId, surface, known, change, tells });
  node.dataset.actionId = element.action_id ?? "";
  return node;
}

const labelOf = (element) => words(element.placeholder) || words(element.text) || element.accessibility_label || element.action_id || element.type;

function drawButton({ element, blockId, surface }) {
  const press = async () => {
    if (!(await confirmed(element.confirm, surface.names))) return;
    const url = element.url && safeUrl(element.url);
    // Slack opens the address and tells the bot as well.
    if (url) window.open(url, "_blank", "noopener,noreferrer");
    surface.act(element, blockId, { type: element.type, value: element.value ?? null });
  };
  const style = { primary: "primary", danger: "danger" }[element.style] ?? "plain";
  return button(textObject(element.text, surface.names), press, { class: `kit-button ${style}`, "aria-label": element.accessibility_label });
}

function select({ element, known, surface, change, blockId }, field, options, { several, slow = false }) {
  const current = known?.[field];
  const all = () => options();
  const asOption = (own) => (typeof own === "object" ? optionOf(own) : (all().find((option) => option.own === own) ?? { id: own, label: own, own }));
  const chosen = (several ? (current ?? []) : [current]).filter((own) => own !== null && own !== undefined).map(asOption);
  const source = slow ? (letters) => surface.suggest(element, blockId, letters).then(optionsOf) : (letters) => fitting(all(), letters);
  source.isSlow = slow;
  return combobox({
    label: labelOf(element), placeholder: words(element.placeholder) || "Choose…", several, most: element.max_selected_items, chosen, source,
    least: slow ? (element.min_query_length ?? 3) : 0,
    change: (picked) => {
      const owns = picked.map((option) => option.own);
      return change({ [field]: several ? owns : (owns[0] ?? null) });
    },
  });
}

const selects = {};
for (const several of [false, true]) {
  const name = (base) => (several ? `multi_${base}` : base);
  const field = (one) => (several ? `selected_${one}s` : `selected_${one}`);
  selects[name("static_select")] = (of) => select(of, field("option"), () => optionsOf(of.element), { several });
  selects[name("external_select")] = (of) => select(of, field("option"), () => [], { several, slow: true });
  selects[name("users_select")] = (of) => select(of, field("user"), () => people(of.surface.store), { several });
  selects[name("channels_select")] = (of) => select(of, field("channel"), () => channels(of.surface.store, ["public"]), { several });
  selects[name("conversations_select")] = (of) => select(of, field("conversation"), () => channels(of.surface.store, of.element.filter?.include), { several });
}

function overflow({ element, blockId, surface }) {
  const menu = el("div", { role: "menu", class: "listbox menu", hidden: true });
  const open = button("⋯", () => toggle(menu.hidden), { class: "kit-button plain", "aria-label": "More", "aria-haspopup": "menu", "aria-expanded": "false" });
  const toggle = (show) => {
    menu.hidden = !show;
    open.setAttribute("aria-expanded", String(show));
    if (show) menu.firstElementChild?.focus();
  };
  const items = (element.options ?? []).map((option) => button(textObject(option.text, surface.names), async () => {
    toggle(false);
    open.focus();
    const url = option.url && safeUrl(option.url);
    if (!(await confirmed(element.confirm, surface.names))) return;
    if (url) window.open(url, "_blank", "noopener,noreferrer");
    surface.act(element, blockId, { type: "overflow", selected_option: option });
  }, { role: "menuitem", class: "option" }));
  menu.append(...items);
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(document.activeElement);
    if (event.key === "ArrowDown") items[(at + 1) % items.length].focus();
    else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length].focus();
    else if (event.key === "Escape") (toggle(false), open.focus());
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const box = el("div", { class: "combobox overflow" }, open, menu);
  box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || toggle(false));
  return box;
}

function textInput(type) {
  return ({ element, known, surface, blockId, change, tells }) => {
    const attributes = {
      "aria-label": labelOf(element), placeholder: words(element.placeholder), autocomplete: "off", class: "kit-input",
      minlength: element.min_length, maxlength: element.max_length,
    };
    const input = element.multiline ? el("textarea", { rows: 4, ...attributes }) : el("input", { type, ...attributes });
    if (type === "number") {
      input.setAttribute("step", element.is_decimal_allowed ? "any" : "1");
      if (element.min_value !== undefined) input.setAttribute("min", element.min_value);
      if (element.max_value !== undefined) input.setAttribute("max", element.max_value);
    }
    input.value = known?.value ?? "";
    const value = () => ({ type: element.type, value: input.value === "" ? null : input.value });
    const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
    input.addEventListener("input", () => {
      surface.form.set(blockId, element.action_id, value());
      if (tells && triggers.includes("on_character_entered")) change({ value: value().value });
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || element.multiline || !tells || !triggers.includes("on_enter_pressed")) return;
      event.preventDefault();
      change({ value: value().value });
    });
    return input;
  };
}

function pick(type, field, read = (value) => value, write = (value) => value) {
  return ({ element, known, change }) => {
    const input = el("input", { type, class: "kit-input", "aria-label": labelOf(element) });
    input.value = known?.[field] ? write(known[field]) : "";
    input.addEventListener("change", () => change({ [field]: input.value ? read(input.value) : null }));
    return input;
  };
}

const seconds = (local) => Math.floor(new Date(local).getTime() / 1000);
const local = (unix) => {
  const date = new Date(unix * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

function boxes(type) {
  return ({ element, known, surface, change }) => {
    const name = freshId("boxes");
    const several = type === "checkbox";
    const on = new Set((several ? (known?.selected_options ?? []) : [known?.selected_option]).filter(Boolean).map((option) => `${option.value}`));
    const rows = (element.options ?? []).map((option) => {
      const input = el("input", { type, name });
      input.checked = on.has(`${option.value}`);
      input.addEventListener("change", () => {
        const picked = (element.options ?? []).filter((_, at) => rows[at].firstElementChild.checked);
        change(several ? { selected_options: picked } : { selected_option: picked[0] ?? null });
      });
      return el("label", { class: "choice" }, input, el("span", {}, textObject(option.text, surface.names), option.description && el("small", {}, textObject(option.description, surface.names))));
    });
    return el("div", { class: "choices", role: several ? "group" : "radiogroup", "aria-label": labelOf(element) }, rows);
  };
}

function richInput({ element, known, change }) {
  const input = el("textarea", { rows: 4, class: "kit-input", "aria-label": labelOf(element), placeholder: words(element.placeholder) });
  const parts = known?.rich_text_value?.elements?.flatMap((part) => part.elements ?? []) ?? [];
  input.value = parts.map((part) => part.text ?? "").join("");
  input.addEventListener("input", () => {
    const section = { type: "rich_text_section", elements: [{ type: "text", text: input.value }] };
    change({ rich_text_value: input.value ? { type: "rich_text", elements: [section] } : null }, false);
  });
  return input;
}

function feedback({ element, blockId, surface }) {
  const one = (option, face) => button([face, " ", words(option?.text)], () => surface.act(element, blockId, { type: element.type, value: option?.value ?? null }), { class: "kit-button plain", "aria-label": option?.accessibility_label });
  return el("span", { class: "feedback", role: "group", "aria-label": "Feedback" }, one(element.positive_button, "👍"), one(element.negative_button, "👎"));
}

function iconButton({ element, blockId, surface }) {
  const press = async () => (await confirmed(element.confirm, surface.names)) && surface.act(element, blockId, { type: element.type, value: element.value ?? null });
  const icon = { trash: "🗑" }[element.icon] ?? "◌";
  return button([icon, " ", words(element.text)], press, { class: "kit-button plain", "aria-label": element.accessibility_label });
}

function fileInput({ element }) {
  return jsonView(element, "file_input: choose files in a test, by submitted values");
}

const DRAWN = {
  button: drawButton,
  workflow_button: drawButton,
  overflow,
  ...selects,
  plain_text_input: textInput("text"),
  email_text_input: textInput("email"),
  url_text_input: textInput("url"),
  number_input: textInput("number"),
  datepicker: pick("date", "selected_date"),
  timepicker: pick("time", "selected_time"),
  datetimepicker: pick("datetime-local", "selected_date_time", seconds, local),
  checkboxes: boxes("checkbox"),
  radio_buttons: boxes("radio"),
  rich_text_input: richInput,
  feedback_buttons: feedback,
  icon_button: iconButton,
  file_input: fileInput,
};
