// Short messages at the bottom of the page, read out by screen readers.
import { h } from "./element.js";
import { text } from "./texts.js";

const SHOWN_MS = 8000;

function region() {
  let element = document.getElementById("toasts");
  if (!element) {
    element = h("div", { id: "toasts", class: "toasts", role: "status", "aria-live": "polite" });
    document.body.append(element);
  }
  return element;
}

/** Says what was done. One with an action, or that went wrong, stays until it is closed. */
export function toast(words, { bad = false, action } = {}) {
  const element = h("div", { class: `toast${bad ? " bad" : ""}` }, h("span", { text: words }));
  if (action) {
    element.append(h("button", { type: "button", text: action.label, on: { click: () => { element.remove(); action.run(); } } }));
  }
  element.append(h("button", { type: "button", "aria-label": text("close"), text: "✕", on: { click: () => element.remove() } }));
  const shown = region();
  while (shown.childElementCount > 2) shown.firstElementChild.remove();
  shown.append(element);
  if (!bad && !action) setTimeout(() => element.remove(), SHOWN_MS);
  return element;
}

/** Says something to screen readers only. */
export function say(words) {
  let element = document.getElementById("spoken");
  if (!element) {
    element = h("div", { id: "spoken", class: "visually-hidden", role: "status", "aria-live": "polite" });
    document.body.append(element);
  }
  element.textContent = words;
}
