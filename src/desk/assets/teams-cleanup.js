// Overzicht, the card of the new school year: the file with which School Data Sync archives the Teams of the past one.
import { api, ApiError, download, h, page, say, text, toast } from "./desk.js";

const input = document.getElementById("teams-cleanup-input");
const progress = document.getElementById("teams-cleanup-progress");
const result = document.getElementById("teams-cleanup-result");
const asked = new URLSearchParams({ year: input.dataset.year });
const path = `/desk/api/${page.tenant}/teams-cleanup`;
// As the server allows: a browser that is cut off in the middle of sending shows no answer.
const BYTES_MAX = 32 * 1024 * 1024;

input.addEventListener("change", () => input.files[0] && look(input.files[0]));

async function look(file) {
  if (file.size > BYTES_MAX) return toast(text("teams-too-large"), { bad: true });
  progress.textContent = text("teams-reading");
  progress.hidden = false;
  result.hidden = true;
  try {
    show(file, await api("POST", `${path}?${asked}`, file));
  } catch (failure) {
    failed(failure);
  } finally {
    progress.hidden = true;
    input.value = "";
  }
}

function failed(failure) {
  toast(failure instanceof ApiError ? failure.message : text("teams-unreadable"), { bad: true });
}

async function save(file) {
  try {
    toast(text("teams-downloaded", { file: await download(`${path}/file?${asked}`, file) }));
  } catch (failure) {
    failed(failure);
  }
}

function show(file, answer) {
  const rows = answer.kept.map(({ line, name }) => h("tr", {}, h("td", { text: String(line) }), h("td", { text: name })));
  const head = ["teams-line", "teams-name"].map((key) => h("th", { scope: "col", text: text(key) }));
  const parts = [
    h("p", { class: "notice info", text: answer.summary }),
    h("ul", {}, answer.left_out.map((words) => h("li", { text: words }))),
    h("div", { class: "row actions" }, h("button", { type: "button", class: "button primary", text: text("teams-download"), on: { click: () => save(file) } })),
    h("details", {}, h("summary", { text: text("teams-list") }),
      h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": text("teams-list") }, h("table", { class: "table" }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)))),
  ];
  if (answer.left_out.length === 0) parts.splice(1, 1);
  if (answer.kept_left_off > 0) parts.push(h("p", { class: "muted", text: text("teams-more", { count: answer.kept_left_off }) }));
  result.replaceChildren(...parts);
  result.hidden = false;
  result.focus();
  say(answer.summary);
}
