// How somebody arranged a screen, kept by the server for them.
import { api } from "./api.js";

const WAIT_MS = 600;

// On the sign-in page: whoever signs in next has their own.
if (!document.querySelector(".top .tools")) sessionStorage.clear();

/** Returns what reads and writes the preferences of a screen. Writing waits a little: a column that is dragged is written once. */
export function preferences(screen) {
  const path = `/desk/api/me/preferences/${screen}`;
  // What the server may not have yet when the page is left: the next page of this tab must not read what was before.
  const unsent = `preferences.${screen}`;
  let timer = 0;
  let waiting = null;
  const send = () => {
    clearTimeout(timer);
    if (waiting === null) return;
    const value = waiting;
    waiting = null;
    const done = () => {
      if (sessionStorage.getItem(unsent) === JSON.stringify(value)) sessionStorage.removeItem(unsent);
    };
    // Also when somebody leaves the page: the browser sends it all the same, and nobody is there for the answer.
    api("PUT", path, value, { keepalive: true }).then(done, done);
  };
  addEventListener("pagehide", send);
  return {
    /** Resolves to what was kept, or null: a screen works without. */
    read() {
      const left = sessionStorage.getItem(unsent);
      if (left === null) return api("GET", path).catch(() => null);
      waiting = JSON.parse(left);
      send();
      return Promise.resolve(JSON.parse(left));
    },
    /** Keeps a value. */
    write(value) {
      clearTimeout(timer);
      waiting = value;
      sessionStorage.setItem(unsent, JSON.stringify(value));
      timer = setTimeout(send, WAIT_MS);
    },
  };
}
