// Koppelingen: made, given another secret, set, revoked; a secret is shown once.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { assertAccessible, assertFits, leave, PHONE, shot } from "./harness/browser.js";
import { startDemo, token } from "./harness/demo.js";
import { comeBackToChange, openScreen } from "./harness/person.js";

let demo;
before(async () => (demo = await startDemo({ pupils: 60 })));

/** Whether a token is given for these credentials. */
const isTaken = async ({ clientId, secret }) => (await token(demo, { id: clientId, secret })) !== null;

const sheetOf = (page) => page.getByRole("dialog", { name: "Gegevens voor de wizard" });

async function read(page) {
  const [baseUrl, tokenUrl, clientId, secret] = await sheetOf(page).locator("dd .login").allTextContents();
  return { baseUrl, tokenUrl, clientId, secret };
}

test("a client for Moodle has the settings that Moodle needs", async () => {
  const page = await openScreen(demo, "Koppelingen");
  await page.getByRole("button", { name: "Nieuwe koppeling" }).first().click();
  const asked = page.getByRole("dialog", { name: "Nieuwe koppeling maken" });
  await asked.getByLabel("Voor welk programma").selectOption({ label: "Moodle, met de OneRoster-plug-in" });
  assert.equal(await asked.getByLabel("Naam").inputValue(), "Moodle, met de OneRoster-plug-in");
  await assertAccessible(page, "a client for a program");
  await asked.getByRole("button", { name: "Nieuwe koppeling" }).click();
  await sheetOf(page).waitFor();
  const { clientId } = await read(page);
  const loaded = page.waitForEvent("load");
  await sheetOf(page).getByRole("button", { name: "Ik heb het geheim overgenomen" }).click();
  await loaded;
  const card = page.locator(`[data-client="${clientId}"]`);
  await card.getByText("E-mailadres meegeven: ja").waitFor();
  await card.getByText("Werkelijke laatste dag bij wie een klas verliet: ja").waitFor();
  await leave(page);
});

async function create(page, name) {
  await page.getByRole("button", { name: "Nieuwe koppeling" }).first().click();
  const asked = page.getByRole("dialog", { name: "Nieuwe koppeling maken" });
  await asked.getByLabel("Naam").fill(name);
  await asked.getByRole("button", { name: "Nieuwe koppeling" }).click();
  await sheetOf(page).waitFor();
  const shown = await read(page);
  const loaded = page.waitForEvent("load");
  await sheetOf(page).getByRole("button", { name: "Ik heb het geheim overgenomen" }).click();
  await loaded;
  return { ...shown, card: page.locator(`[data-client="${shown.clientId}"]`) };
}

test("a client is made with what the wizard asks, its secret shown once and copied", async () => {
  const page = await openScreen(demo, "Koppelingen");
  await assertAccessible(page, "the clients");
  await page.getByRole("button", { name: "Nieuwe koppeling" }).click();
  const asked = page.getByRole("dialog", { name: "Nieuwe koppeling maken" });
  await asked.getByLabel("Naam").fill("");
  await asked.getByRole("button", { name: "Nieuwe koppeling" }).click();
  await page.getByText("Geef een naam van 1 tot 200 tekens.").waitFor();
  await assertAccessible(page, "a client without a name");
  await asked.getByLabel("Naam").fill("<script>Proef</script>");
  await asked.getByRole("button", { name: "Nieuwe koppeling" }).click();
  await sheetOf(page).waitFor();
  await assertAccessible(page, "the sheet for the wizard");
  await shot(page, "koppeling");
  const shown = await read(page);
  assert.equal(shown.baseUrl, `${demo.origin}/ims/oneroster/v1p1`);
  await sheetOf(page).getByRole("button", { name: "Kopiëren" }).last().click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), shown.secret);
  assert.equal(await isTaken(shown), true);
  const loaded = page.waitForEvent("load");
  await sheetOf(page).getByRole("button", { name: "Ik heb het geheim overgenomen" }).click();
  await loaded;
  await page.locator(`[data-client="${shown.clientId}"]`).getByRole("heading", { name: "<script>Proef</script>" }).waitFor();
  assert.ok(!(await page.content()).includes(shown.secret), "the secret is gone");
  await leave(page);
});

test("another secret is made beside the first, and a revoked client reads nothing", async () => {
  const page = await openScreen(demo, "Koppelingen");
  const { card, ...first } = await create(page, "Wisselt");
  await card.getByRole("button", { name: "Nieuw geheim" }).click();
  const rotate = page.getByRole("dialog", { name: "Een nieuw geheim maken?" });
  await assertAccessible(page, "whether to make another secret");
  await rotate.getByRole("button", { name: "Nieuw geheim" }).click();
  await sheetOf(page).waitFor();
  const second = await read(page);
  assert.notEqual(second.secret, first.secret);
  assert.deepEqual([await isTaken(first), await isTaken(second)], [true, true]);
  const loaded = page.waitForEvent("load");
  await page.keyboard.press("Escape");
  await loaded;
  await card.getByText("twee geheimen geldig").waitFor();

  await card.getByRole("button", { name: "Intrekken" }).click();
  const revoke = page.getByRole("dialog", { name: "Deze koppeling intrekken?" });
  await assertAccessible(page, "whether to revoke");
  await revoke.getByRole("button", { name: "Annuleren" }).click();
  await card.getByRole("button", { name: "Intrekken" }).click();
  await revoke.getByRole("button", { name: "Intrekken" }).click();
  await card.getByText(/^ingetrokken op/).waitFor();
  assert.equal(await card.getByRole("button").count(), 0);
  assert.deepEqual([await isTaken(first), await isTaken(second)], [false, false]);
  await leave(page);
});

test("settings of a client are changed, and what cannot be is told", async () => {
  const page = await openScreen(demo, "Koppelingen");
  const { card } = await create(page, "Ingesteld");
  await card.getByRole("button", { name: "Instellingen wijzigen" }).click();
  const dialog = page.getByRole("dialog", { name: "Instellingen van de koppeling" });
  await assertAccessible(page, "the settings of a client");
  await dialog.getByLabel("Geldigheid van een token, in seconden").fill("5");
  await dialog.getByRole("button", { name: "Bewaren" }).click();
  await page.getByText(/^Deze waarde kan niet/).waitFor();
  await dialog.getByLabel("Geldigheid van een token, in seconden").fill("600");
  await dialog.getByLabel("Mag bestanden ophalen").selectOption("ja");
  const loaded = page.waitForEvent("load");
  await dialog.getByRole("button", { name: "Bewaren" }).click();
  await loaded;
  await card.getByText("600").waitFor();
  await leave(page);
});

test("a client that a command revokes is told on the open page", async () => {
  const page = await openScreen(demo, "Koppelingen");
  const { card, clientId } = await create(page, "Door een commando");
  await demo.run("client", "revoke", "--tenant", "demo", clientId);
  await comeBackToChange(page);
  await card.getByText(/^ingetrokken op/).waitFor();
  await leave(page);
});

test("on a telephone a client is made, and nothing scrolls sideways", async () => {
  const page = await openScreen(demo, "Koppelingen", { size: PHONE });
  await assertFits(page);
  await page.getByRole("button", { name: "Nieuwe koppeling" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Nieuwe koppeling" }).click();
  await sheetOf(page).waitFor();
  await assertFits(page);
  await assertAccessible(page, "the sheet on a telephone");
  await shot(page, "koppeling-telefoon");
  await leave(page);
});
