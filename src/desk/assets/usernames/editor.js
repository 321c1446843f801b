// The editor of a username: over its cell, with what is wrong and the way out below it. It saves by itself and closes only when the server
// has the name, or on Escape; nothing typed is lost when it is left by a click.
import { h, holdsEdit, text, toast } from "../desk.js";
import { saveName } from "./names.js";

let editors = 0;

/** What was typed in an editor that closed before the server took it, and why it did not, by person. */
const left = new Map();
holdsEdit(() => left.size > 0);

/** Returns the editor for a list. The grid copies the parameters it is given, so the list is not one of them. */
export function nameEditor(list) {
  return class extends NameEditor {
    list = list;
  };
}

class NameEditor {
  init(params) {
    this.params = params;
    this.row = params.data;
    this.settled = false;
    this.confirming = false;
    const wordsId = `name-words-${(editors += 1)}`;
    this.input = h("input", {
      type: "text",
      value: left.get(this.row.id)?.typed ?? this.row.username,
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
      "aria-label": text("usernames-edit-of", { name: `${this.row.given_name} ${this.row.family_name}` }),
      "aria-describedby": wordsId,
    });
    this.words = h("div", { class: "name-words", id: wordsId, role: "status" }, h("span", { class: "muted small", text: text("usernames-edit-help") }));
    this.gui = h("div", { class: "name-editor" }, this.input, this.words);
    this.gui.addEventListener("keydown", (event) => this.#pressed(event));
    this.input.addEventListener("input", () => this.#typed());
    this.release = holdsEdit(() => this.#isChanged());
  }

  getGui() {
    return this.gui;
  }

  afterGuiAttached() {
    this.gui.style.setProperty("--cell-width", `${Math.max(this.params.eGridCell.offsetWidth, 200)}px`);
    this.gui.closest("[role=dialog]")?.setAttribute("aria-label", this.input.getAttribute("aria-label"));
    this.input.focus();
    this.input.select();
    const { refusal } = left.get(this.row.id) ?? {};
    left.delete(this.row.id);
    if (refusal) this.#refused(refusal);
  }

  getValue() {
    return this.row.username;
  }

  /** The editor is gone. A name that was typed and not given up is saved all the same, or kept to go on with. */
  destroy() {
    this.isGone = true;
    // A dialog that says that the session is over takes the focus: what is being saved goes on, and says itself how it ended.
    if (this.isSaving) return;
    if (this.settled || !this.#isChanged()) return this.release();
    const typed = this.input.value;
    saveName(this.list, this.row, typed, false).then((saved) => {
      this.release();
      if (saved.isSaved) return this.list.saved(saved);
      left.set(this.row.id, { typed, refusal: saved });
      toast(saved.message, { bad: true, action: { label: text("usernames-edit-go-on"), run: () => this.list.edit(this.row.id) } });
    });
  }

  #isChanged() {
    return !this.settled && this.input.value.trim() !== this.row.username;
  }

  #typed() {
    this.confirming = false;
    this.input.removeAttribute("aria-invalid");
    this.words.replaceChildren(h("span", { class: "muted small", text: text("usernames-edit-help") }));
  }

  #pressed(event) {
    if (event.key === "Escape") {
      this.settled = true;
      event.stopPropagation();
      this.#close();
    } else if ((event.key === "Enter" && event.target === this.input) || event.key === "F2") {
      event.stopPropagation();
      event.preventDefault();
      this.save();
    } else if (event.key === "Enter" || event.key === "Tab") {
      // Buttons of the question are reached and pressed as anywhere.
      event.stopPropagation();
    }
  }

  #close() {
    const { api, rowIndex, column } = this.params;
    api.stopEditing(true);
    api.setFocusedCell(rowIndex, column);
  }

  async save() {
    if (this.isSaving) return;
    if (!this.#isChanged()) {
      this.settled = true;
      return this.#close();
    }
    this.isSaving = true;
    this.input.readOnly = true;
    this.words.replaceChildren(h("span", { class: "muted small busy", text: text("usernames-edit-saving") }));
    const saved = await saveName(this.list, this.row, this.input.value, this.confirming);
    this.isSaving = false;
    this.input.readOnly = false;
    if (saved.isSaved) {
      this.settled = true;
      if (this.isGone) this.release();
      else this.#close();
      this.list.saved(saved);
    } else if (this.isGone) {
      this.release();
      left.set(this.row.id, { typed: this.input.value, refusal: saved });
      this.list.edit(this.row.id);
    } else {
      this.#refused(saved);
    }
  }

  #refused({ code, message, hint, other }) {
    if (other) {
      // Saving again then is a decision over what stands there now.
      this.row = other;
      this.list.show(other);
    }
    this.confirming = code === "confirm-rename";
    const said = h("p", { class: this.confirming ? "question" : "field-error", text: message });
    this.words.replaceChildren(said);
    if (hint) this.words.append(h("p", { class: "small", text: hint }));
    if (this.confirming) {
      const yes = h("button", { type: "button", class: "button small primary", text: text("usernames-rename-yes"), on: { click: () => this.save() } });
      const no = h("button", { type: "button", class: "button small", text: text("usernames-rename-no"), on: { click: () => { this.settled = true; this.#close(); } } });
      this.words.append(h("div", { class: "row" }, yes, no));
    } else {
      this.input.setAttribute("aria-invalid", "true");
    }
    this.input.focus();
  }
}
