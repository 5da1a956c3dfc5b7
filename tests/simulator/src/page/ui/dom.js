// Making elements: every text becomes a text node, and nothing is ever parsed as HTML.

/**
 * Makes an element. `attributes` are set as they are, but for: `on`, its listeners by name; `data`, its data
 * attributes; an attribute that is null, undefined or false is left out; true is an empty one.
 * Children are nodes, texts, or lists of them.
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Sets attributes as `el` does. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "data") {
      Object.assign(element.dataset, value);
    } else if (value === null || value === undefined || value === false) {
      element.removeAttribute(name);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

/** Makes `nodes` the children of `parent`, touching only what differs: focus and open menus stay. */
export function reconcile(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let next = parent.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
}

/** A button with a label; `attributes` as in `el`. */
export function button(label, click, attributes = {}) {
  return el("button", { type: "button", ...attributes, on: { click, ...attributes.on } }, label);
}

/** What a table has for a key from outside; undefined for the names that every object has. */
export function lookup(table, key) {
  return typeof key === "string" && Object.hasOwn(table, key) ? table[key] : undefined;
}

let numbers = 0;

/** An id that no other element has. */
export function freshId(prefix) {
  numbers += 1;
  return `${prefix}-${numbers}`;
}

/** Runs `draw` before the next frame, once however often it is asked for. */
export function onceAFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    const run = () => {
      if (!asked) return;
      asked = false;
      draw();
    };
    // A page in the background draws no frames.
    if (document.visibilityState === "visible") requestAnimationFrame(run);
    setTimeout(run, 100);
  };
}
