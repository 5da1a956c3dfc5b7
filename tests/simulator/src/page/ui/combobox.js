// A select that is typed into: one choice or several, from a list or from what the bot suggests.

import { OPTIONS_SHOWN } from "./bounds.js";
import { button, el, freshId } from "./dom.js";
import { visible } from "./text.js";

const TYPING_PAUSE_MS = 250;

/**
 * Makes one. An option is {id, label, note?, group?, own}, where `own` is what it stands for.
 * `source(letters)` gives the options, or a promise of them. `change(chosen)` gets the options chosen.
 */
export function combobox({ label, placeholder, several, most, chosen, source, change, least = 0 }) {
  const listId = freshId("list");
  const picked = [...chosen];
  let shown = [];
  let active = -1;
  let asked = 0;
  let pause;
  const chips = el("span", { class: "chips" });
  const input = el("input", {
    type: "text", role: "combobox", class: "combobox-input", autocomplete: "off", spellcheck: "false",
    "aria-label": label, "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list", placeholder,
  });
  const list = el("div", { id: listId, role: "listbox", class: "listbox", hidden: true, "aria-label": label, "aria-multiselectable": several ? "true" : null });
  const box = el("div", { class: "combobox" }, chips, input, list);

  const isOpen = () => !list.hidden;
  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    if (!several) input.value = picked[0]?.label ?? "";
  };
  const say = (words) => list.replaceChildren(el("div", { class: "listbox-note" }, words));
  const open = async (letters) => {
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    const turn = (asked += 1);
    if (letters.length < least) {
      shown = [];
      say(`Type ${least} or more characters`);
      return;
    }
    const found = source(letters);
    if (found instanceof Promise) say("Asking the bot…");
    try {
      const options = await found;
      if (turn !== asked) return;
      shown = options.slice(0, OPTIONS_SHOWN);
      draw(options.length - shown.length);
    } catch (error) {
      shown = [];
      say(`No options: ${error.message}`);
    }
  };
  const draw = (left) => {
    if (!shown.length) return say("Nothing fits");
    const rows = [];
    shown.forEach((option, at) => {
      if (option.group && option.group !== shown[at - 1]?.group) rows.push(el("div", { class: "listbox-group" }, visible(option.group)));
      const isPicked = picked.some((one) => one.id === option.id);
      rows.push(el("div", { role: "option", id: `${listId}-${at}`, class: "option", "aria-selected": String(isPicked), on: { mousedown: (event) => (event.preventDefault(), pick(at)) } }, el("span", {}, visible(option.label)), option.note && el("small", {}, visible(option.note))));
    });
    if (left > 0) rows.push(el("div", { class: "listbox-note" }, `${left} more: type to narrow them down`));
    list.replaceChildren(...rows);
  };
  const move = (by) => {
    if (!shown.length) return;
    active = (active + by + shown.length) % shown.length;
    shown.forEach((_, at) => document.getElementById(`${listId}-${at}`)?.classList.toggle("active", at === active));
    document.getElementById(`${listId}-${active}`)?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", `${listId}-${active}`);
  };
  const pick = (at) => {
    const option = shown[at];
    if (!option) return;
    const known = picked.findIndex((one) => one.id === option.id);
    if (!several) picked.splice(0, picked.length, option);
    else if (known >= 0) picked.splice(known, 1);
    else if (!most || picked.length < most) picked.push(option);
    if (several) input.value = "";
    drawChips();
    close();
    change([...picked]);
  };
  const drawChips = () => {
    if (!several) {
      input.value = picked[0]?.label ?? "";
      return;
    }
    chips.replaceChildren(...picked.map((option) => button([...visible(option.label), " ×"], () => {
      picked.splice(picked.indexOf(option), 1);
      drawChips();
      change([...picked]);
      input.focus();
    }, { class: "chip", "aria-label": `Remove ${option.label}` })));
  };
  const keys = {
    ArrowDown: () => (isOpen() ? move(1) : open(several ? input.value : "")),
    ArrowUp: () => (isOpen() ? move(-1) : open(several ? input.value : "")),
    Enter: () => isOpen() && pick(active < 0 ? 0 : active),
    Escape: () => isOpen() && close(),
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && several && input.value === "" && picked.length) {
      picked.pop();
      drawChips();
      change([...picked]);
    } else if (keys[event.key]) {
      if (event.key === "Escape" && !isOpen()) return;
      event.preventDefault();
      event.stopPropagation();
      keys[event.key]();
    }
  });
  input.addEventListener("input", () => {
    active = -1;
    clearTimeout(pause);
    pause = setTimeout(() => open(input.value.trim()), least > 0 || source.isSlow ? TYPING_PAUSE_MS : 0);
  });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => isOpen() || open(several ? input.value : ""));
  input.addEventListener("blur", () => {
    clearTimeout(pause);
    close();
  });
  drawChips();
  return box;
}
