// The options of selects, in the shape of combobox.js.

import { words } from "./text.js";

/** An option object of Block Kit. */
export function optionOf(option, group) {
  return { id: `${option.value}`, label: words(option.text), note: option.description && words(option.description), group, own: option };
}

/** Those of an element, or of a bot's suggestions: `options` or `option_groups`. */
export function optionsOf(holder) {
  const groups = Array.isArray(holder?.option_groups) ? holder.option_groups : [];
  const single = Array.isArray(holder?.options) ? holder.options : [];
  return [...single.map((option) => optionOf(option)), ...groups.flatMap((group) => (group.options ?? []).map((option) => optionOf(option, words(group.label))))];
}

/** Those whose label contains these letters. */
export function fitting(options, letters) {
  const low = letters.toLowerCase();
  return options.filter((option) => option.label.toLowerCase().includes(low));
}

/** The people of a store. */
export function people(store) {
  return [...store.users.values()].map((user) => ({ id: user.id, label: user.real_name || user.name, note: `@${user.name}`, own: user.id }));
}

/** The channels of a store; `kinds` are those of a conversation filter: public, private, im, mpim. */
export function channels(store, kinds) {
  const fits = (channel) => !kinds || kinds.includes(channel.is_im ? "im" : "public") || (!channel.is_im && kinds.includes("private"));
  return [...store.channels.values()].filter(fits).map((channel) => ({ id: channel.id, label: store.titleOf(channel), own: channel.id }));
}
