// Why somebody or something is published, or is not: the sentence, what would change it, and the chain of facts.
import { api, date, h, moment, page, text } from "./desk.js";
import { renderSwap } from "./swap.js";

/** Returns the query of what is asked about. */
export function whyQuery({ person, class: ofClass, on }) {
  const query = new URLSearchParams();
  if (person) query.set("person", person);
  if (ofClass) query.set("class", ofClass);
  if (on) query.set("on", on);
  return query.toString();
}

/** Asks why, and fills a container with the answer: `{person, class, on}`. */
export async function showWhy(container, asked, { isAgain = false } = {}) {
  container.replaceChildren(h("p", { class: "busy muted", role: "status", text: text("search-loading-why") }));
  try {
    const data = await api("GET", `/desk/api/${page.tenant}/why?${whyQuery(asked)}`);
    renderWhy(container, data);
    showFindings(container, asked);
    renderSwap(container, data, { again: () => showWhy(container, asked, { isAgain: true }), takesFocus: isAgain });
    return data;
  } catch (error) {
    container.replaceChildren(h("p", { class: "notice bad", role: "alert", text: error.message }));
    return null;
  }
}

/** Fills a container with an answer of the API `why`. */
export function renderWhy(container, data) {
  const tone = data.published && data.reason !== "held" ? "good" : "warn";
  container.replaceChildren(
    h("p", { class: `notice ${tone} why-sentence`, text: data.sentence }),
    data.change ? h("p", { class: "why-change" }, h("strong", { text: `${text("search-change")}: ` }), data.change) : "",
    h("h3", { text: text("search-chain") }),
    h("ol", { class: "steps why-steps" }, data.steps.map(step)),
  );
}

function step({ step: word, holds, text: words, since, until, at }) {
  const days = between(since, until);
  return h(
    "li",
    { class: holds ? "done" : "open", dataset: { step: word } },
    h("span", { class: "visually-hidden", text: `${text(holds ? "search-yes" : "search-no")}: ` }),
    at ? `${words} ${moment(at)}` : words,
    days ? h("span", { class: "muted", text: ` (${days})` }) : null,
  );
}

function between(since, until) {
  if (since && until) return text("search-between", { since: date(since), until: date(until) });
  if (since) return text("search-since", { since: date(since) });
  if (until) return text("search-until", { until: date(until) });
  return "";
}

// What is probably not right takes longer to look through in a large group: it comes after the rest.
async function showFindings(container, asked) {
  const place = h("div", { class: "stack why-findings" }, h("p", { class: "busy muted", text: text("search-findings-loading") }));
  container.append(place);
  try {
    const { findings } = await api("GET", `/desk/api/${page.tenant}/why/findings?${whyQuery(asked)}`);
    place.replaceChildren(...shownFindings(findings));
  } catch {
    place.remove();
  }
}

function shownFindings(findings) {
  if (findings.length === 0) return [];
  const tone = { error: "bad", warning: "warn", info: "info" };
  return [
    h("h3", { text: text("search-findings") }),
    ...findings.map((finding) =>
      h("div", { class: `notice ${tone[finding.severity]}` }, h("span", {}, h("strong", { text: `${finding.text}. ` }), finding.what_to_do)),
    ),
  ];
}
