// A small panel of emoji below a button.

import { button, el } from "./dom.js";
import { COMMON, emojiNamed, emojiOf } from "./emoji.js";

const SHOWN = 48;

/** Opens the panel; `pick(name)` gets the name that was chosen. */
export function pickEmoji(anchor, pick) {
  document.querySelector(".emoji-picker")?.remove();
  const grid = el("div", { class: "emoji-grid" });
  const search = el("input", { class: "kit-input", type: "text", "aria-label": "Search emoji", placeholder: "Search emoji", autocomplete: "off" });
  const close = () => {
    panel.remove();
    anchor.focus();
  };
  const choose = (name) => {
    close();
    pick(name);
  };
  const draw = () => {
    const letters = search.value.trim().toLowerCase().replaceAll(":", "");
    const names = letters ? emojiNamed(letters, SHOWN) : [...COMMON, ...emojiNamed("", SHOWN)].slice(0, SHOWN);
    const distinct = names.filter((name, at) => names.findIndex((other) => emojiOf(other) === emojiOf(name)) === at);
    grid.replaceChildren(...distinct.map((name) => button(emojiOf(name), () => choose(name), { title: `:${name}:`, "aria-label": name })));
  };
  const panel = el("div", { class: "emoji-picker", role: "dialog", "aria-label": "Emoji" }, search, grid);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.target === search) grid.firstElementChild?.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  panel.addEventListener("focusout", (event) => panel.contains(event.relatedTarget) || setTimeout(() => panel.contains(document.activeElement) || panel.remove()));
  search.addEventListener("input", draw);
  draw();
  document.body.append(panel);
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  panel.style.setProperty("left", `${Math.max(8, Math.min(box.right - width, innerWidth - width - 8))}px`);
  panel.style.setProperty("top", `${box.bottom + height + 8 > innerHeight ? Math.max(8, box.top - height - 4) : box.bottom + 4}px`);
  search.focus();
}
