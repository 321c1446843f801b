// The parts of the page Gebruikersnamen that need no page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, isSet, makeFilter, ofGrid } from "../../src/desk/assets/usernames/filter.js";
import { Selection } from "../../src/desk/assets/usernames/selection.js";

test("a selection is some people, or everybody who matches but a few", () => {
  const selection = new Selection();
  selection.set("a", true);
  selection.toggle("b");
  assert.deepEqual([selection.count, selection.people], [2, { ids: ["a", "b"] }]);
  const filter = { mark: "new" };
  selection.everybody(filter, 1234);
  assert.deepEqual([selection.count, selection.people, selection.has("z")], [1234, { filter }, true]);
  selection.toggle("z");
  assert.deepEqual([selection.count, selection.people, selection.has("z")], [1233, { all_but: { filter, except: ["z"] } }, false]);
  selection.recount(1240);
  assert.equal(selection.count, 1239);
  selection.set("z", true);
  assert.deepEqual(selection.people, { filter });
  selection.clear();
  assert.deepEqual([selection.count, selection.has("a")], [0, false]);
});

test("R76 the grid's filters become the server's", () => {
  const text = (type, filter) => ({ filterType: "text", type, filter });
  const days = (type, from, to) => ({ filterType: "date", type, dateFrom: from && `${from} 00:00:00`, dateTo: to && `${to} 00:00:00` });
  const columns = ofGrid({
    family_name: text("contains", "pee"),
    given_name: text("startsWith", "ja"),
    username: text("equals", "jan"),
    class: text("blank"),
    school: text("notBlank"),
    site: text("contains", ""),
    sync: text("off"),
    birth_date: days("inRange", "2010-01-01", "2010-12-31"),
    created_at: days("lessThanOrEqual", "2026-09-01"),
    last_read: days("equals", "2026-11-26"),
  });
  assert.deepEqual(columns, {
    family_name: { contains: "pee" },
    given_name: { starts: "ja" },
    username: { equals: "jan" },
    class: { blank: true },
    school: { blank: false },
    sync: { is: false },
    birth_date: { from: "2010-01-01", to: "2010-12-31" },
    created_at: { to: "2026-09-01" },
    last_read: { from: "2026-11-26", to: "2026-11-26" },
  });
});

test("a link opens the list with its filter, and nothing else gets in", () => {
  const filter = makeFilter(new URLSearchParams("mark=new&kind=staff&q=jan+3a"));
  assert.deepEqual(asked(filter), { search: "jan 3a", columns: {}, kind: "staff", mark: "new" });
  assert.equal(isSet(filter), true);
  assert.equal(isSet(makeFilter(new URLSearchParams("mark=<b>&kind=all"))), false);
});
