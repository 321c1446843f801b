// Keys and menus that every page has.
import { h } from "./element.js";

const typed = (target) => target.closest?.("input, textarea, select, [contenteditable], dialog") !== null;

/** Listens to `/` and the button Zoeken, and closes menus as people expect. */
export function listenToKeys() {
  // On a telephone the menu scrolls: the entry of this screen is in sight.
  document.querySelector('nav [aria-current="page"]')?.scrollIntoView({ block: "nearest", inline: "center" });
  // Another language is shown on the page where it is chosen.
  for (const form of document.querySelectorAll('form[action$="/desk/taal"]')) {
    form.append(h("input", { type: "hidden", name: "next", value: location.pathname + location.search }));
  }
  const search = () => document.dispatchEvent(new CustomEvent("desk:search"));
  document.getElementById("search-open")?.addEventListener("click", search);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typed(event.target)) {
      event.preventDefault();
      search();
    }
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
}
