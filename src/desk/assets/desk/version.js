// A page that stands open while the server is replaced: it is told to load again, and nothing typed is lost.
import { h } from "./element.js";
import { page } from "./page.js";
import { text } from "./texts.js";

const questions = new Set();

/** Registers a function that returns true while something typed is not saved. Returns a function that takes it back. */
export function holdsEdit(question) {
  questions.add(question);
  return () => questions.delete(question);
}

const edits = () => [...questions].some((question) => question());

/** Compares the version of an answer with that of the page. */
export function noticeVersion(answered) {
  if (answered && page.version && answered !== page.version) offerReload("new-version");
}

/** Says under the bar at the top, once, why the page is to be loaded again, and does it when asked, unless something typed would be lost. */
export function offerReload(key) {
  if (document.getElementById(key)) return;
  const words = h("span", { text: text(key) });
  const reload = h("button", { type: "button", class: "button small primary", text: text("reload"), on: { click: load } });
  function load() {
    if (edits()) {
      words.textContent = text("new-version-save-first");
      return;
    }
    location.reload();
  }
  const banner = h("div", { id: key, class: "notice warn", role: "status" }, words, reload);
  document.querySelector("header.top")?.after(banner);
}

addEventListener("beforeunload", (event) => {
  if (edits()) event.preventDefault();
});
