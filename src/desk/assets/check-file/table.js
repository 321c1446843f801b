// A table of the screen Controlebestand: a caption, columns by their texts, cells as words or nodes.
import { h, text } from "../desk.js";

export function table(caption, columns, rows) {
  const head = h("tr", {}, ...columns.map((key) => h("th", { scope: "col", text: text(key) })));
  const body = rows.map((cells) => h("tr", {}, ...cells.map((cell) => (cell instanceof Node ? h("td", {}, cell) : h("td", { text: cell ?? "" })))));
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", { class: "table" }, h("caption", { text: caption }), h("thead", {}, head), h("tbody", {}, ...body)));
}
