// The line where the person writes: Enter sends, Shift+Enter is a new line, @, #, : and / complete.

import { button, el, freshId } from "./dom.js";
import { emojiNamed, emojiOf } from "./emoji.js";
import { escape } from "./mrkdwn.js";
import { visible } from "./text.js";

const COMPLETIONS_SHOWN = 8;
const TALLEST_LINES = 10;

/**
 * Makes one. `complete(sign, letters)` gives [{label, note, insert, reference?}] for what follows `@`, `#` and `/`;
 * `send(text, raw)` gets the text as Slack sends it and as it was typed, and gives whether it was taken;
 * `above()` is called for an arrow up in an empty line.
 */
export function composer({ label, complete, send, above }) {
  const listId = freshId("completions");
  const references = new Map();
  let shown = [];
  let active = 0;
  const input = el("textarea", { rows: 1, "aria-label": label, placeholder: label, role: "combobox", "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list", "aria-haspopup": "listbox", dir: "auto" });
  const list = el("div", { id: listId, class: "listbox completions", role: "listbox", "aria-label": "Completions", hidden: true });
  const go = button("Send", () => submit(), { class: "kit-button primary send" });
  const box = el("form", { class: "composer", on: { submit: (event) => (event.preventDefault(), submit()) } }, list, input, go);

  const fit = () => {
    input.setAttribute("rows", String(Math.min(input.value.split("\n").length, TALLEST_LINES)));
  };
  const close = () => {
    shown = [];
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const token = () => {
    const before = input.value.slice(0, input.selectionStart);
    const found = /(?:^|\s)([@#:])([\p{L}\p{N}._+-]*)$/u.exec(before) ?? /^(\/)(\S*)$/.exec(before);
    return found && { sign: found[1], letters: found[2].toLowerCase(), start: before.length - found[2].length - 1 };
  };
  const offer = () => {
    const now = token();
    if (!now || (now.sign === ":" && now.letters.length < 2)) return close();
    const all = now.sign === ":" ? emojiNamed(now.letters, COMPLETIONS_SHOWN).map((name) => ({ label: `${emojiOf(name)} :${name}:`, insert: `:${name}:` })) : complete(now.sign, now.letters);
    shown = all.slice(0, COMPLETIONS_SHOWN);
    if (!shown.length) return close();
    active = 0;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    draw();
  };
  const draw = () => {
    list.replaceChildren(...shown.map((option, at) => el("div", { id: `${listId}-${at}`, role: "option", class: at === active ? "option active" : "option", "aria-selected": String(at === active), on: { mousedown: (event) => (event.preventDefault(), pick(at)) } }, el("span", {}, visible(option.label)), option.note && el("small", {}, visible(option.note)))));
    input.setAttribute("aria-activedescendant", `${listId}-${active}`);
  };
  const pick = (at) => {
    const option = shown[at];
    const now = token();
    if (!option || !now) return close();
    if (option.reference) references.set(option.insert, option.reference);
    const after = input.value.slice(input.selectionStart);
    const start = `${input.value.slice(0, now.start)}${option.insert} `;
    input.value = start + after.replace(/^ /, "");
    input.setSelectionRange(start.length, start.length);
    close();
    fit();
  };
  const submit = async () => {
    const raw = input.value;
    if (raw.trim() === "") return;
    close();
    input.value = "";
    fit();
    if (await send(asSlack(raw, references), raw)) references.clear();
    else if (input.value === "") input.value = raw;
    fit();
    input.focus();
  };
  input.addEventListener("input", () => {
    fit();
    offer();
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const isOpen = shown.length > 0;
    if (isOpen && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      active = (active + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length;
      draw();
    } else if (isOpen && (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey))) {
      // A command that is complete is sent, and not completed once more.
      const isWhole = token()?.sign === "/" && shown.some((option) => option.insert === input.value);
      if (isWhole && event.key === "Enter") submit();
      else pick(active);
    } else if (isOpen && event.key === "Escape") {
      close();
    } else if (event.key === "Enter" && !event.shiftKey) {
      submit();
    } else if (event.key === "ArrowUp" && input.value === "") {
      above?.();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  return { node: box, input };
}

/** What was typed, as Slack sends it: references, links in angle brackets, the rest escaped. */
export function asSlack(raw, references = new Map()) {
  const parts = raw.split(/(```[\s\S]*?```|`[^`\n]+`)/);
  return parts.map((part, at) => (at % 2 ? escape(part) : withReferences(part, references))).join("");
}

function withReferences(text, references) {
  const names = [...references.keys()].sort((a, b) => b.length - a.length);
  const pattern = [...names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")), "<[@#][A-Z0-9]+(?:\\|[^<>]*)?>|<!(?:here|channel|everyone)>", "https?:\\/\\/[^\\s<>]*[^\\s<>.,;:!?)\\]]"].join("|");
  let out = "";
  let from = 0;
  for (const found of text.matchAll(new RegExp(pattern, "g"))) {
    out += escape(text.slice(from, found.index));
    const word = found[0];
    out += references.get(word) ?? (word.startsWith("<") ? word : `<${escape(word)}>`);
    from = found.index + word.length;
  }
  return out + escape(text.slice(from));
}
