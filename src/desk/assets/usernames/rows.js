// The rows: asked of the server range by range, and again when something changed there.
import { api, h, page, say, text, number } from "../desk.js";
import { asked, isSet, ofGrid } from "./filter.js";

/** How often an open page looks whether the list changed. */
const LOOK_MS = 15_000;

export class Rows {
  #list;
  #version = null;
  #counted = null;
  #state = h("div", { class: "usernames-state", hidden: true });
  total = 0;

  constructor(list) {
    this.#list = list;
    this.path = `/desk/api/${page.tenant}/usernames`;
  }

  /** What stands over the grid while there are no rows. */
  get state() {
    return this.#state;
  }

  /** What the grid takes its rows from. */
  get source() {
    return {
      getRows: async (params) => {
        this.#list.filter.columns = ofGrid(params.filterModel);
        const filter = asked(this.#list.filter);
        const sort = params.sortModel.map(({ colId, sort: way }) => ({ column: colId, descending: way === "desc" }));
        if (this.total === 0) this.#show("loading");
        try {
          const answer = await api("POST", `${this.path}/rows`, { from: params.startRow, to: params.endRow, sort, filter });
          if (JSON.stringify(filter) !== JSON.stringify(asked(this.#list.filter))) return;
          this.#take(answer, filter);
          params.successCallback(answer.rows, answer.total);
          this.#list.events.dispatchEvent(new Event("rows"));
        } catch (error) {
          params.failCallback();
          this.#show("error", error);
        }
      },
    };
  }

  #take(answer, filter) {
    // Rows of another version do not go together with those shown: all are asked again.
    const isOther = this.#version !== null && this.#version !== answer.version;
    this.#version = answer.version;
    this.total = answer.total;
    this.#list.selection.recount(answer.total);
    this.#show(answer.total > 0 ? null : isSet(filter) ? "empty-filter" : "empty");
    const question = JSON.stringify([filter, answer.version]);
    if (this.#counted !== question) {
      this.#counted = question;
      this.count(filter);
    }
    if (isOther) queueMicrotask(() => this.refresh());
  }

  /** Asks how many there are of each kind and mark. */
  async count(filter = asked(this.#list.filter)) {
    try {
      const counts = await api("POST", `${this.path}/counts`, { filter });
      this.#list.events.dispatchEvent(new CustomEvent("counts", { detail: counts }));
      say(text("usernames-count", { count: number(counts.total) }));
    } catch {
      this.#counted = null;
    }
  }

  /** Asks for everything anew, from the first row: another filter or order. */
  again() {
    this.#version = null;
    this.total = 0;
    this.#list.grid.purgeInfiniteCache();
    this.#list.grid.ensureIndexVisible(0);
  }

  /** Asks for the shown rows anew, and keeps the focus with the person who had it. */
  refresh() {
    const { grid } = this.#list;
    if (grid.getEditingCells().length > 0) return;
    const cell = grid.getFocusedCell();
    const inGrid = document.activeElement?.closest?.(".usernames-grid");
    const id = cell && inGrid && grid.getDisplayedRowAtIndex(cell.rowIndex)?.data?.id;
    grid.refreshInfiniteCache();
    if (!id) return;
    const follow = () => {
      const row = grid.getRowNode(id)?.rowIndex ?? cell.rowIndex;
      if (document.activeElement === document.body || document.activeElement?.closest?.(".usernames-grid")) {
        grid.setFocusedCell(Math.min(row, Math.max(0, this.total - 1)), cell.column);
      }
    };
    this.#list.events.addEventListener("rows", () => setTimeout(follow), { once: true });
  }

  /** Looks from time to time, and when somebody comes back to the page, whether the list changed. */
  watch() {
    const look = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        const answer = await api("POST", `${this.path}/rows`, { from: 0, to: 0, sort: [], filter: asked(this.#list.filter) });
        if (answer.version === this.#version) return;
        if (this.#list.grid.getEditingCells().length > 0) return;
        this.#take({ ...answer, version: this.#version ?? answer.version }, asked(this.#list.filter));
        this.#version = answer.version;
        this.refresh();
        this.count();
        this.#list.events.dispatchEvent(new Event("changed-elsewhere"));
      } catch {
        // The next request that somebody makes tells what is the matter.
      }
    };
    setInterval(look, LOOK_MS);
    document.addEventListener("visibilitychange", look);
    addEventListener("focus", look);
  }

  #show(state, error) {
    this.#state.replaceChildren();
    this.#state.hidden = state === null;
    if (state === null) return;
    const shown = h("div", { class: `state ${state.split("-")[0]}`, role: state === "error" ? "alert" : null }, h("h2", { text: text(`usernames-shown-${state}-title`) }));
    if (state === "error") {
      shown.append(
        h("p", { text: error.message }),
        h("button", { type: "button", class: "button", text: text("usernames-retry"), on: { click: () => this.again() } }),
      );
    } else {
      shown.append(h("p", { text: text(`usernames-shown-${state}-words`) }));
    }
    if (state === "empty-filter") {
      shown.append(h("button", { type: "button", class: "button", text: text("usernames-clear-filter"), on: { click: () => this.#list.clearFilter() } }));
    }
    this.#state.append(shown);
  }
}
