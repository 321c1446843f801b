// How somebody arranged a screen, kept by the server for them.
import { api } from "./api.js";

const WAIT_MS = 600;

/** Returns what reads and writes the preferences of a screen. Writing waits a little: a column that is dragged is written once. */
export function preferences(screen) {
  const path = `/desk/api/me/preferences/${screen}`;
  let timer = 0;
  let waiting = null;
  const send = () => {
    clearTimeout(timer);
    if (waiting === null) return;
    const value = waiting;
    waiting = null;
    // Also when somebody leaves the page: the browser sends it all the same.
    api("PUT", path, value, { keepalive: true }).catch(() => {});
  };
  addEventListener("pagehide", send);
  return {
    /** Resolves to what was kept, or null: a screen works without. */
    read: () => api("GET", path).catch(() => null),
    /** Keeps a value. */
    write(value) {
      clearTimeout(timer);
      waiting = value;
      timer = setTimeout(send, WAIT_MS);
    },
  };
}
