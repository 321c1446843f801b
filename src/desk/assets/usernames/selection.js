// Who is selected: some people, or everybody who matches but a few. Never just the rows that happen to be loaded.

export class Selection extends EventTarget {
  #ids = new Set();
  #all = null;
  #except = new Set();

  /** Returns `true` if somebody is selected. */
  has(id) {
    return this.#all ? !this.#except.has(id) : this.#ids.has(id);
  }

  get isAll() {
    return this.#all !== null;
  }

  /** How many: of everybody who matches, by what the server last counted. */
  get count() {
    return this.#all ? Math.max(0, this.#all.total - this.#except.size) : this.#ids.size;
  }

  /** Who is meant, as the server takes it. */
  get people() {
    if (!this.#all) return { ids: [...this.#ids] };
    const { filter } = this.#all;
    return this.#except.size > 0 ? { all_but: { filter, except: [...this.#except] } } : { filter };
  }

  /** Selects or leaves out one person. */
  set(id, on) {
    const set = this.#all ? this.#except : this.#ids;
    if (on !== (this.#all !== null)) set.add(id);
    else set.delete(id);
    this.#changed();
  }

  toggle(id) {
    this.set(id, !this.has(id));
  }

  /** Selects everybody who matches a filter. */
  everybody(filter, total) {
    this.#ids.clear();
    this.#except.clear();
    this.#all = { filter, total };
    this.#changed();
  }

  /** Takes over how many match now. */
  recount(total) {
    if (!this.#all || this.#all.total === total) return;
    this.#all.total = total;
    this.#changed();
  }

  clear() {
    if (this.#all === null && this.#ids.size === 0) return;
    this.#ids.clear();
    this.#except.clear();
    this.#all = null;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
