// What agents show while they work: task cards, and plans made of them.

import { el, lookup } from "./dom.js";
import { jsonView } from "./json.js";
import { richText } from "./richtext.js";
import { link, textObject, visible, words } from "./text.js";

const STATES = {
  pending: ["○", "not started"],
  in_progress: ["◐", "in progress"],
  complete: ["●", "complete"],
  completed: ["●", "complete"],
  error: ["✕", "failed"],
};

/** A `task_card` block, or a task update of a stream. */
export function taskCard(task, surface) {
  const [sign, state] = lookup(STATES, task.status) ?? ["○", String(task.status ?? "")];
  const details = ["details", "output"].filter((name) => task[name]).map((name) => el("div", { class: "task-text" }, rich(task[name], surface)));
  const sources = (task.sources ?? []).map((source) => link(source.url ?? "", visible(words(source.text) || String(source.url ?? "source")), surface.names));
  return el("div", { class: `task task-${lookup(STATES, task.status) ? task.status : "pending"}` },
    el("span", { class: "task-sign", role: "img", "aria-label": state }, sign),
    el("div", {}, el("div", { class: "task-title" }, visible(words(task.title) || String(task.task_id ?? task.id ?? "task"))), details,
      sources.length > 0 && el("div", { class: "task-sources" }, sources)));
}

/** A `plan` block. */
export function plan(block, surface) {
  const tasks = Array.isArray(block.tasks) ? block.tasks : null;
  const done = tasks?.filter((task) => lookup(STATES, task?.status)?.[1] === "complete").length;
  return el("div", {}, el("div", { class: "plan-title" }, visible(words(block.title) || "Plan"), tasks && el("small", {}, `${done} of ${tasks.length}`)), tasks ? tasks.map((task) => taskCard(task ?? {}, surface)) : jsonView(block, "plan without tasks"));
}

function rich(content, surface) {
  return content?.type === "rich_text" ? richText(content, surface.names) : textObject(content, surface.names);
}
