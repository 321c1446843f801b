// Sync on or off for everybody who is selected (R74): a bar under the grid, and a preview that says what will happen before anything does.
import { api, dialog, h, number, text, toast } from "../desk.js";

/** How many names of people who are passed over are shown. */
const NAMED = 8;

/** Adds the bar. */
export function bulkBar(list) {
  const words = h("strong", { role: "status" });
  const button = (key, run, primary) => h("button", { type: "button", class: `button small${primary ? " primary" : ""}`, text: text(key), on: { click: run } });
  const bar = h(
    "div",
    { class: "usernames-bulk", hidden: true, role: "group", "aria-label": text("usernames-bulk") },
    words,
    button("usernames-do-on", () => preview(list, true), true),
    button("usernames-do-off", () => preview(list, false)),
    button("usernames-do-clear", () => list.selection.clear()),
  );
  list.root.append(bar);
  list.selection.addEventListener("change", () => {
    const { count, isAll } = list.selection;
    bar.hidden = count === 0;
    words.textContent = text(isAll ? "usernames-selected-all" : "usernames-selected", { count: isAll ? number(count) : count });
  });
}

async function preview(list, on) {
  const { people } = list.selection;
  const body = h("div", { class: "stack" }, h("p", { class: "busy", text: text("usernames-preview-loading") }));
  const reason = h("input", { type: "text", maxlength: "200", id: "bulk-reason" });
  let shown = null;
  const opened = dialog({
    title: text(on ? "usernames-preview-on" : "usernames-preview-off"),
    body: [body],
    actions: [
      { label: text("cancel") },
      { label: text(on ? "usernames-do-on" : "usernames-do-off"), primary: on, danger: !on, run: () => act() },
    ],
  });
  const confirm = opened.element.querySelector(".dialog-actions .button:last-child");
  const show = (answer, difference = null) => {
    shown = answer;
    body.replaceChildren(...(difference ? [h("p", { class: "notice warn", role: "alert", text: difference })] : []), ...described(answer));
    if (!on) body.append(h("div", { class: "field" }, h("label", { for: "bulk-reason", text: text("usernames-reason") }), reason));
    confirm.toggleAttribute("disabled", answer.changes === 0);
  };
  const fail = (error) => body.replaceChildren(h("p", { class: "notice bad", role: "alert", text: [error.message, error.hint].filter(Boolean).join(" ") }));
  confirm.disabled = true;

  async function act() {
    const question = { on, people, count: shown.count, fingerprint: shown.fingerprint, reason: on ? null : reason.value.trim() || null };
    try {
      const done = await api("POST", `${list.rows.path}/bulk`, question);
      list.selection.clear();
      list.rows.refresh();
      list.rows.count();
      list.events.dispatchEvent(new CustomEvent("bulk", { detail: { on, ...done } }));
      toast(text(on ? "usernames-bulk-done-on" : "usernames-bulk-done-off", { count: done.changed }));
      return true;
    } catch (error) {
      if (error.code !== "selection-changed" || !error.answer.preview) {
        fail(error);
        return false;
      }
      show(error.answer.preview, error.message);
      return false;
    }
  }

  try {
    show(await api("POST", `${list.rows.path}/bulk/preview`, { on, people }));
    confirm.focus();
  } catch (error) {
    fail(error);
  }
}

/** Says in the server's words what will happen at Microsoft, who is passed over and what would be held. */
function described({ message, passed_over: passed, passed_over_count: count, is_held: isHeld, held }) {
  const [first, ...others] = message;
  // That it will be held is said last.
  const fate = isHeld ? others.pop() : text("usernames-preview-not-held");
  const parts = [h("p", {}, h("strong", { text: first }))];
  if (others.length > 0) parts.push(h("ul", {}, others.map((line) => h("li", { text: line }))));
  if (count > 0) {
    const named = passed.slice(0, NAMED).map(({ name, reason }) => h("li", { text: `${name}: ${reason}` }));
    if (count > named.length) named.push(h("li", { text: text("usernames-preview-more", { count: count - named.length }) }));
    parts.push(h("details", { open: count <= NAMED }, h("summary", { text: text("usernames-preview-passed-over") }), h("ul", {}, named)));
  }
  const reasons = held.map(({ message: words }) => h("li", { text: words }));
  parts.push(
    h(
      "div",
      { class: `notice ${isHeld ? "warn" : "good"}` },
      h("span", { text: fate }),
      reasons.length > 0 && h("ul", {}, reasons),
    ),
  );
  return parts;
}
