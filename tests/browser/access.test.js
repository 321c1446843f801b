// Toegang, as a manager of a school uses it: rights given, taken, copied from a colleague, to many at once; accounts and passwords.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { assertAccessible, assertFits, leave, openPage, PHONE, shot } from "./harness/browser.js";
import { startDemo } from "./harness/demo.js";
import { comeBack, goTo, openScreen, signIn } from "./harness/person.js";

const READS = "iLeerlingen: Alles lezen";
const WRITES = "iLeerlingen: Alles schrijven";

let demo;
let school;
before(async () => {
  demo = await startDemo({ pupils: 60 });
  const accounts = JSON.parse(await demo.run("admin", "list", "--json"));
  school = JSON.stringify(accounts).match(/"school":"(\w+)"/)[1];
  await account("mia.beheert", "Mia Beheert", "--manager");
  for (const number of [1, 2, 3]) await account(`collega${number}`, `Collega ${number}`, "--role", READS);
});

/** Makes an account with rights at the school, by a command. */
async function account(name, displayName, ...right) {
  const made = JSON.parse(await demo.run("admin", "create-user", name, "--display-name", displayName, "--tenant", "demo", "--school", school, ...right, "--json"));
  demo[`${name}_password`] = made.password;
}

async function opened(options = {}) {
  const page = await openPage(demo, options);
  await signIn(page, demo, { user: "mia.beheert", password: demo["mia.beheert_password"] });
  await goTo(page, "Toegang");
  await page.getByRole("row", { name: /Collega 1/ }).waitFor();
  return page;
}

const row = (page, name) => page.locator("#access-list tr", { has: page.getByRole("rowheader", { name }) });
const rights = (page, name) => row(page, name).getByRole("listitem");

test("a right is given to a colleague by name, holds at once, and is taken again", async () => {
  const page = await opened();
  await assertAccessible(page, "who has access");
  await shot(page, "toegang");
  await page.getByRole("button", { name: "Rechten geven" }).click();
  const dialog = page.getByRole("dialog", { name: "Rechten geven" });
  await shot(page, "rechten-geven");
  await dialog.getByRole("button", { name: "Rechten geven" }).click();
  await dialog.getByRole("alert").getByText("Zeg aan wie.").waitFor();
  await dialog.getByLabel("Aan wie").fill("niemand.zo");
  await dialog.getByRole("button", { name: "Rechten geven" }).click();
  await dialog.getByRole("alert").getByText(/^Er is geen account niemand\.zo\./).waitFor();
  await assertAccessible(page, "giving a right, with what is wrong");
  await shot(page, "rechten-geven-fout");
  await dialog.getByLabel("Aan wie").fill("collega1");
  await dialog.getByLabel("Welk recht").selectOption({ label: `${WRITES} (schrijven)` });
  await dialog.getByRole("button", { name: "Rechten geven" }).click();
  await page.getByText("Eén recht gegeven.").waitFor();
  await rights(page, "Collega 1").filter({ hasText: WRITES }).waitFor();
  await page.getByText(/mia\.beheert gaf collega1 iLeerlingen: Alles schrijven/).first().waitFor();
  const colleague = await openPage(demo);
  await signIn(colleague, demo, { user: "collega1", password: demo.collega1_password });
  await goTo(colleague, "Gebruikersnamen");
  await colleague.locator('#usernames[data-may-write="true"]').waitFor();

  await row(page, "Collega 1").getByRole("button", { name: new RegExp(`^${WRITES}.* van Collega 1 afnemen$`) }).click();
  const asked = page.getByRole("dialog", { name: "Recht afnemen?" });
  await asked.getByText(/^Collega 1 verliest/).waitFor();
  await assertAccessible(page, "whether to take a right");
  await asked.getByRole("button", { name: "Annuleren" }).click();
  assert.match(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), /van Collega 1 afnemen$/);
  await page.keyboard.press("Enter");
  await asked.getByRole("button", { name: "Afnemen" }).click();
  await page.getByText("Het recht is afgenomen.").waitFor();
  await rights(page, "Collega 1").filter({ hasText: WRITES }).waitFor({ state: "detached" });
  // What had the focus is gone: it is with the list, not with nothing.
  await page.waitForFunction(() => document.getElementById("access-list").contains(document.activeElement));
  await colleague.reload();
  await colleague.locator('#usernames[data-may-write="false"]').waitFor();
  await leave(colleague);
  await leave(page);
});

test("many at once, at one site, as a role of their own; and what a colleague has is copied", async () => {
  const page = await opened();
  await page.getByRole("checkbox", { name: "Kies Collega 2" }).check();
  await page.getByRole("checkbox", { name: "Kies Collega 3" }).check();
  await page.getByRole("button", { name: "Rechten geven" }).click();
  const dialog = page.getByRole("dialog", { name: "Rechten geven" });
  await dialog.getByText("Aan de gekozen collega's: Collega 2, Collega 3").waitFor();
  const everySite = dialog.getByRole("checkbox", { name: /alle vestigingen$/ });
  await everySite.uncheck();
  await dialog.getByRole("button", { name: "Rechten geven" }).click();
  await dialog.getByRole("alert").getByText("Kies minstens één school of vestiging.").waitFor();
  await dialog.getByRole("checkbox").nth(1).check();
  await dialog.getByLabel("Welk recht").selectOption("Eigen rol");
  await dialog.getByLabel("Naam van de rol").fill("<b>Zorg</b>");
  await dialog.getByLabel("Gebaseerd op").selectOption(READS);
  await dialog.getByLabel("Wat de rol opent").selectOption("schrijven");
  await assertAccessible(page, "a role of their own");
  await dialog.getByRole("button", { name: "Rechten geven" }).click();
  await page.getByText("2 rechten gegeven.").waitFor();
  for (const name of ["Collega 2", "Collega 3"]) await rights(page, name).filter({ hasText: "<b>Zorg</b>" }).waitFor();
  assert.equal(await page.getByRole("checkbox", { name: "Kies Collega 2" }).isChecked(), true);

  await page.getByRole("checkbox", { name: "Kies Collega 2" }).uncheck();
  await page.getByRole("checkbox", { name: "Kies Collega 3" }).uncheck();
  await page.getByRole("checkbox", { name: "Kies Lezer" }).check();
  await page.getByRole("button", { name: "Rechten kopiëren van Collega 2 naar een collega" }).click();
  const copy = page.getByRole("dialog", { name: "Rechten van Collega 2 kopiëren" });
  await assertAccessible(page, "copying rights");
  await copy.getByLabel("Aan wie").fill("collega1");
  await copy.getByRole("button", { name: "Rechten kopiëren" }).click();
  await page.getByText(/rechten gegeven\.$/).last().waitFor();
  for (const name of ["Lezer", "Collega 1"]) await rights(page, name).filter({ hasText: "<b>Zorg</b>" }).waitFor();
  await leave(page);
});

test("an account is made and its password shown once; another password ends what was open", async () => {
  const page = await opened();
  await page.getByRole("button", { name: "Account maken" }).click();
  const dialog = page.getByRole("dialog", { name: "Account maken" });
  await dialog.getByLabel("Gebruikersnaam").fill("nieuwe collega");
  await dialog.getByLabel("Naam op de pagina's").fill("Nieuwe Collega");
  await dialog.getByRole("button", { name: "Account maken" }).click();
  await dialog.getByRole("alert").getByText(/letters zonder accenten/).waitFor();
  await dialog.getByLabel("Gebruikersnaam").fill("nieuwe.collega");
  await assertAccessible(page, "making an account");
  await dialog.getByRole("button", { name: "Account maken" }).click();
  const shown = page.getByRole("dialog", { name: "Wachtwoord van Nieuwe Collega" });
  await shown.waitFor();
  await assertAccessible(page, "a password shown once");
  const password = await shown.locator(".login").textContent();
  await shown.getByRole("button", { name: "Kopiëren" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), password);
  await shown.getByRole("button", { name: "Sluiten" }).last().click();
  assert.ok(!(await page.content()).includes(password));
  const colleague = await openPage(demo);
  await signIn(colleague, demo, { user: "nieuwe.collega", password });

  await page.getByRole("button", { name: "Nieuw wachtwoord voor Nieuwe Collega" }).click();
  await page.getByRole("dialog", { name: "Nieuw wachtwoord voor Nieuwe Collega?" }).getByRole("button", { name: "Nieuw wachtwoord" }).click();
  await shown.waitFor();
  assert.notEqual(await shown.locator(".login").textContent(), password);
  await page.keyboard.press("Escape");
  await colleague.reload();
  await colleague.getByRole("heading", { name: "Aanmelden" }).waitFor();
  await leave(colleague);
  await leave(page);
});

test("a right that a command gives is on the open page, and the focus stays", async () => {
  const page = await opened();
  await page.getByRole("button", { name: "Rechten kopiëren van Collega 3 naar een collega" }).focus();
  await demo.run("admin", "give", "collega3", "--tenant", "demo", "--school", school, "--role", "iBasis: Alles lezen");
  await comeBack(page);
  await rights(page, "Collega 3").filter({ hasText: "iBasis: Alles lezen" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Rechten kopiëren van Collega 3 naar een collega");
  await leave(page);
});

test("on a telephone rights are given, and nothing scrolls sideways; who manages nothing finds nothing", async () => {
  const page = await opened({ size: PHONE });
  await assertFits(page);
  await assertAccessible(page, "who has access, on a telephone");
  await page.getByRole("button", { name: "Rechten geven" }).click();
  const dialog = page.getByRole("dialog", { name: "Rechten geven" });
  await dialog.getByLabel("Aan wie").fill("collega2");
  await assertFits(page);
  await assertAccessible(page, "giving a right, on a telephone");
  await shot(page, "rechten-geven-telefoon");
  await dialog.getByRole("button", { name: "Rechten geven" }).click();
  await page.getByText(/^(Eén recht gegeven|Ze hadden deze rechten al)\.$/).waitFor();
  await leave(page);
  const reader = await openScreen(demo, "Overzicht", { role: "reader" });
  assert.equal(await reader.getByRole("link", { name: "Toegang" }).count(), 0);
  const answer = await reader.goto(`${demo.origin}/desk/demo/toegang`);
  assert.equal(answer.status(), 404);
  await leave(reader);
});
