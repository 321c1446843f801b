// A page that the server rendered and that stands open: when somebody comes back to it, it is compared with what it would be now.
import { noticeVersion, offerReload } from "./version.js";

/** A page is not asked for again sooner than this. */
const WAIT_MS = 2000;

/** Tells of changes of a page whose `main` has `data-watch`. Must run before anything changes what the server sent. */
export function watchPage() {
  const main = document.querySelector("main[data-watch]");
  if (!main) return;
  const shown = content(main);
  let looked = Date.now();
  async function look() {
    if (document.visibilityState !== "visible" || Date.now() - looked < WAIT_MS) return;
    looked = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, credentials: "same-origin", redirect: "manual" });
      noticeVersion(answer.headers.get("x-desk-version"));
      if (!answer.ok) return;
      const now = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
      if (now && content(now) !== shown) offerReload("page-changed");
    } catch {
      // The next thing that somebody does tells what is the matter.
    }
  }
  document.addEventListener("visibilitychange", look);
  addEventListener("focus", look);
}

/** What stands in an element, without what is another at each visit. */
function content(main) {
  return main.innerHTML.replaceAll(/ nonce="[^"]*"/g, "");
}
