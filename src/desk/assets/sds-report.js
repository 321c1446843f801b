// Overzicht: the error report of School Data Sync, read back in words, by who can do something.
import { api, ApiError, h, page, say, takesFile, text, toast } from "./desk.js";

const card = document.getElementById("sds-report");
const input = document.getElementById("sds-report-input");
const progress = document.getElementById("sds-report-progress");
const result = document.getElementById("sds-report-result");

// As the server allows: a browser that is cut off in the middle of sending shows no answer.
const BYTES_MAX = 16 * 1024 * 1024;

takesFile(card, { one: read, many: () => toast(text("sds-one"), { bad: true }) });
input.addEventListener("change", () => input.files[0] && read(input.files[0]));

async function read(file) {
  if (file.size > BYTES_MAX) return toast(text("sds-too-large"), { bad: true });
  progress.textContent = text("sds-reading");
  progress.hidden = false;
  try {
    show(await api("POST", `/desk/api/${page.tenant}/sds-report`, file));
  } catch (failure) {
    toast(failure instanceof ApiError ? failure.message : text("sds-unreadable"), { bad: true });
  } finally {
    progress.hidden = true;
    // The same file can be chosen again.
    input.value = "";
  }
}

function show(answer) {
  const parts = [h("p", { class: "notice info", text: answer.summary })];
  if (answer.remarks.length > 0) parts.push(h("ul", {}, answer.remarks.map((words) => h("li", { text: words }))));
  for (const group of answer.groups) {
    parts.push(h("h3", { text: group.title }), ...group.codes.map(code));
  }
  result.replaceChildren(...parts);
  result.hidden = false;
  result.focus();
  say(answer.summary);
}

function code({ code, means, what_to_do: todo, count, rows, rows_left_off: more }) {
  const parts = [];
  if (todo) parts.push(h("p", {}, h("strong", { text: `${text("sds-todo")}: ` }), todo));
  parts.push(table(code, rows));
  if (more > 0) parts.push(h("p", { class: "muted", text: text("sds-more", { count: more }) }));
  const summary = h("summary", {}, means, " ", h("span", { class: "badge", text: String(count) }), code === null ? "" : h("span", { class: "muted small", text: ` ${code}` }));
  return h("details", { class: "point" }, summary, ...parts);
}

function table(code, rows) {
  const head = ["sds-line", "sds-about-title", "sds-words"].map((key) => h("th", { scope: "col", text: text(key) }));
  const body = rows.map((row) => h("tr", {}, h("td", { text: String(row.line) }), h("td", {}, about(row)), h("td", { text: row.cells.join(" | ") })));
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": `${text("sds-rows")} ${code ?? ""}`.trim() },
    h("table", { class: "table" }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...body)));
}

function about(row) {
  const known = row.about.map(({ label, query }) => h("li", {}, query === null ? label : h("a", { href: `${page.basePath}/desk/${page.tenant}/gebruikersnamen?${new URLSearchParams({ q: query })}`, text: label })));
  const unknown = row.unknown_ids.map((id) => h("li", { class: "muted small", text: text("sds-unknown-id", { id }) }));
  return h("ul", { class: "bare" }, ...known, ...unknown);
}
