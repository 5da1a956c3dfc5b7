// The App Home of the person.

import { el } from "./dom.js";
import { Form } from "./form.js";
import { drawBlocks } from "./kit.js";
import { viewSurface } from "./views.js";

/** Draws the home tab into its frame, once for each look of it. */
export function drawHome(place, frame) {
  const view = place.store.home(place.session.me);
  const key = view ? `${view.id} ${view.revision} ${place.session.me}` : `none ${place.session.me}`;
  if (frame.dataset.key === key) return;
  frame.dataset.key = key;
  if (!view) {
    frame.replaceChildren(el("p", { class: "list-note" }, "The app has not published a home for this person. It was told that the tab is open."));
    return;
  }
  frame.replaceChildren(...drawBlocks(view.blocks ?? [], viewSurface(view, new Form(), place)));
}
