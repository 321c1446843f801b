// Zoeken: a dialog on every screen, opened by `/` or the button. A combobox with a list of results (arrows, Home, End, Enter, Escape),
// and the chain of what is chosen.
import { api, dialog, h, page, say, text } from "./desk.js";
import { showWhy } from "./why.js";

const WAIT_MS = 180;
const LIST_ID = "search-results";

let open = null;

document.addEventListener("desk:search", () => {
  if (!open) open = new Search();
});

/** Opens Zoeken with something that is asked about already: `{person, class, label, username}`. */
export function openWhy(hit) {
  if (!open) open = new Search();
  open.choose(hit);
}

class Search {
  constructor() {
    this.hits = [];
    this.at = -1;
    this.waiting = 0;
    this.asking = null;
    this.input = h("input", {
      type: "text",
      id: "search-input",
      enterkeyhint: "search",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      autofocus: true,
      "aria-expanded": "false",
      "aria-controls": LIST_ID,
      "aria-autocomplete": "list",
      "aria-describedby": "search-hint",
      on: { input: () => this.typed(), keydown: (event) => this.key(event) },
    });
    this.state = h("p", { class: "muted", id: "search-hint", text: text("search-hint") });
    this.list = h("ul", { id: LIST_ID, class: "search-results", role: "listbox", "aria-label": text("search-results"), hidden: true });
    this.finding = h(
      "div",
      { class: "stack" },
      h("div", { class: "field" }, h("label", { for: "search-input", text: text("search-label") }), this.input),
      this.state,
      this.list,
    );
    this.panel = h("div", { class: "stack", hidden: true });
    this.shown = dialog({
      title: text("search-title"),
      wide: true,
      body: [this.finding, this.panel],
      onClose: () => {
        clearTimeout(this.waiting);
        this.asking?.abort();
        open = null;
      },
    });
    this.shown.element.classList.add("search-dialog");
    this.input.focus();
  }

  typed() {
    clearTimeout(this.waiting);
    this.asking?.abort();
    const words = this.input.value.trim();
    if (words === "") {
      this.show([], text("search-hint"));
      return;
    }
    this.state.textContent = text("search-loading");
    this.waiting = setTimeout(() => this.ask(words), WAIT_MS);
  }

  async ask(words) {
    this.asking = new AbortController();
    const { signal } = this.asking;
    try {
      const query = new URLSearchParams({ q: words });
      const { hits, more } = await api("GET", `/desk/api/${page.tenant}/search?${query}`, undefined, { signal });
      const count = text("search-count", { count: hits.length });
      const told = hits.length === 0 ? text("search-none") : more ? `${count}. ${text("search-more")}` : count;
      this.show(hits, told);
      say(told);
    } catch (error) {
      if (!signal.aborted) this.show([], error.message);
    }
  }

  show(hits, told) {
    this.hits = hits;
    this.state.textContent = told;
    this.list.replaceChildren(
      ...hits.map((hit, at) =>
        h(
          "li",
          { id: `search-hit-${at}`, role: "option", "aria-selected": "false", on: { click: () => this.choose(hit), mousemove: () => this.move(at) } },
          h("span", { class: "search-name" }, h("strong", { text: hit.label }), hit.places ? h("span", { class: "muted", text: ` ${hit.places}` }) : null),
          h("span", { class: hit.published ? "search-why" : "search-why no", text: hit.sentence }),
        ),
      ),
    );
    this.list.hidden = hits.length === 0;
    this.input.setAttribute("aria-expanded", String(hits.length > 0));
    this.at = -1;
    this.move(hits.length > 0 ? 0 : -1);
  }

  move(at) {
    if (at === this.at) return;
    this.list.children[this.at]?.setAttribute("aria-selected", "false");
    this.at = at;
    const chosen = this.list.children[at];
    if (!chosen) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    chosen.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const last = this.hits.length - 1;
    const moves = {
      ArrowDown: () => this.move(this.at >= last ? 0 : this.at + 1),
      ArrowUp: () => this.move(this.at <= 0 ? last : this.at - 1),
      PageDown: () => this.move(last),
      PageUp: () => this.move(0),
    };
    if (event.key === "Enter" && this.hits[this.at]) {
      event.preventDefault();
      this.choose(this.hits[this.at]);
    } else if (moves[event.key] && last >= 0) {
      event.preventDefault();
      moves[event.key]();
    }
  }

  choose(hit) {
    const content = h("div", { class: "stack", "aria-live": "polite" });
    const day = h("input", { type: "date", id: "search-day" });
    const links = h("div", { class: "row" });
    day.addEventListener("change", () => fill());
    const fill = async () => {
      const data = await showWhy(content, { ...hit, on: day.value });
      if (data) links.replaceChildren(...linksTo(data));
    };
    const heading = h("h3", { tabindex: "-1", text: hit.label });
    this.panel.replaceChildren(
      h("div", { class: "row" }, h("button", { type: "button", class: "button quiet small", text: `← ${text("search-back")}`, on: { click: () => this.back() } })),
      heading,
      content,
      h("div", { class: "field" }, h("label", { for: "search-day", text: text("search-day") }), day),
      links,
    );
    this.finding.hidden = true;
    this.panel.hidden = false;
    heading.focus();
    fill();
  }

  back() {
    this.panel.hidden = true;
    this.finding.hidden = false;
    this.input.focus();
  }
}

function linksTo(data) {
  const links = [];
  const at = (screen, query) => `${page.basePath}/desk/${page.tenant}/${screen}?${new URLSearchParams(query)}`;
  const link = (key, href) => h("a", { class: "button", href, text: text(key) });
  if (data.login) links.push(copyButton(data.login));
  if (data.username) links.push(link("search-in-usernames", at("gebruikersnamen", { q: data.username })));
  if (data.person) links.push(link("search-in-history", at("historiek", { person: data.person })));
  else if (data.class) links.push(link("search-in-history", at("historiek", { class: data.class })));
  return links;
}

function copyButton(login) {
  const button = h("button", { type: "button", class: "button", text: text("search-copy") });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(login);
      button.textContent = text("search-copied");
      say(text("search-copied"));
    } catch {
      // Without the clipboard the name is shown, ready to be copied by hand.
      button.replaceWith(h("code", { class: "login", text: login }));
    }
  });
  return button;
}
