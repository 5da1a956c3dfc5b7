// Panes as tabs on a narrow screen, and the two lists of the wire.

import { el } from "./dom.js";

/** Makes a row of tabs: `tabs` are the buttons, each with the `aria-controls` of its panel. */
export function tabs(list, chosen) {
  const all = [...list.querySelectorAll("[role=tab]")];
  const choose = (tab) => {
    for (const one of all) {
      one.setAttribute("aria-selected", String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
    }
    chosen(tab.dataset.pane);
  };
  for (const tab of all) tab.addEventListener("click", () => choose(tab));
  list.addEventListener("keydown", (event) => {
    const at = all.indexOf(document.activeElement);
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (at < 0 || !by) return;
    const next = all[(at + by + all.length) % all.length];
    event.preventDefault();
    choose(next);
    next.focus();
  });
  return (name) => {
    const tab = all.find((one) => one.dataset.pane === name);
    if (tab) choose(tab);
  };
}

/** The panes of the page; `show(name)` brings one to the front where there is room for one alone. */
export function startPanes(session) {
  const app = document.getElementById("app");
  const show = tabs(document.getElementById("pane-tabs"), (name) => {
    app.dataset.pane = name;
  });
  show("chat");
  let thread = null;
  session.addEventListener("change", () => {
    if (session.thread !== thread && session.thread !== null) show("chat");
    thread = session.thread;
  });
  return { show };
}

const THEMES = ["auto", "light", "dark"];

/** The switch between the system's colours, light and dark. */
export function startTheme(control) {
  let theme = "auto";
  try {
    theme = localStorage.getItem("theme") ?? "auto";
  } catch {
    // Without storage it is the system's.
  }
  const draw = () => {
    document.documentElement.dataset.theme = theme;
    control.textContent = { auto: "◐ Auto", light: "☀ Light", dark: "☾ Dark" }[theme];
    control.setAttribute("aria-label", `Colours: ${theme}`);
  };
  if (!THEMES.includes(theme)) theme = "auto";
  control.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // It lasts as long as the page.
    }
    draw();
  });
  draw();
}

const TOAST_MS = 6000;

/** Says something to the person at the foot of the page. */
export function tell(words) {
  const frame = document.getElementById("toasts");
  const toast = el("p", { class: "toast" }, words);
  frame.append(toast);
  setTimeout(() => toast.remove(), TOAST_MS);
  while (frame.childElementCount > 3) frame.firstChild.remove();
}
