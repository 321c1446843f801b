// August: the card of the transition to the next school year on Overzicht, and Vooruitblik before the year has begun.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { assertAccessible, assertFits, leave, PHONE, shot } from "./harness/browser.js";
import { nextDay, pull, startDemo } from "./harness/demo.js";
import { comeBackToChange, openScreen } from "./harness/person.js";

const TODAY = nextDay("08-20");
const YEAR = TODAY.slice(0, 4);

let demo;
before(async () => (demo = await startDemo({ pupils: 60, at: TODAY })));

const card = (page) => page.locator("section", { has: page.getByRole("heading", { level: 2, name: /^Schooljaarovergang naar/ }) });
const state = async (page, words) => (await card(page).getByRole("listitem").filter({ hasText: words }).locator(".badge").textContent()).trim();

test("the card of the transition ticks what we can see, and a first full pull is told on the open page", async () => {
  const page = await openScreen(demo, "Overzicht", { role: "admin" });
  assert.equal(await card(page).getByRole("listitem").count(), 5);
  assert.equal(await state(page, "staan klaar in Informat"), "gedaan");
  assert.equal(await state(page, "opgekuist in Microsoft 365"), "kan je alleen in Microsoft zien");
  assert.equal(await state(page, "is overgeschakeld naar"), "gedaan");
  assert.equal(await state(page, "nieuw profiel"), "nog te doen");
  await assertAccessible(page, "the overview in August");
  await shot(page, "schooljaarovergang");
  await pull(demo);
  await comeBackToChange(page);
  await page.getByRole("img", { name: /Aantal gelezen rijen/ }).waitFor();
  await page.getByText("Toon de cijfers").click();
  assert.ok((await page.locator("#pulls tbody tr").count()) >= 1);
  await assertAccessible(page, "the last pulls with their numbers");
  await leave(page);
});

test("the card fits a telephone", async () => {
  const page = await openScreen(demo, "Overzicht", { size: PHONE });
  await card(page).waitFor();
  await assertFits(page);
  await assertAccessible(page, "the overview in August on a telephone");
  await leave(page);
});

test("before the year begins, its first day is what Vooruitblik names, by its date alone", async () => {
  const page = await openScreen(demo, "Vooruitblik");
  await page.getByRole("heading", { name: new RegExp(`^Starters op 01/09/${YEAR}`) }).waitFor();
  await leave(page);
});
