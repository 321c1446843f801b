// The page Gebruikersnamen, as a secretary uses it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { assertAccessible, assertFits, assertNoFaults, click, leave, openPage, PHONE, shot } from "./harness/browser.js";
import { importChanged, readTable } from "./harness/bundle.js";
import { startDemo } from "./harness/demo.js";
import { announced, cell, column, counted, focused, rowsShown } from "./harness/grid.js";
import { goTo, signIn } from "./harness/person.js";

const COLUMNS = ["Naam", "Voornaam", "Sync?", "Gebruikersnaam", "Domeinnaam", "School", "Vestiging", "Klas", "Geboortedatum", "Aangemaakt op"];

let demo;
before(async () => (demo = await startDemo()));

/** Opens the page as somebody. */
async function opened(options = {}, role = "operator") {
  const page = await openPage(demo, options);
  await signIn(page, demo, role);
  await goTo(page, "Gebruikersnamen");
  await rowsShown(page);
  return page;
}

const heads = (page) => page.locator(".usernames-grid .ag-header-row-column .ag-header-cell-text:visible");

test("R62 R58 ten columns have the manual's words, in its order", async () => {
  const page = await opened();
  assert.deepEqual(await heads(page).allTextContents(), COLUMNS);
  assert.equal(await announced(page), (await counted(page, "Leerlingen")) + (await counted(page, "Personeel")));
  await shot(page, "gebruikersnamen");
  await assertAccessible(page, "the list");
  assertNoFaults(page);
  await page.context().close();
});

test("R76 R77 R78 filters per column, words over columns and an order are the server's", async () => {
  const page = await opened();
  const all = await announced(page);
  await page.getByRole("textbox", { name: "Voornaam Filter" }).fill("an");
  await page.waitForFunction((before) => document.querySelector("[aria-rowcount]").getAttribute("aria-rowcount") < before, all);
  // The number comes before the rows.
  await page.waitForFunction(() => [...document.querySelectorAll('.usernames-grid .ag-row [col-id="given_name"]')].some((cell) => cell.textContent.trim()));
  const names = await column(page, "given_name");
  assert.ok(names.length > 0 && names.every((name) => /an/i.test(name)), names.join());
  await assertAccessible(page, "a filter set");
  await shot(page, "gebruikersnamen-filter");

  await click(page, page.getByRole("button", { name: "Filter wissen" }));
  await page.waitForFunction((before) => Number(document.querySelector("[aria-rowcount]").getAttribute("aria-rowcount")) >= before, all);
  const username = (await column(page, "username"))[3];
  await page.getByRole("searchbox").fill(username.slice(0, 9));
  await page.waitForFunction((name) => [...document.querySelectorAll('.ag-row[row-index="0"] [col-id="username"]')].some((at) => at.textContent.startsWith(name)), username.slice(0, 9));

  await page.getByRole("searchbox").fill("zzz geen mens");
  await page.getByText("Niemand voldoet aan deze filter").waitFor();
  await shot(page, "gebruikersnamen-niemand");
  await assertAccessible(page, "nobody found");
  await click(page, page.locator(".state").getByRole("button", { name: "Filter wissen" }));
  await rowsShown(page);

  await click(page, heads(page).filter({ hasText: "Voornaam" }));
  await page.locator('[col-id="given_name"][aria-sort="ascending"]').waitFor();
  await page.waitForTimeout(400);
  const sorted = await column(page, "given_name");
  assert.deepEqual(sorted, [...sorted].sort(new Intl.Collator("nl").compare));
  assertNoFaults(page);
  await page.context().close();
});

test("R79 R80 R81 columns are hidden, widened and moved, and stand so at the next visit", async () => {
  const page = await opened();
  await click(page, page.locator(".columns-menu summary"));
  await page.getByLabel("Geboortedatum", { exact: true }).uncheck();
  await page.getByLabel("Laatst opgehaald", { exact: true }).check();
  await assertAccessible(page, "the menu of columns");
  await page.keyboard.press("Escape");
  const edge = await page.locator('[role="columnheader"][col-id="family_name"] .ag-header-cell-resize').boundingBox();
  const before = (await page.locator('[role="columnheader"][col-id="family_name"]').boundingBox()).width;
  await page.mouse.move(edge.x + edge.width / 2, edge.y + 10);
  await page.mouse.down();
  await page.mouse.move(edge.x + 70, edge.y + 10, { steps: 6 });
  await page.mouse.up();
  const from = await page.locator('[role="columnheader"][col-id="class"]').boundingBox();
  const to = await page.locator('[role="columnheader"][col-id="given_name"]').boundingBox();
  await page.mouse.move(from.x + 20, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(to.x + 40, to.y + 12, { steps: 20 });
  await page.waitForTimeout(200);
  await page.mouse.up();
  const kept = page.waitForResponse((answer) => answer.url().includes("/preferences/") && answer.request().method() === "PUT");
  assert.equal((await kept).ok(), true);
  await page.reload();
  await rowsShown(page);
  const shown = await heads(page).allTextContents();
  assert.ok(!shown.includes("Geboortedatum") && shown.includes("Laatst opgehaald"), shown.join());
  assert.ok(shown.indexOf("Klas") < shown.indexOf("Sync?"), shown.join());
  assert.ok((await page.locator('[role="columnheader"][col-id="family_name"]').boundingBox()).width > before + 30);
  await click(page, page.locator(".columns-menu summary"));
  await click(page, page.getByRole("button", { name: "Kolommen herstellen" }));
  await page.keyboard.press("Escape");
  // Somebody who leaves at once finds it so all the same.
  await page.reload();
  await rowsShown(page);
  assert.deepEqual(await heads(page).allTextContents(), COLUMNS);
  assertNoFaults(page);
  await page.context().close();
});

test("R75 R71 R72 a username is edited in its cell; what is refused says why and the way out", async () => {
  const page = await opened();
  await click(page, page.getByRole("button", { name: /^Nog vrij te geven/ }));
  await page.waitForTimeout(600);
  const taken = (await column(page, "username"))[1];
  await cell(page, 0, "username").dblclick();
  const editor = page.getByRole("textbox", { name: /^Gebruikersnaam van/ });
  await editor.fill(taken);
  await page.keyboard.press("Enter");
  await page.locator(".name-editor .field-error").waitFor();
  assert.equal(await editor.getAttribute("aria-invalid"), "true");
  await assertAccessible(page, "an editor with an error");
  await shot(page, "gebruikersnamen-fout");
  await editor.fill("");
  await page.keyboard.press("Enter");
  await page.locator(".name-editor .field-error").waitFor();

  await editor.fill("een.nieuwe.naam");
  await page.keyboard.press("Enter");
  await page.locator(".name-editor").waitFor({ state: "detached" });
  assert.match(await cell(page, 0, "username").textContent(), /^een\.nieuwe\.naam/);
  await page.getByText(/Klaar sinds \d\d:\d\d, Microsoft leest dit bij de volgende synchronisatie/).waitFor();
  assert.deepEqual(await focused(page), { row: 0, column: "username" });

  await page.keyboard.press("F2");
  await page.keyboard.type("weg.ermee");
  await page.keyboard.press("Escape");
  assert.match(await cell(page, 0, "username").textContent(), /^een\.nieuwe\.naam/);
  assertNoFaults(page);
  await page.context().close();
});

test("a name that Microsoft has asks once in the cell before it is changed", async () => {
  const page = await opened();
  await click(page, page.getByRole("button", { name: /^Sync aan/ }));
  await page.waitForTimeout(600);
  const old = (await column(page, "username"))[2];
  await cell(page, 2, "username").click();
  await page.keyboard.press("F2");
  await page.keyboard.type("een.andere.naam");
  await page.keyboard.press("Enter");
  const yes = page.getByRole("button", { name: "Ja, hernoem" });
  await yes.waitFor();
  await assertAccessible(page, "the question in the cell");
  await shot(page, "gebruikersnamen-hernoem");
  await click(page, page.getByRole("button", { name: "Nee, behoud de naam" }));
  assert.ok((await cell(page, 2, "username").textContent()).startsWith(old));
  await page.keyboard.press("Enter");
  await page.keyboard.type("een.andere.naam");
  await page.keyboard.press("Enter");
  await yes.waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".name-editor").waitFor({ state: "detached" });
  assert.match(await cell(page, 2, "username").textContent(), /^een\.andere\.naam/);
  assertNoFaults(page);
  await page.context().close();
});

test("R74 R59 one Sync box is set, cleared and taken back", async () => {
  const page = await opened();
  await click(page, page.getByRole("button", { name: /^Nog vrij te geven/ }));
  await page.waitForTimeout(600);
  const box = cell(page, 0, "sync").getByRole("checkbox");
  await click(page, box);
  await page.getByText(/is vrijgegeven: Sync staat aan/).waitFor();
  assert.equal(await box.isChecked(), true);
  await click(page, page.locator(".toast").getByRole("button", { name: "Ongedaan maken" }).first());
  await page.getByText(/Sync staat uit voor/).waitFor();
  assert.equal(await box.isChecked(), false);
  assertNoFaults(page);
  await page.context().close();
});

test("the header box and Ctrl+A mean everybody who matches; a preview comes before anything changes, and it is undone", async () => {
  const page = await opened();
  await click(page, page.getByRole("button", { name: /^Personeel/ }));
  await click(page, page.getByRole("button", { name: /^Sync aan/ }));
  await page.waitForTimeout(600);
  const staff = await announced(page);
  await click(page, page.getByRole("checkbox", { name: /^Selecteer iedereen/ }));
  await page.getByText(`Iedereen die voldoet is geselecteerd: ${staff}`).waitFor();
  await click(page, page.locator(".usernames-bulk").getByRole("button", { name: "Sync uitzetten" }));
  const dialog = page.getByRole("dialog", { name: "Sync uitzetten" });
  await dialog.getByText(/tegengehouden/).first().waitFor();
  await assertAccessible(page, "the preview");
  await shot(page, "gebruikersnamen-voorbeeld");
  await dialog.getByLabel(/^Reden/).fill("proef");
  await click(page, dialog.getByRole("button", { name: "Sync uitzetten" }));
  await page.getByText(/^Sync uitgezet voor/).waitFor();
  await page.getByText(/zette Sync uit voor/).waitFor();
  await click(page, page.locator(".usernames-foot").getByRole("button", { name: "Ongedaan maken" }));
  await click(page, page.getByRole("dialog").getByRole("button", { name: "Ongedaan maken" }));
  await page.getByRole("dialog").getByText(/staan weer zoals voordien/).waitFor();
  await shot(page, "gebruikersnamen-ongedaan");
  await click(page, page.getByRole("dialog").getByRole("button", { name: "Sluiten" }).last());
  await page.waitForFunction((before) => document.querySelector("[aria-rowcount]").getAttribute("aria-rowcount") >= before, staff);
  assertNoFaults(page);
  await page.context().close();
});

test("everybody but one is selected, and the preview counts them so", async () => {
  const page = await opened();
  await click(page, page.getByRole("button", { name: /^Personeel/ }));
  await page.waitForTimeout(600);
  const staff = await announced(page);
  await click(page, page.getByRole("checkbox", { name: /^Selecteer iedereen/ }));
  await click(page, cell(page, 1, "select").getByRole("checkbox"));
  await page.getByText(`Iedereen die voldoet is geselecteerd: ${staff - 1}`).waitFor();
  const asked = page.waitForResponse(/bulk\/preview/);
  await click(page, page.locator(".usernames-bulk").getByRole("button", { name: "Sync uitzetten" }));
  assert.equal((await (await asked).json()).count, staff - 1);
  await assertAccessible(page, "the preview of switching off");
  await shot(page, "gebruikersnamen-uitzetten");
  await page.keyboard.press("Escape");
  assertNoFaults(page);
  await page.context().close();
});

test("a login is found and copied in three clicks from signing in", async () => {
  const page = await opened();
  const wanted = (await column(page, "username"))[5];
  await page.getByRole("searchbox").fill(wanted);
  await page.waitForTimeout(700);
  await click(page, cell(page, 0, "family_name"));
  await assertAccessible(page, "the panel");
  await shot(page, "gebruikersnamen-fiche");
  await click(page, page.getByRole("button", { name: "Kopieer" }));
  assert.ok((await page.evaluate(() => navigator.clipboard.readText())).startsWith(wanted.split("@")[0]));
  assert.ok(page.clicks <= 3, `${page.clicks} clicks`);
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("dialog").count(), 0);
  assertNoFaults(page);
  await page.context().close();
});

test("the keyboard reaches everything", async () => {
  const page = await opened();
  await page.getByRole("searchbox").focus();
  await page.keyboard.press("ArrowDown");
  assert.deepEqual(await focused(page), { row: 0, column: "family_name" });
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  assert.deepEqual(await focused(page), { row: 1, column: "given_name" });
  await page.keyboard.press("End");
  assert.deepEqual(await focused(page), { row: 1, column: "created_at" });
  await page.keyboard.press("Home");
  assert.deepEqual(await focused(page), { row: 1, column: "select" });
  await page.keyboard.press("PageDown");
  assert.ok((await focused(page)).row > 5);
  await page.keyboard.press("PageUp");
  await page.keyboard.press("Control+End");
  const last = (await announced(page)) - 1;
  await page.waitForFunction((row) => document.activeElement?.closest(`[row-index="${row}"]`), last);
  assert.equal((await focused(page)).column, "created_at");
  // Also once its row has come from the server.
  await cell(page, last, "created_at").filter({ hasText: /\d/ }).waitFor();
  assert.deepEqual(await focused(page), { row: last, column: "created_at" });
  await page.keyboard.press("Control+Home");
  await page.waitForFunction(() => document.activeElement?.closest('[row-index="0"]'));
  await page.keyboard.press("Space");
  await page.getByText("1 persoon geselecteerd").waitFor();
  await page.keyboard.press("Control+a");
  await page.getByText(/^Iedereen die voldoet is geselecteerd/).waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".usernames-bulk").isVisible(), false);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  assert.equal((await focused(page)).row, 0);
  assertNoFaults(page);
  await page.context().close();
});

test("R82 the list is exported as a file by the server, all that matches with the columns shown", async () => {
  const page = await opened();
  const people = await announced(page);
  await click(page, page.locator("summary", { hasText: "Exporteren" }));
  const saved = page.waitForEvent("download");
  await click(page, page.getByRole("button", { name: "CSV", exact: true }));
  const text = await readFile(await (await saved).path(), "utf8");
  const lines = text.trim().split(/\r?\n/);
  assert.equal(lines.length, people + 1);
  for (const name of COLUMNS) assert.ok(lines[0].includes(name), lines[0]);
  assertNoFaults(page);
  await page.context().close();
});

test("names and usernames are printed per class, without birth dates", async () => {
  const page = await opened();
  await click(page, page.getByRole("button", { name: "Afdrukken per klas" }));
  await assertAccessible(page, "what to print");
  const opens = page.context().waitForEvent("page");
  await click(page, page.getByRole("button", { name: "Bladen openen" }));
  const sheets = await opens;
  await sheets.getByRole("heading", { level: 1 }).first().waitFor();
  assert.ok((await sheets.locator("section").count()) > 3);
  assert.doesNotMatch(await sheets.locator("body").textContent(), /\b(19|20)\d\d-\d\d-\d\d|Geboortedatum/);
  await assertAccessible(sheets, "the sheets");
  await shot(sheets, "afdrukken-per-klas");
  assertNoFaults(page);
  await page.context().close();
});

test("R84 a change made elsewhere is seen on the open page, and the focus stays", async () => {
  const page = await opened();
  await cell(page, 4, "username").click();
  const name = (await column(page, "username"))[4];
  const id = await page.locator('.ag-row[row-index="4"]').first().getAttribute("row-id");
  await demo.run("usernames", "set", "--tenant", "demo", "--user", id, "van.buiten");
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await page.waitForFunction((row) => document.querySelector(`[row-id="${row}"] [col-id="username"]`)?.textContent.startsWith("van.buiten"), id);
  assert.notEqual(name, "van.buiten");
  assert.equal((await focused(page)).column, "username");
  assertNoFaults(page);
  await page.context().close();
});

test("R83 somebody who reads sees the list and changes nothing", async () => {
  const page = await opened({}, "reader");
  assert.equal(await page.getByRole("checkbox", { name: /^Selecteer/ }).count(), 0);
  assert.equal(await cell(page, 0, "sync").getByRole("checkbox").isEnabled(), false);
  await cell(page, 0, "username").dblclick();
  assert.equal(await page.locator(".name-editor").count(), 0);
  await assertAccessible(page, "as a reader");
  await page.context().close();
});

test("at 360 pixels the name, the username and Sync are operable and the page does not scroll sideways", async () => {
  const page = await opened({ size: PHONE });
  await assertFits(page);
  assert.deepEqual(await heads(page).allTextContents(), ["Naam", "Sync?", "Gebruikersnaam"]);
  await assertAccessible(page, "on a telephone");
  await shot(page, "gebruikersnamen-telefoon");
  await cell(page, 0, "username").dblclick();
  await page.getByRole("textbox", { name: /^Gebruikersnaam van/ }).waitFor();
  await assertFits(page);
  await page.keyboard.press("Escape");
  await cell(page, 0, "family_name").click();
  await page.getByRole("dialog").waitFor();
  await shot(page, "gebruikersnamen-telefoon-fiche");
  await assertFits(page);
  await page.keyboard.press("Escape");
  assertNoFaults(page);
  await page.context().close();
});

test("R76 R78 on a telephone the list is filtered and sorted by any column in a dialog", async () => {
  const page = await opened({ size: PHONE });
  const all = await announced(page);
  const open = page.getByRole("button", { name: "Filteren en sorteren" });
  await open.click();
  const dialog = page.getByRole("dialog", { name: "Filteren en sorteren" });
  await dialog.getByLabel("Voornaam", { exact: true }).fill("an");
  await dialog.getByLabel("Sorteren op").selectOption("Klas");
  await dialog.getByLabel("Van achter naar voor").check();
  await assertAccessible(page, "filter and order on a telephone");
  await assertFits(page);
  await shot(page, "gebruikersnamen-telefoon-filter");
  const asked = page.waitForRequest((request) => request.url().endsWith("/usernames/rows") && request.postData().includes('"given_name"'));
  await dialog.getByRole("button", { name: "Tonen" }).click();
  const { sort, filter } = JSON.parse((await asked).postData());
  assert.deepEqual(sort, [{ column: "class", descending: true }]);
  assert.deepEqual(filter.columns, { given_name: { contains: "an" } });
  await page.waitForFunction((before) => Number(document.querySelector("[aria-rowcount]").getAttribute("aria-rowcount")) < before, all);
  await open.click();
  assert.equal(await dialog.getByLabel("Voornaam", { exact: true }).inputValue(), "an");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Filter wissen" }).first().click();
  await page.waitForFunction((before) => Number(document.querySelector("[aria-rowcount]").getAttribute("aria-rowcount")) >= before, all);
  await assertFits(page);
  await leave(page);
});

test("an import by a command is on the open page: somebody who left is gone from it", async () => {
  const page = await opened();
  const people = await announced(page);
  const gone = await cell(page, 0, "family_name").textContent();
  const id = await page.locator('.ag-row[row-index="0"]').first().getAttribute("row-id");
  const key = (await readTable(demo, "persoon")).find(({ rowguid }) => rowguid === id).p_persoon;
  const yesterday = new Date(Date.now() - 86_400_000 * 2).toISOString().slice(0, 10);
  await cell(page, 3, "username").click();
  const who = await page.locator('.ag-row[row-index="3"]').first().getAttribute("row-id");
  for (const table of ["inschrijving", "opdracht"]) await importChanged(demo, table, (row) => row.p_persoon === key && (row.einddatum = yesterday));
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await page.waitForFunction((before) => Number(document.querySelector("[aria-rowcount]").getAttribute("aria-rowcount")) < before, people + 2);
  await page.waitForFunction((row) => !document.querySelector(`.usernames-grid [row-id="${row}"]`), id);
  assert.equal(await announced(page), people - 1, gone);
  // The focus went along with the person who had it.
  await page.waitForFunction((row) => document.activeElement?.closest("[row-id]")?.getAttribute("row-id") === row, who);
  await leave(page);
});

test("in the dark every word is legible", async () => {
  const page = await opened({ dark: true });
  await assertAccessible(page, "in the dark");
  await shot(page, "gebruikersnamen-donker");
  await page.context().close();
});

test("R59 new names are released in four clicks from signing in", async () => {
  const page = await openPage(demo);
  await signIn(page, demo, "operator");
  await click(page, page.locator('a[href*="mark=new"]').first());
  await rowsShown(page);
  await click(page, page.getByRole("checkbox", { name: /^Selecteer iedereen/ }));
  await click(page, page.locator(".usernames-bulk").getByRole("button", { name: "Sync aanzetten" }));
  const yes = page.getByRole("dialog", { name: "Sync aanzetten" }).getByRole("button", { name: "Sync aanzetten" });
  await page.waitForFunction(() => document.querySelector("dialog .dialog-actions .primary")?.disabled === false);
  await click(page, yes);
  await page.getByText(/^Sync aangezet voor/).waitFor();
  assert.ok(page.clicks <= 4, `${page.clicks} clicks`);
  assertNoFaults(page);
  await page.context().close();
});
