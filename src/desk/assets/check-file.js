// The screen Controlebestand: download, choose or drop a changed file, see what it would do, apply it.
import { matched } from "./check-file/matched.js";
import { table } from "./check-file/table.js";
import { api, ApiError, confirmed, download, fetchFile, h, page, say, takesFile, text, toast } from "./desk.js";

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
  takesFile(byId("check-file-drop"), { one: judge, many: () => toast(text("check-file-one"), { bad: true }) });
}

// As the server allows: a browser that is cut off in the middle of sending shows no answer.
const BYTES_MAX = 32 * 1024 * 1024;

async function judge(file) {
  if (file.size > BYTES_MAX) return toast(text("check-file-too-large"), { bad: true });
  let isAccounts = false;
  await working("check-file-judging", async () => {
    try {
      show(file, await api("POST", `${path}/judge?${new URLSearchParams({ name: file.name })}`, file));
    } catch (failure) {
      isAccounts = failure instanceof ApiError && failure.code === "accounts-file";
      if (!isAccounts) throw failure;
    }
  });
  if (isAccounts) await compare(file);
  // The same file can be chosen again once it is corrected.
  input.value = "";
}

/** Shows whose each account of a list of Microsoft's is. */
async function compare(file) {
  await working("match-comparing", async () => {
    const answer = await api("POST", `${path}/match`, file);
    const review = () => working("check-file-judging", async () => judge(await fetchFile(exported("csv"), file)));
    const save = (format) => working("match-comparing", async () => toast(text("check-file-downloaded", { file: await download(exported(format), file) })));
    present(text("match-title"), matched(answer, { review, save }));
    say(answer.summary);
  });
}

const exported = (format) => `${path}/match/export?${new URLSearchParams({ format })}`;

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
  present(text("check-file-result-title"), parts);
  say(`${text(verdict[1])} ${judged.summary}`);
}

function present(title, parts) {
  byId("check-file-result-title").textContent = title;
  byId("check-file-result-body").replaceChildren(...parts);
  byId("check-file-result").hidden = false;
  byId("check-file-result-title").focus();
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
