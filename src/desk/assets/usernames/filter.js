// Which people are shown: the words typed above, the choices beside them, and the filter of each column, as the server takes them.

const MARKS = ["new", "off", "on", "review", "namesake", "probably_merged", "too_long", "waits"];

/** Makes the filter that a link asks for: `?mark=new&kind=pupil&q=…`. */
export function makeFilter(query) {
  const mark = query.get("mark");
  const kind = query.get("kind");
  return {
    search: query.get("q") ?? "",
    mark: MARKS.includes(mark) ? mark : null,
    kind: kind === "pupil" || kind === "staff" ? kind : null,
    columns: {},
  };
}

/** Returns a copy to send and keep. */
export function asked(filter) {
  return structuredClone({ search: filter.search.trim(), columns: filter.columns, kind: filter.kind, mark: filter.mark });
}

/** Returns `true` if it leaves anybody out. */
export function isSet(filter) {
  return filter.search.trim() !== "" || filter.mark !== null || filter.kind !== null || Object.keys(filter.columns).length > 0;
}

/** Shows the filter in the address, so that it can be kept and sent on. */
export function showInAddress(filter) {
  const query = new URLSearchParams();
  if (filter.mark) query.set("mark", filter.mark);
  if (filter.kind) query.set("kind", filter.kind);
  if (filter.search.trim()) query.set("q", filter.search.trim());
  const text = query.toString();
  history.replaceState(null, "", text ? `?${text}` : location.pathname);
}

/** Returns the columns' filters of the grid, as the server takes them. */
export function ofGrid(model) {
  const columns = {};
  for (const [column, chosen] of Object.entries(model ?? {})) {
    const filter = chosen.filterType === "date" ? ofDates(chosen) : ofText(chosen);
    if (filter) columns[column] = filter;
  }
  return columns;
}

function ofText({ type, filter }) {
  if (type === "on" || type === "off") return { is: type === "on" };
  if (type === "blank") return { blank: true };
  if (type === "notBlank") return { blank: false };
  if (!filter) return null;
  if (type === "equals") return { equals: filter };
  if (type === "startsWith") return { starts: filter };
  return { contains: filter };
}

function ofDates({ type, dateFrom, dateTo }) {
  const from = dateFrom?.slice(0, 10);
  const to = dateTo?.slice(0, 10);
  if (type === "blank") return { blank: true };
  if (!from) return null;
  if (type === "equals") return { from, to: from };
  if (type === "lessThanOrEqual") return { to: from };
  if (type === "inRange") return to ? { from, to } : { from };
  return { from };
}
