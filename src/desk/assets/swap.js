// The guided swap of two usernames, on a person's panel.
import { api, confirmed, dialog, h, page, text, toast } from "./desk.js";

const WAIT_MS = 200;
const STEPS = ["temporary", "alias", "final"];

/** Shows the swap of a person, or offers one; nothing to who may not change the name and where none is under way. After each step `again` shows the person anew, and the swap takes the focus that went with what stood there. */
export async function renderSwap(container, data, { again, takesFocus }) {
  if (!data.person || data.class) return;
  const place = h("div", { class: "stack swap", tabindex: "-1" });
  container.append(place);
  try {
    show(place, { ...data, again }, await api("GET", `${path()}/${data.person}`));
    if (takesFocus) place.focus();
  } catch {
    place.remove();
  }
}

const path = () => `/desk/api/${page.tenant}/swap`;

function show(place, data, { may_write: mayWrite, swap }) {
  if (swap) place.replaceChildren(...underWay(data, swap));
  else if (mayWrite && data.username) {
    place.replaceChildren(h("div", { class: "row" }, h("button", { type: "button", class: "button small", text: text("swap-open"), on: { click: () => begin(data) } })));
  } else place.replaceChildren();
}

async function take(data, order) {
  const answer = await api("POST", path(), order);
  toast(answer.swap.next);
  // Why they are published, and under which name, is another answer now.
  data.again();
  document.dispatchEvent(new CustomEvent("desk:person", { detail: data.person }));
}

function underWay(data, swap) {
  const at = swap.step === "alias" ? 2 : swap.read ? 1 : 0;
  const order = (action) => ({ a: swap.a.person, b: swap.b.person, action });
  const failed = h("p", { class: "field-error", role: "alert" });
  const run = async (action) => {
    failed.textContent = "";
    try {
      await take(data, order(action));
    } catch (error) {
      failed.textContent = error.message;
    }
  };
  const parts = [
    h("h3", { text: text("swap-title") }),
    ...[swap.a, swap.b].map((side) => h("p", { class: "small", text: text("swap-names", side) })),
    h("ol", { class: "steps" }, STEPS.map((step, number) => h("li", { class: number < at ? "done" : null, "aria-current": number === at ? "step" : null, text: text(`swap-step-${step}`) }))),
    h("p", { class: "notice info", role: "status", text: swap.next }),
  ];
  if (swap.may_write) {
    if (at === 1 && !swap.waits_until) parts.push(...tick(swap, run, failed));
    if (at === 2) parts.push(h("div", { class: "row" }, h("button", { type: "button", class: "button primary", text: text("swap-finish"), on: { click: () => run("final") } })));
    parts.push(failed, h("div", { class: "row" }, h("button", { type: "button", class: "button quiet small", text: text("swap-cancel"), on: { click: () => cancel(run) } })));
  }
  return parts;
}

function tick(swap, run, failed) {
  const box = h("input", { type: "checkbox" });
  const go = () => {
    if (box.checked) run("alias");
    else failed.textContent = text("swap-tick-first");
  };
  return [
    h("ul", {}, swap.aliases.map((alias) => h("li", { text: alias }))),
    h("label", { class: "check" }, box, text("swap-tick")),
    h("div", { class: "row" }, h("button", { type: "button", class: "button primary", text: text("swap-go-on"), on: { click: go } })),
  ];
}

async function cancel(run) {
  const yes = await confirmed({ title: text("swap-cancel"), body: [h("p", { text: text("swap-cancel-words") })], yes: text("swap-cancel-yes"), danger: true });
  if (yes) await run("cancel");
}

function begin(data) {
  let other = null;
  let waiting = 0;
  const failed = h("p", { class: "field-error", role: "alert" });
  const list = h("div", { class: "stack", role: "radiogroup", "aria-label": text("swap-other") });
  const search = h("input", { type: "text", id: "swap-other", autocomplete: "off", "aria-describedby": "swap-other-hint" });
  const gets = h("input", { type: "text", id: "swap-other-gets", autocomplete: "off", spellcheck: "false", "aria-describedby": "swap-other-gets-hint" });
  const find = async () => {
    const words = search.value.trim();
    if (words === "") return list.replaceChildren();
    const { hits } = await api("GET", `/desk/api/${page.tenant}/search?${new URLSearchParams({ q: words })}`);
    const people = hits.filter((hit) => hit.kind === "users" && hit.person !== data.person);
    list.replaceChildren(...(people.length > 0 ? people.map(choice) : [h("p", { class: "muted", text: text("swap-other-none") })]));
  };
  const choice = (hit) =>
    h(
      "label",
      { class: "check" },
      h("input", { type: "radio", name: "swap-other", on: { change: () => (other = hit.person) } }),
      h("span", {}, hit.label, h("span", { class: "muted", text: ` ${hit.places}` })),
    );
  search.addEventListener("input", () => {
    other = null;
    clearTimeout(waiting);
    waiting = setTimeout(() => find().catch((error) => (failed.textContent = error.message)), WAIT_MS);
  });
  const run = async () => {
    if (!other) {
      failed.textContent = text("swap-other-hint");
      return false;
    }
    try {
      await take(data, { a: data.person, b: other, b_gets: gets.value.trim() || null, action: "begin" });
      return true;
    } catch (error) {
      failed.textContent = error.message;
      return false;
    }
  };
  dialog({
    title: text("swap-title"),
    body: [
      h("p", { text: text("swap-words") }),
      h("div", { class: "field" }, h("label", { for: "swap-other", text: text("swap-other") }), search, h("p", { class: "hint", id: "swap-other-hint", text: text("swap-other-hint") })),
      list,
      h("div", { class: "field" }, h("label", { for: "swap-other-gets", text: text("swap-other-gets") }), gets, h("p", { class: "hint", id: "swap-other-gets-hint", text: text("swap-other-gets-hint") })),
      failed,
    ],
    actions: [{ label: text("cancel") }, { label: text("swap-begin"), primary: true, run }],
  });
}
