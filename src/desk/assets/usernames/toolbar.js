// Above the grid: the search field, which columns are shown, the file to take away, the lists on paper.
import { download, h, page, say, text, toast } from "../desk.js";
import { columnDefs, COLUMNS } from "./columns.js";
import { narrowDialog } from "./narrow.js";
import { printDialog } from "./print.js";

const WAIT_MS = 220;

/** Adds the toolbar. */
export function toolbar(list) {
  const search = h("input", { type: "search", id: "usernames-search", placeholder: text("usernames-search"), "aria-label": text("usernames-search"), autocomplete: "off", value: list.filter.search });
  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      list.filter.search = search.value;
      list.again();
    }, WAIT_MS);
  });
  search.addEventListener("keydown", (event) => {
    // From the words to the first person found.
    if (event.key !== "ArrowDown" && event.key !== "Enter") return;
    event.preventDefault();
    const first = list.grid.getAllDisplayedColumns().find((column) => column.getColId() !== "select");
    if (list.rows.total > 0) list.grid.setFocusedCell(0, first);
  });
  list.events.addEventListener("cleared", () => (search.value = ""));
  const title = document.querySelector("main h1");
  title.classList.remove("visually-hidden");
  const columns = menu(text("usernames-columns"), "columns-menu");
  const files = menu(text("usernames-export"), "");
  const narrow = h("button", { type: "button", class: "button narrow-open", text: text("usernames-narrow"), on: { click: () => narrowDialog(list) } });
  const checkFile = h("a", { class: "button", href: `${page.basePath}/desk/${page.tenant}/gebruikersnamen/controlebestand`, text: text("usernames-check-file") });
  list.root.append(
    h(
      "div",
      { class: "usernames-tools" },
      title,
      search,
      h("div", { class: "actions row" }, narrow, columns, files, checkFile, h("button", { type: "button", class: "button", text: text("usernames-print"), on: { click: () => printDialog(list) } })),
    ),
  );
  fillExport(list, files.querySelector(".menu-list"), () => (files.open = false));
  list.events.addEventListener("grid", () => fillColumns(list, columns.querySelector(".menu-list")));
}

function menu(label, name) {
  return h("details", { class: `menu ${name}` }, h("summary", { class: "button", text: label }), h("div", { class: "menu-list" }));
}

/** Which columns are shown (R79): a menu of ours, the grid has none. */
function fillColumns(list, place) {
  const boxes = COLUMNS.map((name) => {
    const box = h("input", { type: "checkbox", on: { change: () => list.grid.setColumnsVisible([name], box.checked) } });
    box.name = name;
    return [box, h("label", { class: "check" }, box, text(`usernames-column-${name}`))];
  });
  const show = () => boxes.forEach(([box]) => (box.checked = list.grid.getColumn(box.name)?.isVisible() ?? false));
  const reset = h("button", {
    type: "button",
    text: text("usernames-columns-reset"),
    on: {
      click: () => {
        // Not the grid's own way back: that leads to how the columns stood when the page was opened.
        const state = columnDefs(list, false).map(({ colId, width, hide }) => ({ colId, width, hide: hide === true, sort: null }));
        list.grid.applyColumnState({ state, applyOrder: true });
        list.kept.write({ columns: [] });
        show();
      },
    },
  });
  place.append(...boxes.map(([, label]) => label), reset);
  place.parentElement.addEventListener("toggle", show);
}

function fillExport(list, place, close) {
  for (const format of ["csv", "xlsx"]) {
    const run = async () => {
      close();
      const shown = list.grid.getAllDisplayedColumns().map((column) => column.getColId()).filter((name) => COLUMNS.includes(name));
      const sort = list.grid.getColumnState().filter(({ sort: way }) => way).sort((a, b) => a.sortIndex - b.sortIndex).map(({ colId, sort: way }) => ({ column: colId, descending: way === "desc" }));
      say(text("usernames-export-running"));
      try {
        const name = await download(`${list.rows.path}/export`, { format, filter: list.asked(), sort, columns: list.isSmall ? COLUMNS : shown });
        toast(text("usernames-export-done", { name }));
      } catch (error) {
        toast(error.message, { bad: true });
      }
    };
    place.append(h("button", { type: "button", text: text(`usernames-export-${format}`), on: { click: run } }));
  }
  place.append(h("p", { class: "menu-note", text: text("usernames-export-note") }));
}
