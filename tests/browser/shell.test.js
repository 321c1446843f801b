// What every page has: no JavaScript, a session that ends, a new version, the way out.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { assertAccessible, assertFits, assertNoFaults, leave, openPage, PHONE, shot } from "./harness/browser.js";
import { startDemo } from "./harness/demo.js";
import { cell, rowsShown } from "./harness/grid.js";
import { goTo, signIn } from "./harness/person.js";

let demo;
before(async () => (demo = await startDemo()));

async function opened(options = {}) {
  const page = await openPage(demo, options);
  await signIn(page, demo, "operator");
  await goTo(page, "Gebruikersnamen");
  await rowsShown(page);
  return page;
}

test("the landing page leads to the desk and to the documents", async () => {
  const page = await openPage(demo);
  await page.goto(`${demo.origin}/`);
  await assertAccessible(page, "the landing page");
  await page.getByRole("link", { name: "Gebruikersnamen nakijken en vrijgeven" }).click();
  await page.getByRole("heading", { name: "Aanmelden" }).waitFor();
  await assertAccessible(page, "the sign-in");
  await shot(page, "aanmelden");
  assertNoFaults(page);
  await page.context().close();
});

test("without JavaScript every page says so", async () => {
  const page = await openPage(demo, { javaScriptEnabled: false });
  await page.goto(`${demo.origin}/`);
  await page.getByText(/heeft JavaScript nodig/).waitFor();
  await signIn(page, demo, "operator");
  const paths = await page.getByRole("navigation", { name: "Menu" }).getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  assert.ok(paths.length >= 8, paths.join());
  for (const path of [...paths, "/desk/demo/gebruikersnamen/controlebestand", "/desk/handleiding"]) {
    await page.goto(`${demo.origin}${path}`);
    await page.getByText(/heeft JavaScript nodig/).waitFor();
  }
  await page.context().close();
});

test("a session that is over is told, and what was typed is saved after signing in elsewhere", async () => {
  const page = await opened();
  await cell(page, 0, "username").dblclick();
  await page.getByRole("textbox", { name: /^Gebruikersnaam van/ }).fill("na.de.pauze");
  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Je sessie is voorbij" });
  await dialog.waitFor();
  await assertAccessible(page, "a session that is over");
  await shot(page, "sessie-voorbij");
  await page.context().addCookies(cookies);
  await dialog.getByRole("button", { name: "Opnieuw proberen" }).click();
  await dialog.waitFor({ state: "detached" });
  // A name that Microsoft has is asked about, as ever.
  await page.getByRole("button", { name: "Ja, hernoem" }).click();
  await page.locator(".name-editor").waitFor({ state: "detached" });
  assert.match(await cell(page, 0, "username").textContent(), /^na\.de\.pauze/);
  assertNoFaults(page);
  await page.context().close();
});

test("a page of another version is told to load anew, and no edit is lost", async () => {
  const page = await opened();
  await page.goto(`${page.url().split("?")[0]}?mark=new`);
  await rowsShown(page);
  const person = await page.locator('.ag-row[row-index="0"]').first().getAttribute("row-id");
  await page.route("**/usernames/rows", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, headers: { ...answer.headers(), "x-desk-version": "0.0.0 (other)" } });
  });
  await cell(page, 0, "username").dblclick();
  await page.getByRole("textbox", { name: /^Gebruikersnaam van/ }).fill("half.getypt");
  // Somebody comes back to the page: it looks whether the list changed.
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  const banner = page.locator("#new-version");
  await banner.waitFor();
  assert.equal(await page.getByRole("textbox", { name: /^Gebruikersnaam van/ }).inputValue(), "half.getypt");
  await assertAccessible(page, "a new version");
  await shot(page, "nieuwe-versie");
  await page.unroute("**/usernames/rows");
  const loaded = page.waitForEvent("load");
  await banner.getByRole("button", { name: "Opnieuw laden" }).click();
  await page.waitForTimeout(1500);
  if (await banner.isVisible()) await banner.getByRole("button", { name: "Opnieuw laden" }).click();
  await loaded;
  await page.getByRole("searchbox").fill("half.getypt");
  await page.locator(`[row-id="${person}"] [col-id="username"]`, { hasText: "half.getypt" }).waitFor();
  assertNoFaults(page);
  await page.context().close();
});

test("signing out, here and everywhere, ends what it says", async () => {
  const [here, there, other] = [await opened(), await opened(), await opened()];
  await assertAccessible(here, "the list of somebody who signs out");
  await here.locator(".top .tools summary").click();
  await here.getByRole("button", { name: "Afmelden", exact: true }).click();
  await here.getByRole("heading", { name: "Aanmelden" }).waitFor();
  await here.goBack();
  await here.reload();
  await here.getByRole("heading", { name: "Aanmelden" }).waitFor();
  await there.reload();
  await rowsShown(there);

  await other.locator(".top .tools summary").click();
  await other.getByRole("button", { name: "Overal afmelden" }).click();
  await other.getByRole("heading", { name: "Aanmelden" }).waitFor();
  // A page that stands open says it in words, as soon as it asks the server something.
  await cell(there, 0, "sync").getByRole("checkbox").click();
  await there.getByRole("dialog", { name: "Je sessie is voorbij" }).waitFor();
  await assertAccessible(there, "a session that was ended elsewhere");
  await there.reload();
  await there.getByRole("heading", { name: "Aanmelden" }).waitFor();
  for (const page of [here, there, other]) await leave(page);
});

test("English is chosen where somebody is, and Dutch again", async () => {
  const page = await opened();
  await page.goto(`${demo.origin}/desk/demo/vooruitblik?day=2027-03-01`);
  for (const [language, title] of [["English", "Outlook"], ["Nederlands", "Vooruitblik"]]) {
    await page.locator(".top .tools summary").click();
    await page.getByRole("button", { name: language }).click();
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    assert.match(page.url(), /vooruitblik\?day=2027-03-01$/);
    await assertAccessible(page, language);
  }
  await leave(page);
});

test("the bar fits a telephone, and the menu of the user opens and closes by the keyboard", async () => {
  const page = await opened({ size: PHONE });
  await assertFits(page);
  const menu = page.locator(".top .tools summary");
  await menu.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Afmelden", exact: true }).waitFor();
  await assertAccessible(page, "the menu of the user");
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("button", { name: "Afmelden", exact: true }).isVisible(), false);
  await assertFits(page);
  await page.context().close();
});
