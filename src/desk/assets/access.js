// Toegang: who may do what at the schools of a manager.
import { api, confirmed, dialog, h, moment, page, text, toast } from "./desk.js";
import { places, rights } from "./access/choices.js";

const path = (rest = "") => `/desk/api/${page.tenant}/access${rest}`;
const list = document.getElementById("access-list");
const trail = document.getElementById("access-trail");
const selected = new Set();
const NOTHING = { schools: [], accounts: [], roles: [] };
let seen = NOTHING;

/** What a right is called: its role, where, and what it opens. */
function rightWords(right) {
  const role = right.kind === "manager" || (!right.role && !right.kind) ? text("access-manager") : right.role;
  const school = seen.schools.find((school) => school.school === right.school);
  const site = school?.sites.find((site) => site.site === right.site);
  const where = right.site === null ? text("access-every-site") : (site?.name ?? String(right.site));
  return `${role}, ${school?.name ?? right.school}, ${where}`;
}

async function load() {
  try {
    const [answer, lines] = await Promise.all([api("GET", path()), api("GET", path("/trail"))]);
    if (JSON.stringify(answer) !== JSON.stringify(seen)) {
      seen = answer;
      keepingFocus(showAccounts);
    }
    showTrail(lines.lines);
  } catch (error) {
    seen = NOTHING;
    list.replaceChildren(
      h("div", { class: "state error" }, h("h2", { text: text("access-failed") }), h("p", { text: error.message }),
        h("button", { type: "button", class: "button", text: text("access-retry"), on: { click: load } })),
    );
  }
}

/** Shows the list anew; the focus stays with what it was on, or with the list if that is gone. */
function keepingFocus(render) {
  const { activeElement } = document;
  const was = list.contains(activeElement) ? activeElement.getAttribute("aria-label") : null;
  render();
  if (was === null) return;
  const same = [...list.querySelectorAll("[aria-label]")].find((one) => one.getAttribute("aria-label") === was);
  (same ?? list.querySelector("[tabindex]"))?.focus();
}

function showAccounts() {
  for (const id of [...selected]) if (!seen.accounts.some((account) => account.id === id)) selected.delete(id);
  if (seen.accounts.length === 0) {
    list.replaceChildren(h("div", { class: "state empty" }, h("p", { text: text("access-nobody") })));
    return;
  }
  const heads = ["access-select-column", "access-name", "access-signs-in-by", "access-rights", "access-actions"];
  list.replaceChildren(
    h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-labelledby": "access-who" },
      h("table", { class: "table" },
        h("thead", {}, h("tr", {}, heads.map((key) => h("th", { scope: "col", text: text(key) })))),
        h("tbody", {}, seen.accounts.map(accountRow)))),
  );
}

function accountRow(account) {
  const box = h("input", { type: "checkbox", "aria-label": text("access-select", { name: account.display_name }) });
  box.checked = selected.has(account.id);
  box.addEventListener("change", () => (box.checked ? selected.add(account.id) : selected.delete(account.id)));
  const signsIn = text(account.signs_in_by === "password" ? "access-by-password" : "access-by-openid");
  return h("tr", { dataset: { account: account.name } },
    h("td", {}, box),
    h("th", { scope: "row" }, account.display_name, h("div", { class: "muted small", text: account.name })),
    h("td", {}, signsIn, account.disabled ? h("span", { class: "badge bad", text: text("access-disabled") }) : null),
    h("td", {}, h("ul", { class: "bare stack" }, account.rights.map((right) => rightItem(account, right)))),
    h("td", {}, h("div", { class: "row" },
      h("button", { type: "button", class: "button small", text: text("access-copy"), "aria-label": text("access-copy-of", { name: account.display_name }), on: { click: () => copy(account) } }),
      account.may_reset
        ? h("button", { type: "button", class: "button small", text: text("access-reset"), "aria-label": text("access-reset-of", { name: account.display_name }), on: { click: () => reset(account) } })
        : null)));
}

function rightItem(account, right) {
  const words = rightWords(right);
  return h("li", {},
    `${words} `,
    h("span", { class: `badge${right.access === "write" ? " info" : ""}`, text: text(`access-opens-${right.access}`) }),
    " ",
    h("button", { type: "button", class: "button quiet small", text: text("access-take"),
      "aria-label": text("access-take-of", { right: words, name: account.display_name }), on: { click: () => take(account, right) } }),
    h("div", { class: "muted small", text: text("access-given", { by: right.given_by, at: moment(right.given_at) }) }));
}

function showTrail(lines) {
  if (lines.length === 0) {
    trail.replaceChildren(h("p", { class: "muted", text: text("access-trail-none") }));
    return;
  }
  trail.replaceChildren(
    h("ol", { class: "timeline" }, lines.map((line) =>
      h("li", {}, h("time", { datetime: line.at, text: moment(line.at) }),
        text(`access-trail-${line.kind}`, { by: line.by, account: line.account, right: line.school ? rightWords(line) : "" })))),
  );
}

async function take(account, right) {
  const words = rightWords(right);
  const yes = await confirmed({
    title: text("access-take-title"),
    body: [h("p", { text: text("access-take-words", { name: account.display_name, right: words }) })],
    yes: text("access-take"),
    danger: true,
  });
  if (!yes) return;
  try {
    await api("POST", path("/take"), { grants: [right.id] });
    toast(text("access-taken"));
  } catch (error) {
    toast(error.message, { bad: true });
  }
  await load();
}

/** Asks for names, unless colleagues are selected. Returns {element, read}. */
function toWhom(id, others) {
  const chosen = seen.accounts.filter((account) => selected.has(account.id) && account.id !== others);
  const names = h("input", { id, autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-hint` });
  const element = h("div", { class: "field" },
    h("label", { for: id, text: text("access-to") }),
    names,
    h("span", { class: "hint", id: `${id}-hint`, text: text("access-to-hint") }),
    chosen.length > 0
      ? h("p", { text: text("access-to-selected", { names: chosen.map((account) => account.display_name).join(", ") }) })
      : null);
  const read = () => ({
    accounts: chosen.map((account) => account.id),
    names: names.value.split(",").map((name) => name.trim()).filter(Boolean),
  });
  return { element, read };
}

/** A dialog whose action tells at its top what is wrong, and stays. */
function asking(title, body, label, run) {
  const problem = h("p", { class: "field-error", role: "alert" });
  dialog({
    title,
    wide: true,
    body: [problem, ...body],
    actions: [
      { label: text("cancel") },
      {
        label,
        primary: true,
        run: async () => {
          try {
            await run();
            return true;
          } catch (error) {
            problem.textContent = error.message;
            return false;
          }
        },
      },
    ],
  });
}

const gave = (count) => toast(count === 0 ? text("access-done-none") : text("access-done", { count }));

function needed(to) {
  if (to.accounts.length + to.names.length === 0) throw new Error(text("access-need-to"));
  return to;
}

function where(chosen) {
  if (chosen.length === 0) throw new Error(text("access-need-place"));
  return chosen;
}

function give() {
  const to = toWhom("access-to");
  const place = places(seen.schools);
  const right = rights(seen.roles);
  asking(text("access-give-title"), [to.element, place.element, right.element], text("access-give"), async () => {
    const answer = await api("POST", path("/give"), { ...needed(to.read()), places: where(place.read()), rights: [right.read()] });
    gave(answer.given);
    await load();
  });
}

function copy(account) {
  const to = toWhom("access-copy-to", account.id);
  const title = text("access-copy-title", { name: account.display_name });
  const words = h("p", { text: text("access-copy-words", { name: account.display_name }) });
  asking(title, [words, to.element], text("access-copy"), async () => {
    const answer = await api("POST", path("/copy"), { from: account.id, ...needed(to.read()) });
    gave(answer.given);
    await load();
  });
}

function field(id, key, hint) {
  const input = h("input", { id, autocomplete: "off", spellcheck: "false", "aria-describedby": hint ? `${id}-hint` : null });
  const element = h("div", { class: "field" }, h("label", { for: id, text: text(key) }), input,
    hint ? h("span", { class: "hint", id: `${id}-hint`, text: text(hint) }) : null);
  return { element, input };
}

function make() {
  const name = field("access-login-name", "access-login-name", "access-login-hint");
  const shown = field("access-display-name", "access-display-name");
  const place = places(seen.schools);
  const right = rights(seen.roles);
  const body = [h("p", { text: text("access-make-words") }), name.element, shown.element, place.element, right.element];
  asking(text("access-make-title"), body, text("access-make"), async () => {
    const display = shown.input.value.trim() || name.input.value.trim();
    const answer = await api("POST", path("/accounts"), {
      name: name.input.value, display_name: display, places: where(place.read()), rights: [right.read()],
    });
    await load();
    showPassword(display, answer.password);
  });
}

async function reset(account) {
  const name = account.display_name;
  const yes = await confirmed({
    title: text("access-reset-title", { name }),
    body: [h("p", { text: text("access-reset-words", { name }) })],
    yes: text("access-reset"),
  });
  if (!yes) return;
  try {
    const answer = await api("POST", path("/password"), { account: account.id });
    await load();
    showPassword(name, answer.password);
  } catch (error) {
    toast(error.message, { bad: true });
  }
}

function showPassword(name, password) {
  dialog({
    title: text("access-password-title", { name }),
    body: [
      h("p", { text: text("access-password-once", { name }) }),
      h("dl", { class: "facts" }, h("dt", { text: text("access-password") }), h("dd", {}, h("code", { class: "login", text: password }))),
    ],
    actions: [
      {
        label: text("access-copy-password"),
        run: async () => {
          await navigator.clipboard.writeText(password);
          toast(text("access-copied"));
          return false;
        },
      },
      { label: text("close"), primary: true },
    ],
  });
}

document.getElementById("access-give").addEventListener("click", give);
document.getElementById("access-make").addEventListener("click", make);
// Who comes back to the page sees what others did meanwhile.
addEventListener("focus", () => document.querySelector("dialog[open]") || load());
load();
