// Files of Microsoft: a list of accounts dropped on Controlebestand, the error report of School Data Sync on Overzicht.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { assertAccessible, assertFits, leave, PHONE, shot } from "./harness/browser.js";
import { startDemo } from "./harness/demo.js";
import { follow, openScreen } from "./harness/person.js";

let demo;
let people;
before(async () => {
  demo = await startDemo({ pupils: 60 });
  const { usernames } = JSON.parse(await demo.run("usernames", "list", "--tenant", "demo", "--json"));
  const current = usernames.filter(({ state, given_name: given, family_name: family }) => state === "current" && given && family);
  people = current.map((person) => ({ ...person, name: `${person.given_name} ${person.family_name}` }));
});

const local = (person) => person.username.split("@")[0];
const address = (person) => (person.username.includes("@") ? person.username : `${person.username}@zand.example`);

/** An export of Entra: everyone has an account; the first one under another name, and one that is nobody's. */
function accounts() {
  const rows = people.map((person, at) => `${at === 0 ? "ander." : ""}${address(person)},"${person.name}",0b${at},${person.sourced_id}`);
  return ["userPrincipalName,displayName,id,sisId", ...rows, "<b>zaal</b>@zand.example,Vergaderzaal,0bff,"].join("\r\n");
}

const file = (name, text) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

async function opened(options = {}) {
  const page = await openScreen(demo, "Gebruikersnamen", options);
  await follow(page, page.getByRole("link", { name: "Controlebestand" }));
  await page.getByRole("heading", { level: 1, name: "Controlebestand" }).waitFor();
  await page.getByLabel("Kies een bestand").setInputFiles(file("users.csv", accounts()));
  await page.getByRole("heading", { name: "Accounts van Microsoft naast de gebruikersnamen" }).waitFor();
  return page;
}

test("R142 a list of accounts shows whose each is, and its proposals are looked at as a check file before anything changes", async () => {
  const page = await opened();
  await page.getByText("Er is nog niets veranderd.", { exact: false }).first().waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "check-file-result-title");
  const filters = page.getByRole("group", { name: "Toon" });
  await filters.getByRole("button", { name: /^Met voorstel/ }).click();
  const table = page.getByRole("region", { name: "Mensen en hun accounts" });
  const proposed = `ander.${local(people[0])}`;
  await table.getByRole("row", { name: new RegExp(proposed) }).waitFor();
  await assertAccessible(page, "accounts beside the usernames");
  await shot(page, "controlebestand-accounts");
  await filters.getByRole("button", { name: /^Gekoppeld/ }).click();
  await filters.getByRole("button", { name: /^Gekoppeld/, pressed: true }).waitFor();
  await page.getByText("Accounts die bij niemand horen").first().click();
  await page.getByText("<b>zaal</b>@zand.example").waitFor();
  await assertAccessible(page, "accounts that are nobody's");

  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download met bevindingen (Excel)" }).click();
  assert.match((await saved).suggestedFilename(), /^controlebestand-.*\.xlsx$/);

  await page.getByRole("button", { name: "Voorstellen nakijken en toepassen" }).click();
  await page.getByText("Elke rij is in orde. Er is nog niets veranderd.", { exact: true }).waitFor();
  await page.getByRole("region", { name: "Wat er verandert" }).getByRole("row", { name: new RegExp(proposed) }).waitFor();
  await page.getByRole("button", { name: "Toepassen" }).click();
  await page.getByRole("dialog", { name: "Toepassen" }).getByRole("button", { name: "Toepassen" }).click();
  await page.locator("#check-file-result .notice.good[role=status]").waitFor();
  const { usernames } = JSON.parse(await demo.run("usernames", "list", "--tenant", "demo", "--search", people[0].sourced_id, "--json"));
  assert.equal(local(usernames.find(({ state }) => state === "current")), proposed);
  await leave(page);
});

test("R142 on a telephone the accounts are shown and nothing scrolls sideways", async () => {
  const page = await opened({ size: PHONE });
  await page.getByRole("group", { name: "Toon" }).getByRole("button", { name: /^Allemaal/ }).click();
  await page.getByRole("region", { name: "Mensen en hun accounts" }).waitFor();
  await assertFits(page);
  await assertAccessible(page, "accounts on a telephone");
  await shot(page, "controlebestand-accounts-telefoon");
  await leave(page);
});

const report = () => [
  "Foutcode;SIS ID;Bericht",
  `UnmatchedEntry;${people[1].sourced_id};<img src=x onerror=alert(1)>`,
  `AzureActiveDirectoryNoAvailableLicenses;${people[2].sourced_id};`,
  "NobodyKnowsThis;99999999-0000-4000-8000-000000000000;wat Microsoft zegt",
  "Leerlingen: 3",
].join("\n");

/** Reads the error report back on Overzicht: nothing that stands in it is run. */
async function errorReport(options, device) {
  const page = await openScreen(demo, "Overzicht", options);
  const card = page.locator("#sds-report");
  await card.getByLabel("Kies een bestand").setInputFiles(file("errors.csv", report()));
  await card.getByText("3 rijen gelezen.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "sds-report-result");
  await card.getByRole("heading", { name: "Dit kan de school zelf" }).waitFor();
  await card.getByRole("heading", { name: "Dit kan de beheerder van Microsoft 365" }).waitFor();
  await card.getByText(/^Leerlingen: \d+ gepubliceerd, Microsoft telde er 3/).waitFor();
  await card.getByText("Geen account in Microsoft 365 heeft deze gebruikersnaam", { exact: false }).click();
  await card.getByText("<img src=x onerror=alert(1)>").waitFor();
  await card.getByRole("link", { name: new RegExp(people[1].name) }).waitFor();
  await assertAccessible(page, `the error report on ${device}`);
  if (options.size) await assertFits(page);
  await card.scrollIntoViewIfNeeded();
  await shot(page, options.size ? "overzicht-foutenrapport-telefoon" : "overzicht-foutenrapport");
  await card.getByLabel("Kies een bestand").setInputFiles(file("leeg.csv", ""));
  await page.getByText("Dit bestand kan niet gelezen worden.", { exact: false }).waitFor();
  await leave(page);
}

test("R143 the error report of School Data Sync is told by who can do what", () => errorReport({}, "a desktop"));

test("R143 on a telephone the error report is read and nothing scrolls sideways", () => errorReport({ size: PHONE }, "a telephone"));
