// Overzicht, Instellingen and the page of all tenants, as an operator and a secretary use them.
import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { assertAccessible, assertFits, leave, PHONE, shot } from "./harness/browser.js";
import { startDemo } from "./harness/demo.js";
import { comeBack, comeBackToChange, follow, goTo, openScreen } from "./harness/person.js";

let demo;
before(async () => (demo = await startDemo({ pupils: 120 })));

const at = (entry, options) => openScreen(demo, entry, options);

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
  await leave(page);
});

test("somebody who changes the settings after a command did is told", async () => {
  const page = await at("Instellingen");
  await page.getByLabel("Tegenhouden boven (%)").fill("35");
  const shown = await demo.run("tenant", "show", "demo");
  const file = join(await mkdtemp(join(tmpdir(), "tenant-")), "demo.toml");
  await writeFile(file, shown.replace(/staff_grace_days = \d+/, "staff_grace_days = 3"));
  await demo.run("tenant", "apply", file);
  await page.getByRole("button", { name: "Bekijk de gevolgen" }).click();
  const dialog = page.getByRole("dialog", { name: /Iemand wijzigde de instellingen intussen/ });
  await dialog.getByText("staff_grace_days: 3 → 0").waitFor();
  await assertAccessible(page, "settings that were changed meanwhile");
  await page.keyboard.press("Escape");
  // Whoever comes back is told too, and loses nothing that is not applied.
  await comeBack(page);
  await page.locator("#page-changed").getByRole("button", { name: "Opnieuw laden" }).click();
  await page.locator("#page-changed").getByText(/nog niet bewaard/).waitFor();
  assert.equal(await page.getByLabel("Tegenhouden boven (%)").inputValue(), "35");
  await leave(page);
});

test("the overview fits a telephone and a secretary decides about nothing that is held", async () => {
  const page = await at("Overzicht", { role: "admin", size: PHONE });
  await assertFits(page);
  await assertAccessible(page, "the overview on a telephone");
  await shot(page, "overzicht-telefoon");
  assert.equal(await page.getByRole("link", { name: "Instellingen" }).count(), 0);
  await leave(page);
});

/** Switches everybody off by a command: so much at once is held. */
async function holdSomething() {
  await demo.run("usernames", "sync", "--tenant", "demo", "off", "--all");
  // It is held: the command says so by its exit code.
  await demo.run("publish", "--tenant", "demo").catch(() => null);
}

test("what is held after a command is told on the open page; an operator throws it away, and lets it through", async () => {
  const page = await at("Overzicht");
  await assertAccessible(page, "the overview");
  assert.equal(await page.locator("#held").count(), 0);
  await holdSomething();
  await comeBackToChange(page);
  await page.getByRole("heading", { name: "Tegengehouden" }).waitFor();
  await assertAccessible(page, "the overview with something held");
  await shot(page, "overzicht");
  const secretary = await at("Overzicht", { role: "admin" });
  await secretary.getByRole("heading", { name: "Tegengehouden" }).waitFor();
  assert.equal(await secretary.getByRole("button", { name: "Doorlaten" }).count(), 0);
  await leave(secretary);

  await goTo(page, "Alle scholen");
  await page.getByText(/^tegengehouden sinds/).waitFor();
  await assertAccessible(page, "all tenants");
  await shot(page, "alle-scholen");
  await follow(page, page.getByRole("row").nth(1).getByRole("link"));
  await page.getByRole("button", { name: "Verwerpen" }).click();
  const discard = page.getByRole("dialog", { name: "Deze publicatie verwerpen?" });
  await assertAccessible(page, "the question whether to throw it away");
  await discard.getByRole("button", { name: "Annuleren" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "hold-discard");
  await page.keyboard.press("Enter");
  await discard.getByRole("button", { name: "Verwerpen" }).click();
  await page.getByText(/^Verworpen\./).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");

  await demo.run("usernames", "sync", "--tenant", "demo", "on", "--all");
  await demo.run("publish", "--tenant", "demo").catch(() => null);
  await holdSomething();
  await page.reload();
  await page.getByRole("button", { name: "Doorlaten" }).click();
  const dialog = page.getByRole("dialog", { name: "Deze publicatie doorlaten?" });
  await assertAccessible(page, "the question whether to let it through");
  await dialog.getByRole("button", { name: "Doorlaten" }).click();
  await page.getByText(/^Doorgelaten\./).waitFor();
  await page.reload();
  await page.locator("#last").waitFor();
  assert.equal(await page.locator("#held").count(), 0);
  await leave(page);
});

test("somebody who decides about what is no longer held is told", async () => {
  await demo.run("usernames", "sync", "--tenant", "demo", "on", "--all");
  await demo.run("publish", "--tenant", "demo").catch(() => null);
  await holdSomething();
  const page = await at("Overzicht");
  await page.getByRole("button", { name: "Doorlaten" }).click();
  await demo.run("usernames", "sync", "--tenant", "demo", "on", "--all");
  await demo.run("publish", "--tenant", "demo").catch(() => null);
  await page.getByRole("dialog").getByRole("button", { name: "Doorlaten" }).click();
  await page.locator(".toast.bad").getByText(/niets meer tegengehouden|intussen veranderd/).waitFor();
  await page.locator(".toast.bad").getByRole("button", { name: "Opnieuw laden" }).click();
  await page.locator("#held").waitFor({ state: "detached" });
  await leave(page);
});

test("all tenants are searched, one more by a command is told on the open page, and the page fits a telephone", async () => {
  const page = await at("Alle scholen", { size: PHONE });
  await assertFits(page);
  await assertAccessible(page, "all tenants on a telephone");
  const folder = await mkdtemp(join(tmpdir(), "tenant-"));
  const shown = await demo.run("tenant", "show", "demo");
  await writeFile(join(folder, "tweede.toml"), shown.replace(/^revision = .*$/m, "").replace(/^id = .*$/m, 'id = "tweede"').replace(/^name = .*$/m, 'name = "Scholengroep Tweede"').replace(/^entra_tenant_id = .*$/m, ""));
  await demo.run("tenant", "apply", join(folder, "tweede.toml"));
  await comeBackToChange(page);
  await page.getByRole("row", { name: /Scholengroep Tweede/ }).waitFor();
  await page.getByLabel("Zoek op naam of id").fill("zandpoort");
  await page.keyboard.press("Enter");
  await page.waitForURL(/search=zandpoort/);
  await page.getByRole("row", { name: /Scholengroep Zandpoort/ }).waitFor();
  assert.equal(await page.getByRole("row", { name: /Scholengroep Tweede/ }).count(), 0);
  await page.getByLabel("Zoek op naam of id").fill("zzz");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Geen scholengroep gevonden" }).waitFor();
  await assertAccessible(page, "no tenant found");
  await leave(page);
});

test("settings fit a telephone, and what is not applied is not lost by leaving", async () => {
  const page = await at("Instellingen", { size: PHONE });
  await page.getByRole("table").first().waitFor();
  await assertFits(page);
  await assertAccessible(page, "the settings on a telephone");
  await page.getByLabel("Formaat van teamnamen").fill("{klas}");
  const asked = page.waitForEvent("dialog");
  const left = page.getByRole("navigation", { name: "Menu" }).getByRole("link", { name: "Overzicht" }).click();
  const question = await asked;
  assert.equal(question.type(), "beforeunload");
  await question.dismiss();
  await left.catch(() => null);
  assert.equal(await page.getByLabel("Formaat van teamnamen").inputValue(), "{klas}");
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Wijzigingen weg" }).click();
  await page.waitForFunction(() => document.querySelector('[data-key="team_name_format"]')?.value !== "{klas}");
  await leave(page);
});
