// The panel of a person: the whole login to copy, why they are published or not, what was done with their name.
import { api, date, dialog, h, moment, say, text } from "../desk.js";
import { showWhy } from "../why.js";
import { MARKS } from "./columns.js";

/** Opens the panel of a row. What the row has is shown at once; the rest when the server has answered. */
export function openPanel(list, row) {
  const why = h("div", { class: "stack" });
  const history = h("div", { class: "stack" });
  const login = h("div", { class: "stack" }, copyable(row.username));
  let shown = row.username;
  const load = () =>
    api("GET", `${list.rows.path}/${row.id}`).then(
      (answer) => {
        // Who copied the name meanwhile keeps the button that says so.
        if (answer.login !== shown) login.replaceChildren(copyable(answer.login));
        shown = answer.login;
        history.replaceChildren(...told(answer.history));
      },
      (error) => history.replaceChildren(h("p", { class: "notice bad", text: error.message })),
    );
  // A swap of names that goes on in the panel changes what it and the list show.
  const changed = () => {
    load();
    list.rows.refresh();
  };
  document.addEventListener("desk:person", changed);
  dialog({
    title: `${row.given_name} ${row.family_name}`,
    side: true,
    body: [login, facts(row), why, history],
    onClose: () => document.removeEventListener("desk:person", changed),
  });
  showWhy(why, { person: row.id });
  load();
}

function copyable(login) {
  const button = h("button", { type: "button", class: "button primary", text: text("usernames-copy"), autofocus: true });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(login);
      button.textContent = text("usernames-copied");
      say(text("usernames-copied"));
    } catch {
      // Without the clipboard the name is selected, ready for Ctrl+C.
      getSelection().selectAllChildren(words);
      button.textContent = text("usernames-copy-by-hand");
    }
  });
  const words = h("span", { class: "login grow", text: login });
  return h("div", { class: "login-box row" }, words, button);
}

function facts(row) {
  const shown = [
    ["usernames-column-sync", text(`usernames-state-${row.state}-long`)],
    ["usernames-column-class", row.class],
    ["usernames-column-school", row.school],
    ["usernames-column-site", row.site],
    ["usernames-column-birth_date", date(row.birth_date)],
    ["usernames-column-created_at", moment(row.created_at)],
    ["usernames-column-last_read", row.last_read ? moment(row.last_read) : text("usernames-never-read")],
  ].filter(([, value]) => value);
  const list = h("dl", { class: "facts" }, shown.flatMap(([key, value]) => [h("dt", { text: text(key) }), h("dd", { text: value })]));
  const marks = MARKS.filter((mark) => row.marks.includes(mark));
  return h("div", { class: "stack" }, marks.map((mark) => h("p", { class: "notice warn", text: text(`usernames-mark-${mark}-long`) })), list);
}

function told(history) {
  if (history.length === 0) return [];
  const lines = history.map(({ at, text: words }) => h("li", {}, h("time", { datetime: at, text: moment(at) }), words));
  return [h("h3", { text: text("usernames-history") }), h("ol", { class: "timeline" }, lines)];
}
