// The page Gebruikersnamen: puts its parts together. Each part takes `list`, which knows the grid, the filter and the selection.
import { preferences } from "./desk.js";
import { bulkBar } from "./usernames/bulk.js";
import { choices } from "./usernames/choices.js";
import { makeFilter } from "./usernames/filter.js";
import { makeGrid } from "./usernames/grid.js";
import { lastChange } from "./usernames/last.js";
import { openPanel } from "./usernames/panel.js";
import { Rows } from "./usernames/rows.js";
import { Selection } from "./usernames/selection.js";
import { toolbar } from "./usernames/toolbar.js";

const root = document.getElementById("usernames");

if (root) {
  const kept = preferences("usernames");
  const list = {
    root,
    kept,
    mayWrite: root.dataset.mayWrite === "true",
    filter: makeFilter(new URLSearchParams(location.search)),
    selection: new Selection(),
    events: new EventTarget(),
  };
  list.rows = new Rows(list);
  list.open = (row) => openPanel(list, row);
  toolbar(list);
  choices(list);
  makeGrid(list, await kept.read());
  bulkBar(list);
  lastChange(list);
  list.rows.watch();
}
