// Takes everything there is at the simulator.

import { JOURNAL_PAGE } from "./bounds.js";

/**
 * Fills the store by `get(path)` of the control API; `takeState` takes the state. Gives the number of the journal's entry from
 * which on it is to be followed.
 */
export async function load(store, takeState, get) {
  const state = await get("state");
  store.reset();
  takeState(state);
  let since = 0;
  for (;;) {
    const page = await get(`journal?since=${since}&limit=${JOURNAL_PAGE}`);
    for (const entry of page.entries) store.takeEntry(entry);
    if (page.entries.length === 0 || page.next === since) break;
    since = page.next;
  }
  // What the journal no longer has. It is asked for after it: what happens in between is told once more, but what had been asked
  // for before would take the place of what the journal told.
  const [{ messages }, { views }] = await Promise.all([get("messages"), get("views")]);
  for (const message of messages) store.takeMessage(message);
  store.views.clear();
  for (const view of views) store.takeView(view);
  return since;
}
