// Accounts of Microsoft beside the usernames: the findings, with filters, and what is proposed. Nothing is changed here.
import { h, text } from "../desk.js";
import { table } from "./table.js";

// More rows make the page slow; the file has them all.
const ROWS_SHOWN = 500;
const FINE = new Set(["linked", "new"]);

/** Returns what is said of a list of accounts. `review` looks at the proposals as a check file, `save` downloads one in a format. */
export function matched(answer, { review, save }) {
  const button = (key, run, primary) => h("button", { type: "button", class: primary ? "button primary" : "button", text: text(key), on: { click: run } });
  const actions = [button("match-download-xlsx", () => save("xlsx")), button("match-download-csv", () => save("csv"))];
  if (answer.proposals > 0) actions.unshift(button("match-review", review, true));
  return [
    h("p", { class: "notice info", text: text("match-nothing-changed") }),
    h("p", { text: answer.summary }),
    h("div", { class: "row actions" }, ...actions),
    ...remarks(answer),
    ...people(answer),
    ...accounts(answer),
  ];
}

function remarks({ remarks }) {
  if (remarks.length === 0) return [];
  return [h("h3", { text: text("match-remarks") }), h("ul", {}, remarks.map((words) => h("li", { text: words })))];
}

function people(answer) {
  const shown = h("div", { class: "stack" });
  const filters = [
    ...answer.counts.map(({ verdict, label, count }) => ({ key: verdict, label, count, fits: (row) => row.verdict === verdict })),
    { key: "proposed", label: text("match-proposed"), count: answer.proposals, fits: (row) => row.proposal !== null },
    { key: "all", label: text("match-all"), count: answer.people.length + answer.people_left_off, fits: () => true },
  ];
  const labels = new Map(answer.counts.map(({ verdict, label }) => [verdict, label]));
  const chips = filters.map((filter) =>
    h("button", { type: "button", class: "chip", "aria-pressed": "false", on: { click: () => choose(filter) } }, filter.label, h("span", { class: "count", text: String(filter.count) })),
  );
  const choose = (chosen) => {
    filters.forEach((filter, at) => chips[at].setAttribute("aria-pressed", String(filter === chosen)));
    shown.replaceChildren(...listed(answer, chosen, labels));
  };
  choose(filters.find(({ key, count }) => !FINE.has(key) && count > 0) ?? filters.at(-1));
  return [h("div", { class: "chips", role: "group", "aria-label": text("match-filter") }, ...chips), shown];
}

function listed(answer, { key, count, fits }, labels) {
  const parts = labels.has(key) ? [h("p", { class: "muted", text: text(`match-help-${key}`) })] : [];
  const rows = answer.people.filter(fits);
  if (rows.length === 0) return [...parts, h("p", { class: "muted", text: text("match-none-shown") })];
  const cells = rows.slice(0, ROWS_SHOWN).map((row) => [
    row.name,
    h("span", { class: "login", text: row.username }),
    h("span", { class: FINE.has(row.verdict) ? "badge good" : "badge warn", text: labels.get(row.verdict) }),
    row.proposal === null ? "" : h("span", { class: "login", text: row.proposal }),
    candidates(row.accounts),
  ]);
  parts.push(table(text("match-people"), ["match-name", "match-username", "match-verdict", "match-proposal", "match-accounts"], cells));
  const more = count - cells.length;
  return more > 0 ? [...parts, h("p", { class: "muted", text: text("match-more-people", { count: more }) })] : parts;
}

function candidates(accounts) {
  return h("ul", { class: "bare" }, accounts.map((account) => h("li", {}, text("match-account-line", account), account.object_id === null ? "" : h("span", { class: "muted small", text: ` ${text("match-object-id", { id: account.object_id })}` }))));
}

function accounts(answer) {
  if (answer.accounts.length === 0) return [];
  const rows = answer.accounts.slice(0, ROWS_SHOWN).map((account) => [
    h("span", { class: "login", text: account.username }),
    account.object_id === null ? "" : h("span", { class: "login small", text: account.object_id }),
    account.note,
  ]);
  const count = answer.accounts.length + answer.accounts_left_off;
  const parts = [table(answer.accounts_title, ["match-account", "match-object-id-column", "match-note"], rows)];
  if (count > rows.length) parts.push(h("p", { class: "muted", text: text("match-more-accounts", { count: count - rows.length }) }));
  return [h("details", {}, h("summary", {}, answer.accounts_title, " ", h("span", { class: "badge", text: String(count) })), ...parts)];
}
