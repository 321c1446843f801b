// The line under the grid: the keys, what was saved last and when Microsoft reads it, and the way back from the last bulk change.
import { api, confirmed, dialog, h, moment, number, text, time } from "../desk.js";
import { show } from "./names.js";

/** Adds the line. */
export function lastChange(list) {
  const ready = h("span", { class: "ready", role: "status" });
  const last = h("span", { class: "last" });
  const keys = h("span", { class: "keys muted small", text: text(list.mayWrite ? "usernames-keys" : "usernames-keys-read") });
  list.root.append(h("div", { class: "usernames-foot" }, ready, last, keys));

  list.show = (row) => show(list, row);
  list.edit = (id) => {
    const node = list.grid.getRowNode(id);
    if (node) list.grid.startEditingCell({ rowIndex: node.rowIndex, colKey: "username" });
  };
  list.saved = ({ row, warnings = [], ready_since: since }) => {
    if (row) list.show(row);
    const words = since ? [text("usernames-ready-since", { time: time(since) })] : [];
    ready.textContent = [...warnings, ...words].join(" ");
    ready.classList.toggle("has-warning", warnings.length > 0);
    list.rows.count();
  };

  const look = async () => {
    const answer = await api("GET", `${list.rows.path}/bulk/last`).catch(() => null);
    last.replaceChildren();
    if (!answer || !list.mayWrite) return;
    last.append(text(answer.on ? "usernames-last-on" : "usernames-last-off", { number: number(answer.count), by: answer.by, at: moment(answer.at) }), " ");
    if (answer.undoable) {
      last.append(h("button", { type: "button", class: "button small", text: text("usernames-undo"), on: { click: () => undo(list, answer, look) } }));
    }
  };
  list.events.addEventListener("bulk", ({ detail }) => {
    ready.textContent = text("usernames-ready-since", { time: time(detail.ready_since ?? new Date().toISOString()) });
    look();
  });
  list.events.addEventListener("changed-elsewhere", look);
  look();
}

async function undo(list, { operation, on, count }, look) {
  const yes = await confirmed({
    title: text("usernames-undo-title"),
    body: [h("p", { text: text(on ? "usernames-undo-on" : "usernames-undo-off", { count }) })],
    yes: text("usernames-undo"),
  });
  if (!yes) return;
  let words;
  try {
    const answer = await api("POST", `${list.rows.path}/bulk/undo`, { operation });
    const refused = answer.refused.map(({ name, reason }) => h("li", { text: `${name}: ${reason}` }));
    words = answer.message.map((line) => h("p", { text: line }));
    if (refused.length > 0) words.push(h("ul", {}, refused));
  } catch (error) {
    words = [h("p", { class: "notice bad", role: "alert", text: [error.message, error.hint].filter(Boolean).join(" ") })];
  }
  dialog({ title: text("usernames-undo-title"), body: words, actions: [{ label: text("close"), primary: true }] });
  list.rows.refresh();
  list.rows.count();
  look();
}
