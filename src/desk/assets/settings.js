// Instellingen: the tenant's configuration as a form, with what formats make of real people and classes, and what a change does before it is made.
import { api, dialog, h, holdsEdit, page, text, toast } from "./desk.js";

const { configuration: stored, revision, site_names: siteNames } = JSON.parse(document.getElementById("settings-data").textContent);
const form = document.getElementById("settings");
const path = `/desk/api/${page.tenant}/settings`;
const wanted = structuredClone(stored);
let saved = JSON.stringify(wanted);
let fields = 0;

const isChanged = () => JSON.stringify(wanted) !== saved;
holdsEdit(isChanged);

/** A field for a member of an object; `read` turns the control's value into the member's. */
function field(object, key, label, { control = h("input", { type: "text", autocomplete: "off" }), hint, read = (input) => input.value.trim(), show = (value) => value ?? "" } = {}) {
  const id = `setting-${(fields += 1)}`;
  control.id = id;
  control.dataset.key = key;
  control.value = show(object[key]);
  control.addEventListener("input", () => {
    object[key] = read(control);
    changed();
  });
  return h("div", { class: "field" }, h("label", { for: id, text: label }), control, hint ? h("p", { class: "hint", text: hint }) : null, h("p", { class: "field-error", hidden: true }));
}

function check(object, key, label) {
  const box = h("input", { type: "checkbox", checked: object[key] === true });
  box.dataset.key = key;
  box.addEventListener("change", () => {
    object[key] = box.checked;
    changed();
  });
  return h("label", { class: "check" }, box, label);
}

function choice(object, key, label, options, hint) {
  const control = h("select", {}, options.map(([value, words]) => h("option", { value, text: words })));
  return field(object, key, label, { control, hint });
}

const number = (min, max) => ({ control: h("input", { type: "number", min, max, inputmode: "numeric" }), read: (input) => Number(input.value) });
const group = (title, ...content) => h("fieldset", {}, h("legend", { text: title }), content);
const grid = (...content) => h("div", { class: "settings-fields" }, content);

// The mode stands as one word for both kinds, or as one for each.
if (typeof wanted.domain_mode === "string") wanted.domain_mode = { pupils: wanted.domain_mode, staff: wanted.domain_mode };
saved = JSON.stringify(wanted);

const modes = [["microsoft", text("settings-mode-microsoft")], ["informat", text("settings-mode-informat")]];
const names = h("div", { "aria-live": "polite" });
const titles = h("div", { "aria-live": "polite" });

function table(caption, heads, rows) {
  return h(
    "div",
    { class: "table-scroll", tabindex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      { class: "table" },
      h("caption", { text: caption }),
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col", text: head })))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell))))),
    ),
  );
}

function schoolGroup(school) {
  const sites = school.sites.map((site) => {
    const id = `${school.instelnr}-${site.vestnr}`;
    const structure = site.hoofdstructuur ? ` (${site.hoofdstructuur})` : "";
    return h(
      "div",
      { class: "settings-site stack" },
      h("h3", { text: `${siteNames[id] ?? id}${structure}` }),
      h("div", { class: "row" }, check(site, "sync", text("settings-site-sync")), check(site, "sync_default", text("settings-site-sync-default"))),
      grid(field(site, "pupil_domain", text("settings-pupil-domain"))),
    );
  });
  return group(`${text("settings-school")} ${school.instelnr}`, h("div", { class: "stack" }, grid(field(school, "contact", text("settings-contact")), field(school, "teacher_domain", text("settings-teacher-domain"))), sites));
}

const lines = { read: (input) => input.value.split(/[\s,;]+/).filter(Boolean), show: (value) => (value ?? []).join("\n"), control: h("textarea", { rows: 3 }) };
const bar = h("span", { class: "grow", role: "status" });
const look = h("button", { type: "submit", class: "button primary", text: text("settings-look") });
const back = h("button", { type: "button", class: "button", text: text("settings-undo"), on: { click: () => location.reload() } });

form.append(
  group(
    text("settings-group"),
    grid(
      field(wanted, "name", text("settings-name")),
      field(wanted, "contact", text("settings-contact")),
      field(wanted, "entra_tenant_id", text("settings-entra")),
    ),
    h("dl", { class: "facts" }, h("dt", { text: text("settings-year") }), h("dd", { text: `${wanted.active_school_year} — ${text("settings-year-hint")}` }), h("dt", { text: text("settings-revision") }), h("dd", { text: String(revision) })),
  ),
  group(
    text("settings-usernames"),
    grid(
      field(wanted, "username_format", text("settings-username-format"), { hint: text("settings-username-format-hint") }),
      field(wanted, "username_max_length", text("settings-max-length"), { ...number(8, 75), hint: text("settings-max-length-hint") }),
      choice(wanted.domain_mode, "pupils", text("settings-mode-pupils"), modes),
      choice(wanted.domain_mode, "staff", text("settings-mode-staff"), modes),
      field(wanted, "extra_domains", text("settings-extra-domains"), { ...lines, hint: text("settings-extra-domains-hint") }),
    ),
    names,
  ),
  group(text("settings-teams"), grid(field(wanted, "team_name_format", text("settings-team-format"), { hint: text("settings-team-format-hint") })), titles),
  group(
    text("settings-who"),
    grid(
      choice(wanted, "future_pupils", text("settings-future"), [["exclude", text("settings-future-exclude")], ["include", text("settings-future-include")]]),
      field(wanted, "staff_grace_days", text("settings-grace"), { ...number(0, 366), hint: text("settings-grace-hint") }),
      field(wanted, "brake_percent", text("settings-brake"), { ...number(1, 100), hint: text("settings-brake-hint") }),
    ),
  ),
  ...wanted.schools.map(schoolGroup),
  h("div", { class: "settings-bar" }, bar, back, look),
);

let timer = null;

function changed() {
  bar.textContent = isChanged() ? text("settings-changed") : text("settings-unchanged");
  look.setAttribute("aria-disabled", String(!isChanged()));
  back.hidden = !isChanged();
  clearTimeout(timer);
  timer = setTimeout(showFormats, 350);
}

function mark(key, words) {
  const control = form.querySelector(`[data-key="${key}"]`);
  const said = control.closest(".field").querySelector(".field-error");
  said.textContent = words ?? "";
  said.hidden = !words;
  if (words) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

async function showFormats() {
  const { username_format, username_max_length, team_name_format } = wanted;
  let made;
  try {
    made = await api("POST", `${path}/formats`, { username_format, username_max_length, team_name_format });
  } catch (error) {
    return;
  }
  for (const key of ["username_format", "team_name_format"]) mark(key, made.errors[key]);
  if (made.names.length > 0) {
    const rows = made.names.map(({ person, username, made: name, doubtful }) => [person, h("span", { class: "login", text: username }), [h("span", { class: "login", text: name }), doubtful ? h("span", { class: "badge warn", text: text("settings-doubtful") }) : null].filter(Boolean)]);
    names.replaceChildren(table(text("settings-names-caption"), [text("settings-person"), text("settings-has"), text("settings-would-have")], rows.map((row) => row.map((cell) => (Array.isArray(cell) ? h("span", { class: "row" }, cell) : cell)))));
  }
  if (made.titles.length > 0) {
    titles.replaceChildren(table(text("settings-titles-caption"), [text("settings-title-now"), text("settings-title-then")], made.titles.map(({ before, after }) => [before, after])));
  }
}

function list(words) {
  return h("ul", {}, words.map((line) => h("li", { text: line })));
}

function failed(error) {
  const hint = error.answer?.difference ?? (error.hint ?? "").split("\n").filter(Boolean);
  const again = error.code === "settings-changed" ? [{ label: text("reload"), primary: true, run: () => location.reload() }] : [];
  dialog({ title: error.message, body: hint.length > 0 ? [list(hint)] : [], actions: [{ label: text("close") }, ...again] });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!isChanged()) return;
  const asked = { revision, configuration: wanted };
  let preview;
  try {
    preview = await api("POST", `${path}/preview`, asked);
  } catch (error) {
    failed(error);
    return;
  }
  const part = (title, words, none) => [h("h3", { text: title }), words.length > 0 ? list(words) : h("p", { class: "muted", text: none })];
  const held = preview.held.length > 0 ? [h("div", { class: "notice warn" }, h("div", { class: "stack" }, h("strong", { text: text("settings-will-be-held") }), list(preview.held)))] : [];
  dialog({
    title: text("settings-preview-title"),
    wide: true,
    body: [...held, ...part(text("settings-effects"), preview.effects, text("settings-no-effects")), ...part(text("settings-difference"), preview.difference, text("settings-unchanged"))],
    actions: [
      { label: text("cancel") },
      {
        label: text("settings-apply"),
        primary: true,
        run: async () => {
          try {
            await api("POST", path, asked);
            saved = JSON.stringify(wanted);
            toast(text("settings-applied"));
            setTimeout(() => location.reload(), 900);
          } catch (error) {
            failed(error);
          }
        },
      },
    ],
  });
});

changed();
