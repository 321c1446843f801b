// The guide, followed by somebody who has only the guide and a browser: each task does what a chapter says, and finds things by the words
// that the chapter uses. A word that the guide says and the page does not, or the other way round, is a wrong turn, and fails.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { assertAccessible, assertFits, DESKTOP, leave, openPage, PHONE, shot } from "./harness/browser.js";
import { pull, startDemo, token } from "./harness/demo.js";
import { cell, column, rowsShown } from "./harness/grid.js";
import { follow, goTo, signIn } from "./harness/person.js";

let demo;
let guide;
before(async () => {
  demo = await startDemo({ pupils: 240 });
  const page = await openPage(demo);
  await page.goto(`${demo.origin}/desk/handleiding`);
  guide = await page.evaluate(() => {
    const chapters = {};
    let title = "";
    for (const element of document.querySelector("main").querySelectorAll("h1, h2, h3, p, li")) {
      if (/^H/.test(element.tagName)) title = element.textContent;
      else chapters[title] = `${chapters[title] ?? ""}\n${element.textContent}`;
    }
    return chapters;
  });
  await leave(page);
});

/** The chapter of the guide that somebody follows. `says(words)` gives the words back if the chapter has them. */
function chapter(title) {
  const words = guide[title]?.replaceAll(/\s+/g, " ");
  assert.ok(words, `no chapter ${title}`);
  return (said) => {
    assert.ok(words.toLowerCase().includes(said.toLowerCase()), `the chapter ${title} does not say "${said}": ${words}`);
    return said;
  };
}

const press = (place, words) => place.getByRole("button", { name: words }).last().click();

async function signedIn(role = "admin") {
  const page = await openPage(demo);
  await signIn(page, demo, role);
  return page;
}

async function list(page) {
  await goTo(page, "Gebruikersnamen");
  await rowsShown(page);
  await page.waitForTimeout(300);
}

test("the guide has its pictures, and fits a telephone", async () => {
  for (const size of [DESKTOP, PHONE]) {
    const page = await openPage(demo, { size });
    await page.goto(`${demo.origin}/desk/handleiding`);
    await page.waitForFunction(() => [...document.images].every((picture) => picture.complete));
    assert.deepEqual(await page.evaluate(() => [...document.images].filter(({ naturalWidth }) => naturalWidth === 0).map(({ src }) => src)), []);
    await assertAccessible(page, "the guide");
    await assertFits(page);
    await leave(page);
  }
});

test("each screen leads to its chapter", async () => {
  const page = await signedIn("operator");
  for (const path of await page.getByRole("navigation", { name: "Menu" }).getByRole("link").evaluateAll((links) => links.map(({ href }) => href))) {
    await page.goto(path);
    await page.getByRole("link", { name: "Handleiding bij dit scherm" }).click();
    await page.waitForURL(/handleiding#/);
    assert.equal(await page.evaluate(() => document.getElementById(location.hash.slice(1)) !== null), true, `${path} ${page.url()}`);
  }
  await leave(page);
});

test("task 1 and 7: the first check of names, by the check file", async () => {
  const says = chapter("De eerste keer");
  const page = await signedIn();
  await list(page);
  await follow(page, page.getByRole("link", { name: says("Controlebestand") }));
  const saved = page.waitForEvent("download");
  await press(page, says("Download als CSV"));
  const lines = (await readFile(await (await saved).path(), "utf8")).split("\r\n");
  says("derde kolom");
  const cells = lines[1].split(";");
  cells[2] = "uit.de.handleiding";
  lines[1] = cells.join(";");
  await page.getByRole("heading", { name: says("Bestand nakijken") }).waitFor();
  await page.getByLabel("Kies een bestand").setInputFiles({ name: "nagekeken.csv", mimeType: "text/csv", buffer: Buffer.from(lines.join("\r\n")) });
  await page.getByRole("row", { name: /uit\.de\.handleiding/ }).waitFor();
  await press(page, says("Toepassen"));
  await press(page.getByRole("dialog"), says("Toepassen"));
  await page.locator("#check-file-result .notice.good[role=status]").waitFor();
  await leave(page);
});

test("task 2 and 3: one name is corrected, and new names are released", async () => {
  const edits = chapter("Een naam aanpassen");
  const page = await signedIn();
  edits("Dubbelklik op de gebruikersnaam");
  await list(page);
  const releases = chapter("Vrijgeven");
  await press(page, new RegExp(`^${releases("Nog vrij te geven")}`));
  await page.waitForTimeout(600);
  const first = await column(page, "username");
  assert.ok(first.length > 0, "the demo's secretary has names to release");
  await cell(page, 0, "username").dblclick();
  await page.keyboard.type("verbeterde.naam");
  await page.keyboard.press(edits("Enter"));
  await page.locator(".name-editor").waitFor({ state: "detached" });
  assert.match(await cell(page, 0, "username").textContent(), /^verbeterde\.naam/);
  releases("vakje in de titelrij");
  await page.getByRole("columnheader").first().getByRole("checkbox").check();
  await press(page, releases("Sync aanzetten"));
  const shown = page.getByRole("dialog", { name: releases("Sync aanzetten") });
  await shown.getByText(/Microsoft/).first().waitFor();
  await press(shown, releases("Sync aanzetten"));
  await page.getByText(/^Sync aangezet voor/).waitFor();
  await leave(page);
});

test("task 4: one is switched off with a reason, which is read later", async () => {
  const says = chapter("Uitzetten");
  const page = await signedIn();
  await list(page);
  const name = (await column(page, "username"))[3];
  says("vakje vooraan in de rij");
  await cell(page, 3, "select").getByRole("checkbox").check();
  await press(page, says("Sync uitzetten"));
  const shown = page.getByRole("dialog", { name: says("Sync uitzetten") });
  await shown.getByLabel(says("Reden")).fill("gaat naar een andere school");
  await press(shown, says("Sync uitzetten"));
  await page.getByText(/^Sync uitgezet voor/).waitFor();
  says("Historiek");
  await goTo(page, "Historiek");
  await page.getByLabel("Persoon").fill(name);
  await press(page, "Tonen");
  await page.getByText(/gaat naar een andere school/).waitFor();
  says("fiche");
  await list(page);
  await page.getByRole("searchbox").fill(name);
  await page.waitForTimeout(700);
  await cell(page, 0, "family_name").click();
  await page.getByRole("dialog").getByText(/gaat naar een andere school/).first().waitFor();
  await leave(page);
});

test("task 5: why a pupil is not in a class", async () => {
  const says = chapter("Zoeken");
  const page = await signedIn();
  await list(page);
  const at = (await column(page, "class")).findIndex((title) => title !== "");
  const [given, own] = [(await column(page, "given_name"))[at], (await column(page, "class"))[at]];
  const other = (await column(page, "class")).find((title) => title !== "" && title !== own);
  await page.keyboard.press("Escape");
  await page.locator("main").click({ position: { x: 5, y: 5 } });
  await page.keyboard.press(says("/"));
  says("een naam en een klas");
  await page.getByRole("combobox").fill(`${given} ${other}`);
  await page.getByRole("option").first().click();
  await page.locator(".why-sentence").getByText(/klas/).waitFor();
  await shot(page, "waarom-niet-in-de-klas");
  await leave(page);
});

test("task 6: a class list is printed", async () => {
  const says = chapter("Afdrukken");
  const page = await signedIn();
  await list(page);
  const wanted = (await column(page, "class")).find((title) => title !== "");
  await press(page, says("Afdrukken per klas"));
  await page.getByRole("dialog").getByLabel(says("Klas")).fill(wanted);
  const opens = page.context().waitForEvent("page");
  await press(page, says("Bladen openen"));
  const sheets = await opens;
  await sheets.getByRole("heading", { name: wanted }).first().waitFor();
  await leave(page);
});

test("task 8: what is held is looked at", async () => {
  const says = chapter("Tegengehouden");
  await demo.run("usernames", "sync", "--tenant", "demo", "off", "--all");
  await demo.run("publish", "--tenant", "demo").catch(() => null);
  const page = await signedIn();
  await goTo(page, says("Overzicht"));
  await page.getByRole("heading", { name: says("Tegengehouden") }).waitFor();
  assert.ok((await page.locator("#held li").count()) > 0);
  says("helpdesk");
  await leave(page);
  await demo.run("usernames", "sync", "--tenant", "demo", "on", "--all");
  await demo.run("publish", "--tenant", "demo").catch(() => null);
});

test("task 9: a colleague is given rights", async () => {
  const says = chapter("Wie mag wat");
  const accounts = JSON.stringify(JSON.parse(await demo.run("admin", "list", "--json")));
  const school = accounts.match(/"school":"(\w+)"/)[1];
  const { password } = JSON.parse(await demo.run("admin", "create-user", "an.beheert", "--tenant", "demo", "--school", school, "--manager", "--json"));
  await demo.run("admin", "create-user", "tom.helpt", "--tenant", "demo", "--school", school, "--role", "iBasis: Alles lezen");
  const page = await openPage(demo);
  await signIn(page, demo, { user: "an.beheert", password });
  await goTo(page, says("Toegang"));
  await press(page, says("Rechten geven"));
  const dialog = page.getByRole("dialog", { name: says("Rechten geven") });
  await dialog.getByLabel(says("Aan wie")).fill("tom.helpt");
  await dialog.getByText(says("Waar"), { exact: true }).waitFor();
  await dialog.getByLabel(says("Welk recht")).selectOption({ index: 3 });
  await press(dialog, says("Rechten geven"));
  await page.getByText(/gegeven\.$|hadden deze rechten al\.$/).first().waitFor();
  await leave(page);
});

test("from signing in as the secretary to a released and renamed pupil that a fresh token reads", async () => {
  await demo.run("usernames", "sync", "--tenant", "demo", "off", "--user", JSON.parse(await demo.run("usernames", "list", "--tenant", "demo", "--json")).usernames.find(({ username }) => username.startsWith("verbeterde.naam")).sourced_id).catch(() => null);
  await pull(demo);
  const began = Date.now();
  const page = await signedIn();
  await list(page);
  await page.getByRole("searchbox").fill("verbeterde.naam");
  await page.waitForFunction(() => document.querySelector('.ag-row[row-index="0"] [col-id="username"]')?.textContent.startsWith("verbeterde"));
  await cell(page, 0, "username").dblclick();
  await page.keyboard.type("tweede.naam");
  await page.keyboard.press("Enter");
  const yes = page.getByRole("button", { name: "Ja, hernoem" });
  await yes.or(page.locator('.usernames-grid [col-id="username"]', { hasText: "tweede.naam" })).first().waitFor();
  if (await yes.isVisible()) await yes.click();
  await page.locator(".name-editor").waitFor({ state: "detached" });
  await page.getByRole("searchbox").fill("tweede.naam");
  await page.waitForFunction(() => document.querySelector('.ag-row[row-index="0"] [col-id="username"]')?.textContent.startsWith("tweede"));
  const box = cell(page, 0, "sync").getByRole("checkbox");
  if (!(await box.isChecked())) await box.click();
  let found = null;
  while (found === null && Date.now() - began < 120_000) {
    const answer = await fetch(`${demo.base_url}/users?limit=5000`, { headers: { authorization: `Bearer ${await token(demo)}` } });
    found = (await answer.json()).users.find(({ username, status }) => username.startsWith("tweede.naam") && status === "active") ?? null;
    if (found === null) await page.waitForTimeout(1000);
  }
  const took_s = (Date.now() - began) / 1000;
  assert.ok(found, "served within two minutes");
  console.log(`a released and renamed pupil is served ${took_s.toFixed(1)} s after the page of the sign-in`);
  await leave(page);
});
