// Dialogs: the browser's own <dialog>, which keeps the focus inside and gives it back.
import { h } from "./element.js";
import { text } from "./texts.js";

let titles = 0;

/** Opens a dialog; see desk.js. */
export function dialog({ title, body = [], actions = [], side = false, wide = false, onClose }) {
  const before = document.activeElement;
  const titleId = `dialog-title-${(titles += 1)}`;
  const content = h("div", { class: "dialog-body" }, body);
  // The event that tells of it comes later; what was shown once is gone from the page at once.
  const close = () => {
    element.close();
    element.remove();
  };
  const element = h(
    "dialog",
    { class: `dialog${side ? " side" : ""}${wide ? " wide" : ""}`, "aria-labelledby": titleId },
    h(
      "div",
      { class: "dialog-head" },
      h("h2", { id: titleId, text: title }),
      h("button", { type: "button", class: "button quiet small", "aria-label": text("close"), text: "✕", on: { click: () => close() } }),
    ),
    content,
  );
  if (actions.length > 0) {
    element.append(h("div", { class: "dialog-actions" }, actions.map((action) => actionButton(action, close))));
  }
  element.addEventListener("close", () => {
    element.remove();
    if (before?.isConnected) before.focus();
    onClose?.();
  });
  // A click beside it closes a panel; a dialog with something to decide stays.
  if (side) element.addEventListener("click", (event) => event.target === element && close());
  document.body.append(element);
  element.showModal();
  // What somebody came for, not the button that closes.
  const first = element.querySelector("[autofocus]") ?? element.querySelector(".dialog-body :is(input, .primary), .dialog-actions .primary");
  first?.focus();
  return { element, body: content, close };
}

function actionButton({ label, primary, danger, run }, close) {
  const button = h("button", { type: "button", class: `button${primary ? " primary" : ""}${danger ? " danger" : ""}`, text: label });
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      if ((await run?.()) !== false) close();
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
  return button;
}

/** Asks a question, and resolves to true for yes. */
export function confirmed({ title, body = [], yes, danger = false }) {
  return new Promise((resolve) => {
    let answer = false;
    dialog({
      title,
      body,
      actions: [
        { label: text("cancel") },
        { label: yes, primary: !danger, danger, run: () => void (answer = true) },
      ],
      onClose: () => resolve(answer),
    });
  });
}
