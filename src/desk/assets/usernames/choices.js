// The choices above the grid: pupils or staff, how far the release is, who needs attention; each with how many there are.
import { h, number, text } from "../desk.js";
import { MARKS } from "./columns.js";
import { asked, isSet, showInAddress } from "./filter.js";

const KINDS = [["all", null], ["pupil", "pupil"], ["staff", "staff"]];
const STATES = ["new", "on", "off"];

/** Adds the choices, and what setting and clearing the filter does. */
export function choices(list) {
  const place = h("div", { class: "usernames-choices" });
  list.root.append(place);
  const chips = new Map();
  const group = (label, members) => h("div", { class: "chips", role: "group", "aria-label": label }, members);

  function chip(key, name, words, run) {
    const count = h("span", { class: "count" });
    const button = h("button", { type: "button", class: "chip", "aria-pressed": "false", on: { click: run } }, h("span", { text: words }), count);
    chips.set(key, { button, count, name });
    return button;
  }

  const choose = (field, value) => () => {
    list.filter[field] = list.filter[field] === value ? null : value;
    list.again();
  };
  place.append(
    group(text("usernames-kinds"), KINDS.map(([key, kind]) => chip(`kind-${kind}`, { all: null, pupil: "pupils", staff: "staff" }[key], text(`usernames-kind-${key}`), choose("kind", kind)))),
    group(text("usernames-states"), STATES.map((mark) => chip(`mark-${mark}`, mark, text(`usernames-filter-${mark}`), choose("mark", mark)))),
    group(text("usernames-attention"), MARKS.map((mark) => chip(`mark-${mark}`, mark, text(`usernames-mark-${mark}`), choose("mark", mark)))),
  );
  const clear = h("button", { type: "button", class: "button quiet small", text: text("usernames-clear-filter"), hidden: true, on: { click: () => list.clearFilter() } });
  place.append(clear);

  function show(counts) {
    for (const [key, { button, count, name }] of chips) {
      const [field, value] = key.split("-");
      const isPressed = String(list.filter[field]) === value;
      button.setAttribute("aria-pressed", String(isPressed));
      if (!counts || !name) continue;
      count.textContent = number(counts[name]);
      // What nobody has needs no choice.
      if (MARKS.includes(value)) button.hidden = counts[name] === 0 && !isPressed;
    }
    clear.hidden = !isSet(list.filter);
  }

  for (const mark of MARKS) chips.get(`mark-${mark}`).button.hidden = list.filter.mark !== mark;
  list.events.addEventListener("counts", ({ detail }) => show(detail));
  list.asked = () => asked(list.filter);
  list.again = () => {
    if (list.selection.isAll) list.selection.clear();
    list.rows.again();
    showInAddress(list.filter);
    show();
  };
  list.clearFilter = () => {
    Object.assign(list.filter, { search: "", mark: null, kind: null, columns: {} });
    list.events.dispatchEvent(new Event("cleared"));
    const model = list.grid.getFilterModel();
    if (Object.keys(model).length > 0) list.grid.setFilterModel(null);
    else list.again();
  };
  show();
  // On a telephone the choices scroll: what a link chose is in sight.
  place.querySelectorAll('[aria-pressed="true"]').forEach((button) => button.scrollIntoView({ block: "nearest", inline: "nearest" }));
}
