// The columns, and what stands in their cells.
import { date, dayOf, h, moment, text } from "../desk.js";
import { toTheEdge } from "./edges.js";
import { nameEditor } from "./editor.js";

/** The ten columns of the manual (R62), and the last pull. */
export const COLUMNS = ["family_name", "given_name", "sync", "username", "domain", "school", "site", "class", "birth_date", "created_at", "last_read"];

const WIDTHS = { family_name: 124, given_name: 104, sync: 100, username: 200, domain: 116, school: 124, site: 110, class: 92, birth_date: 136, created_at: 134, last_read: 150 };

/** Marks that ask for attention, worst first. */
export const MARKS = ["too_long", "probably_merged", "namesake", "review", "waits"];

const TEXT_FILTER = { filterOptions: ["contains", "startsWith", "equals", "blank", "notBlank"], maxNumConditions: 1, debounceMs: 250 };
const DATE_FILTER = { filterOptions: ["inRange", "equals", "greaterThanOrEqual", "lessThanOrEqual", "blank"], maxNumConditions: 1, debounceMs: 400, inRangeInclusive: true };

/** Returns what the grid is told of its columns; on a telephone three are shown, and the others can be filtered and sorted by. */
export function columnDefs(list, isSmall) {
  const select = {
    colId: "select",
    width: isSmall ? 36 : 44,
    minWidth: 36,
    maxWidth: 44,
    pinned: isSmall ? null : "left",
    sortable: false,
    filter: false,
    resizable: false,
    suppressMovable: true,
    lockPosition: "left",
    headerComponent: selectAll(list),
    cellRenderer: (params) => params.data && selectCell(list, params),
    suppressNavigable: false,
    hide: !list.mayWrite,
  };
  const usual = (name) => ({ ...column(name), hide: false, ...(SPECIAL[name]?.(list) ?? {}) });
  if (isSmall) {
    const others = COLUMNS.filter((name) => !["family_name", "sync", "username"].includes(name));
    return [
      select,
      { ...column("family_name"), headerName: text("usernames-person"), flex: 4, minWidth: 90, cellRenderer: personCell, cellClass: "opens", wrapText: true },
      { ...column("sync"), width: 72, minWidth: 72, cellRenderer: (params) => params.data && syncCell(list, params, true) },
      { ...column("username"), ...editable(list), flex: 6, minWidth: 110, cellRenderer: (params) => usernameCell(params, params.data?.class) },
      ...others.map((name) => ({ ...usual(name), hide: true })),
    ];
  }
  return [select, ...COLUMNS.map(usual)];
}

function column(name) {
  return { colId: name, field: name, headerName: text(`usernames-column-${name}`), width: WIDTHS[name], filter: "agTextColumnFilter", filterParams: TEXT_FILTER };
}

const days = (show) => () => ({ filter: "agDateColumnFilter", filterParams: DATE_FILTER, cellRenderer: ({ value }) => show(value), cellClass: "num-cell" });

const SPECIAL = {
  family_name: () => ({ cellRenderer: nameCell, cellClass: "opens" }),
  given_name: () => ({ cellClass: "opens" }),
  sync: (list) => ({
    cellRenderer: (params) => params.data && syncCell(list, params, false),
    filterParams: {
      maxNumConditions: 1,
      filterOptions: ["on", "off"].map((key) => ({ displayKey: key, displayName: text(`usernames-sync-${key}`), predicate: () => true, numberOfInputs: 0 })),
    },
  }),
  username: (list) => ({ ...editable(list), cellRenderer: (params) => usernameCell(params) }),
  birth_date: days(date),
  created_at: days(dayOf),
  last_read: () => ({ ...days(moment)(), hide: true }),
};

function editable(list) {
  return {
    editable: (params) => list.mayWrite && params.data?.may_edit === true,
    cellEditor: nameEditor(list),
    cellEditorPopup: true,
    cellEditorPopupPosition: "over",
    // The editor saves by itself: the server decides what then stands there.
    valueSetter: () => false,
    suppressKeyboardEvent: (pressed) => {
      const { editing, event } = pressed;
      return editing ? ["Enter", "Tab", "F2"].includes(event.key) : toTheEdge(pressed) || (event.key.length === 1 && !event.ctrlKey && !event.metaKey);
    },
  };
}

function nameCell({ data, value }) {
  if (!data) return h("span", { class: "muted", text: text("usernames-row-loading") });
  return h("span", { text: value });
}

function personCell({ data }) {
  if (!data) return h("span", { class: "muted", text: text("usernames-row-loading") });
  return h("span", { class: "person" }, h("span", { text: data.family_name }), h("span", { text: data.given_name }));
}

function usernameCell({ data }, second) {
  if (!data) return "";
  const worst = MARKS.find((mark) => data.marks.includes(mark));
  const badge = worst && h("span", { class: "badge warn", text: text(`usernames-mark-${worst}-short`), title: text(`usernames-mark-${worst}`) });
  return h("span", { class: "username" }, h("span", { class: "name" }, broken(data.username)), second && h("span", { class: "second", text: second }), badge);
}

/** A name that a narrow column breaks after a point or the at sign, not in a word. */
function broken(name) {
  return name.split(/(?<=[.@_-])/).flatMap((part, at) => (at === 0 ? [part] : [h("wbr"), part]));
}

function syncCell(list, { data }, isSmall) {
  const box = h("input", {
    type: "checkbox",
    tabindex: "-1",
    "aria-label": text("usernames-sync-of", { name: `${data.given_name} ${data.family_name}` }),
    disabled: !(list.mayWrite && data.may_edit),
    on: {
      click: (event) => {
        event.preventDefault();
        list.setSync(data, !data.sync);
      },
    },
  });
  box.checked = data.sync;
  const words = isSmall ? null : h("span", { class: `state-${data.state}`, text: text(`usernames-state-${data.state}`) });
  return h("span", { class: "sync", title: text(`usernames-state-${data.state}-long`) }, box, words);
}

function selectCell(list, { data }) {
  const box = h("input", {
    type: "checkbox",
    tabindex: "-1",
    "aria-label": text("usernames-select-of", { name: `${data.given_name} ${data.family_name}` }),
    on: { click: () => list.selection.set(data.id, box.checked) },
  });
  box.checked = list.selection.has(data.id);
  return box;
}

/** The box in the header: everybody who matches. */
function selectAll(list) {
  return class {
    init() {
      const click = () => (this.box.checked ? list.selectAll() : list.selection.clear());
      this.box = h("input", { type: "checkbox", "aria-label": text("usernames-select-all"), title: text("usernames-select-all"), on: { click } });
      this.gui = h("label", { class: "select-all" }, this.box);
      this.show = () => {
        this.box.checked = list.selection.count > 0 && list.selection.count === list.rows.total;
        this.box.indeterminate = list.selection.count > 0 && !this.box.checked;
      };
      list.selection.addEventListener("change", this.show);
      list.events.addEventListener("rows", this.show);
      this.show();
    }

    getGui() {
      return this.gui;
    }

    refresh() {
      return true;
    }

    destroy() {
      list.selection.removeEventListener("change", this.show);
      list.events.removeEventListener("rows", this.show);
    }
  };
}
