// On a telephone there are no filters below the heads of columns: one dialog has a field for each, and the order.
import { dialog, h, text } from "../desk.js";
import { COLUMNS } from "./columns.js";

const TEXTS = ["family_name", "given_name", "username", "class", "school", "site"];
const DAYS = ["birth_date", "created_at"];

/** Opens the dialog. What another kind of filter says of a column stays, unless its field is changed. */
export function narrowDialog(list) {
  const { grid } = list;
  const model = grid.getFilterModel();
  const field = (label, control) => h("div", { class: "field" }, h("label", { for: control.id, text: label }), control);
  const now = (name) => (DAYS.includes(name) ? model[name]?.dateFrom?.slice(0, 10) : model[name]?.filter) ?? "";
  const inputs = [...TEXTS, ...DAYS].map((name) => {
    const input = h("input", { type: DAYS.includes(name) ? "date" : "text", id: `narrow-${name}`, autocomplete: "off", value: now(name) });
    return { name, input };
  });
  const [sorted] = grid.getColumnState().filter(({ sort }) => sort);
  const order = h("select", { id: "narrow-order" }, h("option", { value: "", text: text("usernames-narrow-usual") }), COLUMNS.map((name) => h("option", { value: name, text: text(`usernames-column-${name}`) })));
  order.value = sorted?.colId ?? "";
  const backwards = h("input", { type: "checkbox" });
  backwards.checked = sorted?.sort === "desc";

  function apply() {
    const wanted = { ...model };
    for (const { name, input } of inputs) {
      const value = input.value.trim();
      if (value === now(name)) continue;
      if (value === "") delete wanted[name];
      else wanted[name] = DAYS.includes(name) ? { filterType: "date", type: "equals", dateFrom: `${value} 00:00:00`, dateTo: null } : { filterType: "text", type: "contains", filter: value };
    }
    const state = order.value ? [{ colId: order.value, sort: backwards.checked ? "desc" : "asc" }] : [];
    grid.applyColumnState({ state, defaultState: { sort: null } });
    grid.setFilterModel(wanted);
  }

  dialog({
    title: text("usernames-narrow"),
    body: [
      ...inputs.map(({ name, input }) => field(text(`usernames-column-${name}`), input)),
      field(text("usernames-narrow-order"), order),
      h("label", { class: "check" }, backwards, text("usernames-narrow-backwards")),
    ],
    actions: [{ label: text("cancel") }, { label: text("usernames-narrow-apply"), primary: true, run: apply }],
  });
}
