// The grid (AG Grid Community, infinite row model): asks for rows as they come into sight, and tells what people do in it.
import { h, text } from "../desk.js";
import { columnDefs, COLUMNS } from "./columns.js";
import { toTheEdge } from "./edges.js";
import { setSync } from "./sync.js";

const { createGrid, themeQuartz } = globalThis.agGrid;

/** Below this width the list has three columns. */
const SMALL = matchMedia("(max-width: 640px)");

/** What the grid itself says, in the words of the language files. */
const WORDS = [
  "ariaFilterInput", "ariaFilterMenuOpen", "ariaFilteringOperator", "ariaFilterValue", "ariaFilterFromValue", "ariaFilterToValue", "ariaSortableColumn", "ariaLabelColumnFilter", "ariaLabelColumnMenu",
  "ariaDateFilterInput", "ariaMenuColumn", "blank", "notBlank", "contains", "equals", "startsWith", "greaterThanOrEqual", "lessThanOrEqual", "inRange", "inRangeStart", "inRangeEnd", "filterOoo", "dateFormatOoo",
];

const theme = themeQuartz.withParams({
  accentColor: "var(--accent)",
  backgroundColor: "var(--surface)",
  borderColor: "var(--line)",
  browserColorScheme: "inherit",
  chromeBackgroundColor: "var(--ground)",
  foregroundColor: "var(--ink)",
  headerBackgroundColor: "var(--ground)",
  headerTextColor: "var(--muted)",
  subtleTextColor: "var(--muted)",
  menuBackgroundColor: "var(--raised)",
  inputBorder: "1px solid var(--line-strong)",
  rowHoverColor: "var(--accent-soft)",
  fontFamily: "inherit",
  fontSize: 14,
  headerFontSize: 13,
  spacing: 6,
  rowHeight: 34,
  headerHeight: 34,
  wrapperBorderRadius: 6,
});

/** Makes the grid, its columns arranged as their user left them. */
export function makeGrid(list, kept) {
  const place = h("div", { class: "usernames-grid" });
  const stage = h("div", { class: "usernames-stage" }, place, list.rows.state);
  list.root.append(stage);
  list.selectAll = () => list.rows.total > 0 && list.selection.everybody(structuredClone(list.asked()), list.rows.total);
  list.setSync = (row, on) => setSync(list, row, on);
  list.isSmall = SMALL.matches;
  list.grid = createGrid(place, options(list, kept));
  list.events.dispatchEvent(new Event("grid"));
  list.selection.addEventListener("change", () => {
    list.grid.refreshCells({ columns: ["select"], force: true });
    for (const row of place.querySelectorAll("[row-id]")) markSelected(list, row);
  });
  SMALL.addEventListener("change", () => {
    list.isSmall = SMALL.matches;
    list.grid.updateGridOptions({ columnDefs: columnDefs(list, list.isSmall), ...sizes(list) });
  });
  place.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a" && list.mayWrite && !event.target.closest("input:not([type=checkbox])")) {
      event.preventDefault();
      list.selectAll();
    }
  }, true);
}

const sizes = (list) => ({
  rowHeight: list.isSmall ? 52 : 34,
  floatingFiltersHeight: 34,
});

function options(list, kept) {
  return {
    theme,
    styleNonce: document.querySelector("script[nonce]")?.nonce,
    rowModelType: "infinite",
    datasource: list.rows.source,
    cacheBlockSize: 100,
    maxBlocksInCache: 20,
    blockLoadDebounceMillis: 40,
    cacheOverflowSize: 1,
    maxConcurrentDatasourceRequests: 2,
    infiniteInitialRowCount: 1,
    getRowId: ({ data }) => data.id,
    columnDefs: arranged(columnDefs(list, list.isSmall), list.isSmall ? null : kept),
    defaultColDef: { floatingFilter: !list.isSmall, suppressHeaderMenuButton: true, suppressHeaderFilterButton: list.isSmall, sortable: true, minWidth: 60, unSortIcon: false, suppressKeyboardEvent: toTheEdge },
    ...sizes(list),
    suppressNoRowsOverlay: true,
    ensureDomOrder: true,
    suppressColumnVirtualisation: false,
    suppressDragLeaveHidesColumns: true,
    stopEditingWhenCellsLoseFocus: true,
    animateRows: false,
    getLocaleText: ({ key, defaultValue }) => (WORDS.includes(key) ? text(`usernames-grid-${key}`) : defaultValue),
    rowClassRules: { selected: ({ data }) => data !== undefined && list.selection.has(data.id) },
    onFilterChanged: () => list.again(),
    onSortChanged: () => keep(list),
    onColumnMoved: ({ finished }) => finished && keep(list),
    onColumnResized: ({ finished }) => finished && keep(list),
    onColumnVisible: () => keep(list),
    onCellClicked: (event) => clicked(list, event),
    onCellKeyDown: (event) => pressed(list, event),
    onCellEditingStopped: () => list.events.dispatchEvent(new Event("edited")),
  };
}

/** Puts the columns in the order, width and state that were kept; a column that is new since then stands at its place. */
function arranged(definitions, kept) {
  const states = new Map((kept?.columns ?? []).map((state, place) => [state.colId, { ...state, place }]));
  const placed = definitions.map((definition, at) => {
    const state = states.get(definition.colId);
    if (!state || definition.colId === "select") return [at === 0 ? -1 : at, definition];
    const { width, hide, sort, sortIndex } = state;
    return [state.place, { ...definition, width: width ?? definition.width, hide: hide === true, initialSort: sort ?? null, initialSortIndex: sortIndex ?? null }];
  });
  return placed.sort(([a], [b]) => a - b).map(([, definition]) => definition);
}

function keep(list) {
  if (list.isSmall || !list.grid) return;
  const columns = list.grid.getColumnState().map(({ colId, width, hide, sort, sortIndex }) => ({ colId, width, hide, sort, sortIndex }));
  list.kept.write({ columns: columns.filter(({ colId }) => COLUMNS.includes(colId)) });
}

function markSelected(list, row) {
  const isSelected = list.selection.has(row.getAttribute("row-id"));
  row.classList.toggle("selected", isSelected);
}

function clicked(list, { column, data, event }) {
  if (!data || event.target.closest("input")) return;
  const name = column.getColId();
  if (name === "select") list.selection.toggle(data.id);
  if (event.target.closest(".opens")) list.open(data);
}

function pressed(list, { column, data, event, node }) {
  if (!data || event.ctrlKey || event.metaKey || event.target.closest("input:not([type=checkbox])")) return;
  const name = column.getColId();
  if (event.key === " ") {
    event.preventDefault();
    if (!list.mayWrite) return;
    if (name === "sync") data.may_edit && list.setSync(node.data, !node.data.sync);
    else list.selection.toggle(data.id);
  } else if (event.key === "Enter" && (name !== "username" || !data.may_edit)) {
    event.preventDefault();
    if (name === "sync") data.may_edit && list.setSync(node.data, !node.data.sync);
    else if (name === "select") list.selection.toggle(data.id);
    else list.open(data);
  } else if (event.key === "F2" && name !== "username" && list.mayWrite && data.may_edit) {
    list.grid.startEditingCell({ rowIndex: node.rowIndex, colKey: "username" });
  } else if (event.key === "Escape" && list.selection.count > 0) {
    list.selection.clear();
  }
}
