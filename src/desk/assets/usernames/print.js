// Names and usernames on paper, a page per class (without birth dates; written in the audit by the server).
import { dialog, h, page, text } from "../desk.js";

/** Asks which class, and opens the pages to print in another tab. */
export function printDialog(list) {
  const everybody = { value: "", words: text("usernames-print-all") };
  const field = h("input", { type: "text", id: "print-class", placeholder: everybody.words, autocomplete: "off" });
  const open = () => {
    const query = field.value.trim() ? `?class=${encodeURIComponent(field.value.trim())}` : "";
    window.open(`${page.basePath}/desk/${page.tenant}/gebruikersnamen/afdrukken${query}`, "_blank", "noopener");
  };
  dialog({
    title: text("usernames-print"),
    body: [
      h("p", { text: text("usernames-print-words") }),
      h("div", { class: "field" }, h("label", { for: "print-class", text: text("usernames-column-class") }), field, h("span", { class: "hint", text: text("usernames-print-hint") })),
    ],
    actions: [{ label: text("cancel") }, { label: text("usernames-print-open"), primary: true, run: open }],
  });
  field.focus();
}
