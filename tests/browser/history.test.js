// Historiek, as a secretary uses it, at a desk and on a telephone.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { assertAccessible, assertFits, DESKTOP, leave, PHONE, shot } from "./harness/browser.js";
import { startDemo } from "./harness/demo.js";
import { comeBackToChange, openScreen } from "./harness/person.js";

let demo;
let people;
before(async () => {
  demo = await startDemo({ pupils: 120 });
  const { usernames } = JSON.parse(await demo.run("usernames", "list", "--tenant", "demo", "--json"));
  people = usernames.filter(({ state, sync }) => state === "current" && sync);
});

const lines = (page) => page.locator("ol.timeline > li");

async function show(page, fields) {
  for (const [label, value] of Object.entries(fields)) {
    const field = page.getByLabel(label, { exact: true });
    if ((await field.evaluate(({ tagName }) => tagName)) === "SELECT") await field.selectOption(value);
    else await field.fill(value);
  }
  await page.getByRole("button", { name: "Tonen" }).click();
  await page.waitForLoadState("load");
}

for (const [how, size] of [["at a desk", DESKTOP], ["on a telephone", PHONE]]) {
  test(`who did what, a person and a class are found ${how}`, async () => {
    const page = await openScreen(demo, "Historiek", { size });
    await page.getByRole("heading", { name: "Wie deed wat" }).waitFor();
    await assertAccessible(page, `who did what ${how}`);
    await assertFits(page);
    await show(page, { Persoon: people[0].username });
    await page.getByText("Naar Microsoft", { exact: false }).first().waitFor();
    await page.getByText(/^Gebruikersnaam gemaakt: /).waitFor();
    await assertAccessible(page, `a person ${how}`);
    await assertFits(page);
    await shot(page, `historiek-${how}`.replaceAll(" ", "-"));
    const ofClass = page.getByLabel("Klas", { exact: true });
    const { value, title } = await ofClass.locator("option").nth(1).evaluate((option) => ({ value: option.value, title: option.textContent }));
    await show(page, { Persoon: "", Klas: value });
    await page.getByRole("heading", { level: 2, name: title }).waitFor();
    assert.ok((await lines(page).count()) > 0);
    await assertFits(page);
    await leave(page);
  });
}

test("a name that several have is asked back, and nobody is told in words", async () => {
  const page = await openScreen(demo, "Historiek");
  await show(page, { Persoon: "a" });
  await page.getByRole("heading", { name: "Wie bedoel je?" }).waitFor();
  await assertAccessible(page, "several people");
  await page.getByRole("main").getByRole("listitem").getByRole("link").first().click();
  await page.getByText(/^Gebruikersnaam gemaakt: /).waitFor();
  await show(page, { Persoon: "zzz geen mens" });
  await page.getByText("Hier is niemand en geen klas te vinden die zo heet.").waitFor();
  await assertAccessible(page, "nobody");
  await leave(page);
});

test("a kind, who did it and days narrow the lines", async () => {
  const page = await openScreen(demo, "Historiek");
  const all = await lines(page).count();
  await show(page, { Soort: "access" });
  await page.getByText(/kreeg iLeerlingen: Alles schrijven/).waitFor();
  const ofAccess = await lines(page).count();
  assert.ok(ofAccess > 0 && ofAccess < all, `${ofAccess} of ${all}`);
  await show(page, { Soort: "", Wie: "niemand" });
  await page.getByText("Er is niets gebeurd dat hierbij past.").waitFor();
  await show(page, { Wie: "", Van: "2020-01-01", "Tot en met": "2020-01-02" });
  await page.getByText("Er is niets gebeurd dat hierbij past.").waitFor();
  await leave(page);
});

test("two days are compared", async () => {
  const page = await openScreen(demo, "Historiek");
  const compare = page.getByRole("button", { name: "Vergelijk beide dagen" });
  await compare.click();
  await page.getByText("Kies twee dagen om te vergelijken.").waitFor();
  const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Brussels" }).format(new Date());
  await page.getByLabel("Van", { exact: true }).fill("2020-01-01");
  await page.getByLabel("Tot en met", { exact: true }).fill(today);
  await compare.click();
  await page.locator("#history-differences, .state").first().waitFor();
  await assertAccessible(page, "two days");
  await shot(page, "historiek-twee-dagen");
  await leave(page);
});

test("a flag that a command switches is told on the open page, and says who did it", async () => {
  const page = await openScreen(demo, "Historiek", { role: "operator" });
  const { username, sourced_id: id } = people[1];
  await show(page, { Persoon: username });
  await page.getByText(/^Gebruikersnaam gemaakt: /).waitFor();
  assert.equal(await page.getByText("Uitgezet").count(), 0);
  await demo.run("usernames", "sync", "--tenant", "demo", "off", "--user", id);
  await comeBackToChange(page);
  await lines(page).filter({ hasText: "Uitgezet" }).first().waitFor();
  await leave(page);
});
