// Where the keys Home and End lead in the grid.

/** Home and End as in a spreadsheet: the first or last cell of the row; with Ctrl, of the list. The grid's own go to another row at once. */
export function toTheEdge({ api, editing, event, node }) {
  if (editing || !["Home", "End"].includes(event.key) || event.altKey || event.shiftKey) return false;
  event.preventDefault();
  const isEnd = event.key === "End";
  const column = api.getAllDisplayedColumns().at(isEnd ? -1 : 0);
  const row = event.ctrlKey || event.metaKey ? (isEnd ? api.getDisplayedRowCount() - 1 : 0) : node.rowIndex;
  api.ensureIndexVisible(row);
  api.ensureColumnVisible(column);
  api.setFocusedCell(row, column);
  return true;
}
