// The screen Controlebestand: download, choose or drop a changed file, see what it would do, apply it.
import { api, ApiError, confirmed, download, h, page, say, text, toast } from "./desk.js";

const path = `/desk/api/${page.tenant}/check-file`;
const byId = (id) => document.getElementById(id);

for (const button of document.querySelectorAll("[data-download]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const body = { format: button.dataset.download, place: byId("check-file-place").value };
      toast(text("check-file-downloaded", { file: await download(`${path}/export`, body) }));
    } catch (failure) {
      failed(failure);
    } finally {
      button.disabled = false;
    }
  });
}

const input = byId("check-file-input");
if (input) {
  input.addEventListener("change", () => input.files[0] && judge(input.files[0]));
  const drop = byId("check-file-drop");
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  // A file that is dropped beside the field must not replace the page.
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => carriesFiles(event) && event.preventDefault());
  }
  drop.addEventListener("dragover", () => drop.classList.add("over"));
  drop.addEventListener("dragleave", (event) => drop.contains(event.relatedTarget) || drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    drop.classList.remove("over");
    const files = event.dataTransfer?.files ?? [];
    if (files.length === 1) judge(files[0]);
    else toast(text("check-file-one"), { bad: true });
  });
}

// As the server allows: a browser that is cut off in the middle of sending shows no answer.
const BYTES_MAX = 32 * 1024 * 1024;

async function judge(file) {
  if (file.size > BYTES_MAX) return toast(text("check-file-too-large"), { bad: true });
  await working("check-file-judging", async () => {
    show(file, await api("POST", `${path}/judge?${new URLSearchParams({ name: file.name })}`, file));
  });
  // The same file can be chosen again once it is corrected.
  input.value = "";
}

async function apply(file, judged) {
  if (judged.changed > 0 && !(await confirmed({
    title: text("check-file-apply"),
    body: [h("p", { text: judged.summary }), h("p", { text: text("check-file-rename-warning") })],
    yes: text("check-file-apply"),
  }))) return;
  await working("check-file-applying", async () => {
    const asked = new URLSearchParams({ name: file.name, fingerprint: judged.fingerprint });
    try {
      const done = await api("POST", `${path}/apply?${asked}`, file);
      byId("check-file-result-body").replaceChildren(h("p", { class: "notice good", role: "status", text: done.summary }));
      say(done.summary);
    } catch (failure) {
      const preview = failure instanceof ApiError && failure.answer?.preview;
      if (!preview) throw failure;
      show(file, preview, { before: judged, told: failure.message });
    }
  });
}

/** Shows that something is under way, and what went wrong with it. */
async function working(key, work) {
  const progress = byId("check-file-progress");
  progress.textContent = text(key);
  progress.hidden = false;
  try {
    await work();
  } catch (failure) {
    failed(failure);
  } finally {
    progress.hidden = true;
  }
}

function failed(failure) {
  const words = failure instanceof ApiError ? failure.message : text("check-file-failed");
  toast(words, { bad: true });
}

/** Shows what is said of a file. After something came in between, what was not said before is marked. */
function show(file, judged, { before, told } = {}) {
  const parts = [];
  if (told) parts.push(h("p", { class: "notice warn", role: "alert", text: told }));
  const asksNothing = judged.accepted && judged.changed === 0 && judged.reviewed === 0;
  const verdict = !judged.accepted ? ["bad", "check-file-has-faults"] : asksNothing ? ["info", "check-file-nothing"] : ["good", "check-file-accepted"];
  parts.push(h("p", { class: `notice ${verdict[0]}`, text: text(verdict[1]) }), h("p", { text: judged.summary }));
  parts.push(...faults(judged), ...changes(judged, before), ...warnings(judged));
  if (judged.accepted && !asksNothing) {
    const button = h("button", { type: "button", class: "button primary", text: text("check-file-apply"), on: { click: () => apply(file, judged) } });
    parts.push(h("div", { class: "row actions" }, button));
  }
  byId("check-file-result-body").replaceChildren(...parts);
  byId("check-file-result").hidden = false;
  byId("check-file-result-title").focus();
  say(`${text(verdict[1])} ${judged.summary}`);
}

function table(caption, columns, rows) {
  const head = h("tr", {}, ...columns.map((key) => h("th", { scope: "col", text: text(key) })));
  const body = rows.map((cells) => h("tr", {}, ...cells.map((cell) => (cell instanceof Node ? h("td", {}, cell) : h("td", { text: cell ?? "" })))));
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", { class: "table" }, h("caption", { text: caption }), h("thead", {}, head), h("tbody", {}, ...body)));
}

const line = (number) => (number === null ? text("check-file-whole-file") : String(number));

function faults({ faults, faults_left_off: left_off }) {
  if (faults.length === 0) return [];
  const rows = faults.map((fault) => [line(fault.line), fault.column, fault.value, fault.message]);
  const parts = [table(text("check-file-faults"), ["check-file-line", "check-file-column", "check-file-value", "check-file-message"], rows)];
  return left_off > 0 ? [...parts, h("p", { class: "muted", text: text("check-file-more", { count: left_off }) })] : parts;
}

function changes(judged, before) {
  if (judged.changes.length === 0) return [];
  const known = before && new Set(before.changes.map(sign));
  const rows = judged.changes.map((change) => [
    String(change.line),
    change.name,
    change.from,
    known && !known.has(sign(change))
      ? h("span", {}, `${change.to} `, h("span", { class: "badge warn", text: text("check-file-new") }))
      : change.to,
  ]);
  const parts = [table(text("check-file-changes"), ["check-file-line", "check-file-name", "check-file-from", "check-file-to"], rows)];
  const more = judged.changed - judged.changes.length;
  return more > 0 ? [...parts, h("p", { class: "muted", text: text("check-file-more", { count: more }) })] : parts;
}

function sign(change) {
  return JSON.stringify([change.id, change.from, change.to]);
}

function warnings({ warnings }) {
  if (warnings.length === 0) return [];
  const rows = warnings.map((warning) => [line(warning.line), warning.message]);
  return [table(text("check-file-warnings"), ["check-file-line", "check-file-message"], rows)];
}
