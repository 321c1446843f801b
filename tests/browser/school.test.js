// Overzicht, Koppelingen, Instellingen and the page of all tenants, as an operator and a secretary use them.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { assertAccessible, assertFits, assertNoFaults, openPage, PHONE, shot } from "./harness/browser.js";
import { startDemo } from "./harness/demo.js";
import { goTo, signIn } from "./harness/person.js";

let demo;
before(async () => (demo = await startDemo({ pupils: 120 })));

async function at(entry, { role = "operator", ...options } = {}) {
  const page = await openPage(demo, options);
  await signIn(page, demo, role);
  await goTo(page, entry);
  return page;
}

async function finished(page) {
  assertNoFaults(page);
  await page.context().close();
}

test("a client is made, its secret shown once, and a revocation by command is seen", async () => {
  const page = await at("Koppelingen");
  await assertAccessible(page, "the clients");
  await page.getByRole("button", { name: "Nieuwe koppeling" }).click();
  const asked = page.getByRole("dialog", { name: "Nieuwe koppeling maken" });
  await asked.getByLabel("Naam").fill("Proef");
  await assertAccessible(page, "a new client");
  await asked.getByRole("button", { name: "Nieuwe koppeling" }).click();
  const sheet = page.getByRole("dialog", { name: "Gegevens voor de wizard" });
  await sheet.waitFor();
  await assertAccessible(page, "the sheet for the wizard");
  await shot(page, "koppeling");
  const values = await sheet.locator("dd .login").allTextContents();
  assert.equal(values[0], `${demo.origin}/ims/oneroster/v1p1`);
  const [, tokenUrl, clientId, secret] = values;
  const credentials = Buffer.from(`${clientId}:${secret}`).toString("base64");
  const answer = await fetch(tokenUrl, {
    method: "POST",
    headers: { authorization: `Basic ${credentials}`, "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials",
  });
  assert.equal(answer.status, 200);
  await sheet.getByRole("button", { name: "Ik heb het geheim overgenomen" }).click();
  const card = page.locator(`[data-client="${clientId}"]`);
  await card.waitFor();
  assert.ok(!(await page.content()).includes(secret), "the secret is gone");
  await demo.run("client", "revoke", "--tenant", "demo", clientId);
  await page.reload();
  await card.getByText(/^ingetrokken op/).waitFor();
  await finished(page);
});

test("settings show what a format makes of people, what a change does, and are changed", async () => {
  const page = await at("Instellingen");
  await page.getByRole("table").first().waitFor();
  await assertAccessible(page, "the settings");
  await shot(page, "instellingen");
  await page.getByLabel("Formaat van gebruikersnamen").fill("{roepnaam}");
  await page.getByText(/\{roepnaam\} op teken 1 is geen invulveld/).waitFor();
  await page.getByLabel("Formaat van gebruikersnamen").fill("{familienaam}.{voornaam:1}");
  await page.locator("td .login", { hasText: /^[a-z0-9-]+\.[a-z]$/ }).first().waitFor();
  await page.getByRole("button", { name: "Bekijk de gevolgen" }).click();
  const dialog = page.getByRole("dialog", { name: "Wat er verandert" });
  await dialog.getByText(/gelden voor nieuwe namen/).waitFor();
  await assertAccessible(page, "what a change does");
  await shot(page, "gevolgen");
  await dialog.getByRole("button", { name: "Toepassen" }).click();
  await page.getByText("Toegepast.").waitFor();
  const shown = await demo.run("tenant", "show", "demo");
  assert.match(shown, /^revision = 2\n/);
  assert.match(shown, /username_format = "\{familienaam\}\.\{voornaam:1\}"/);
  await finished(page);
});

test("somebody who changes the settings after a command did is told", async () => {
  const page = await at("Instellingen");
  await page.getByLabel("Tegenhouden boven (%)").fill("35");
  const shown = await demo.run("tenant", "show", "demo");
  const { writeFile, mkdtemp } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const file = `${await mkdtemp(`${tmpdir()}/tenant-`)}/demo.toml`;
  await writeFile(file, shown.replace(/staff_grace_days = \d+/, "staff_grace_days = 3"));
  await demo.run("tenant", "apply", file);
  await page.getByRole("button", { name: "Bekijk de gevolgen" }).click();
  const dialog = page.getByRole("dialog", { name: /Iemand wijzigde de instellingen intussen/ });
  await dialog.getByText("staff_grace_days: 3 → 0").waitFor();
  await assertAccessible(page, "settings that were changed meanwhile");
  await finished(page);
});

test("the overview fits a telephone and a secretary decides about nothing that is held", async () => {
  const page = await at("Overzicht", { role: "admin", size: PHONE });
  await assertFits(page);
  await assertAccessible(page, "the overview on a telephone");
  await shot(page, "overzicht-telefoon");
  assert.equal(await page.getByRole("link", { name: "Instellingen" }).count(), 0);
  await finished(page);
});

test("an operator sees what is held after a command and lets it through", async () => {
  const page = await at("Overzicht");
  await assertAccessible(page, "the overview");
  assert.equal(await page.locator("#held").count(), 0);
  await demo.run("usernames", "sync", "--tenant", "demo", "off", "--all");
  // It is held: the command says so by its exit code.
  await demo.run("publish", "--tenant", "demo").catch(() => null);
  await page.reload();
  await page.locator("#to-release, #held").first().waitFor();
  await page.getByRole("heading", { name: "Tegengehouden" }).waitFor();
  await assertAccessible(page, "the overview with something held");
  await shot(page, "overzicht");
  await goTo(page, "Alle scholen");
  await page.getByText(/^tegengehouden sinds/).waitFor();
  await assertAccessible(page, "all tenants");
  await shot(page, "alle-scholen");
  await page.getByRole("row").nth(1).getByRole("link").click();
  await page.getByRole("button", { name: "Doorlaten" }).click();
  const dialog = page.getByRole("dialog", { name: "Deze publicatie doorlaten?" });
  await assertAccessible(page, "the question whether to let it through");
  await dialog.getByRole("button", { name: "Doorlaten" }).click();
  await page.getByText(/^Doorgelaten\./).waitFor();
  await page.reload();
  await page.locator("#last").waitFor();
  assert.equal(await page.locator("#held").count(), 0);
  await finished(page);
});
