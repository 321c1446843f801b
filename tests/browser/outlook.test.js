// Vooruitblik, as a secretary uses it, at a desk and on a telephone.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { assertAccessible, assertFits, DESKTOP, leave, PHONE, shot } from "./harness/browser.js";
import { importChanged, readTable } from "./harness/bundle.js";
import { nextDay, startDemo } from "./harness/demo.js";
import { comeBackToChange, openScreen } from "./harness/person.js";

// A Friday or any other day in the middle of a school year.
const TODAY = nextDay("11-27");
const YEAR = Number(TODAY.slice(0, 4));
const DAY = `${YEAR + 1}-02-01`;
const ON_DAY = new RegExp(`^Op 01/02/${YEAR + 1}, vergeleken met`);
const schoolYear = (begins) => `${begins}-${(begins + 1) % 100}`;

let demo;
before(async () => (demo = await startDemo({ pupils: 240, at: TODAY })));

const section = (page, heading) => page.locator("section", { has: page.getByRole("heading", { level: 2, name: heading }) });
const headed = async (page, heading) => Number((await section(page, heading).getByRole("heading").textContent()).replace(/^.*\((\d+)\)$/s, "$1"));

async function show(page, day) {
  await page.getByLabel("Dag", { exact: true }).fill(day);
  await page.getByRole("button", { name: "Tonen" }).click();
  await page.getByText(new RegExp(`^Op ${day.split("-").reverse().join("/")}, vergeleken met`)).waitFor();
}

/** Somebody at a listed site who is enrolled all year: their registration, and the day before the end of it in February. */
async function leaver() {
  const { usernames } = JSON.parse(await demo.run("usernames", "list", "--tenant", "demo", "--json"));
  const listed = new Set(usernames.filter(({ state, sync }) => state === "current" && sync).map(({ sourced_id: id }) => id));
  const people = new Map((await readTable(demo, "persoon")).map((row) => [row.p_persoon, row]));
  const registrations = await readTable(demo, "inschrijving");
  const times = (row) => registrations.filter(({ p_persoon }) => p_persoon === row.p_persoon).length;
  const row = registrations.find((one) => one.schooljaar === schoolYear(YEAR) && one.einddatum === "" && one.status === "0" && times(one) === 1 && listed.has(people.get(one.p_persoon).rowguid));
  return { registration: row.p_inschr, name: `${people.get(row.p_persoon).naam} ${people.get(row.p_persoon).voornaam}` };
}

for (const [how, size] of [["at a desk", DESKTOP], ["on a telephone", PHONE]]) {
  test(`a day, a place and a class are chosen ${how}`, async () => {
    const page = await openScreen(demo, "Vooruitblik", { size });
    await show(page, DAY);
    const summary = await page.getByText(ON_DAY).textContent();
    const [, come, go, change] = summary.match(/: (\d+) \D+(\d+) \D+(\d+)/).map(Number);
    assert.deepEqual([await headed(page, "Wie komt"), await headed(page, "Wie vertrekt"), await headed(page, "Wie verandert")], [come, go, change]);
    assert.ok(come + go + change > 0, summary);
    await assertAccessible(page, `a day ${how}`);
    await assertFits(page);
    await shot(page, `vooruitblik-${how}`.replaceAll(" ", "-"));

    const places = section(page, "Per vestiging en klas");
    const place = places.getByRole("rowheader").getByRole("link").first();
    const name = await place.textContent();
    await place.click();
    await page.waitForURL(/place=/);
    assert.equal(await page.getByLabel("Vestiging", { exact: true }).locator("option:checked").textContent(), name);
    assert.match(await page.getByText(/^Op /).first().textContent(), ON_DAY);
    const ofClass = places.locator('a[href*="class="]').first();
    if ((await ofClass.count()) > 0) {
      await ofClass.click();
      await page.getByRole("link", { name: "Toon weer alle klassen" }).click();
      await page.waitForURL((address) => !address.searchParams.get("class"));
    }
    await page.getByLabel("Vestiging", { exact: true }).selectOption("");
    await page.getByRole("button", { name: "Tonen" }).click();
    await page.waitForURL((address) => address.searchParams.get("place") === "");
    assert.equal(await page.getByText(ON_DAY).textContent(), summary);
    await leave(page);
  });
}

test("a school year is chosen, and what is no day is told in words", async () => {
  const page = await openScreen(demo, "Vooruitblik");
  await page.getByLabel("Schooljaar").selectOption(schoolYear(YEAR + 1));
  await page.getByLabel("Dag", { exact: true }).fill(`${YEAR + 1}-09-01`);
  await page.getByRole("button", { name: "Tonen" }).click();
  await page.getByText(new RegExp(`^Op 01/09/${YEAR + 1}`)).waitFor();
  assert.ok((await headed(page, "Wie komt")) > 0);
  await assertAccessible(page, "the next year");
  await shot(page, "vooruitblik-volgend-jaar");
  await page.goto(page.url().replace(/day=[^&]*/, "day=31-31"));
  await page.getByRole("alert").getByText(/^Dat is geen dag\./).waitFor();
  await assertAccessible(page, "no day");
  await leave(page);
});

test("an import by a command is told on the open page, and shows who leaves", async () => {
  const page = await openScreen(demo, "Vooruitblik");
  await show(page, DAY);
  const before = await headed(page, "Wie vertrekt");
  const { registration, name } = await leaver();
  await importChanged(demo, "inschrijving", (row) => row.p_inschr === registration && (row.einddatum = `${YEAR + 1}-01-29`));
  await comeBackToChange(page);
  assert.equal(await headed(page, "Wie vertrekt"), before + 1);
  await section(page, "Wie vertrekt").getByRole("row", { name }).waitFor();
  await leave(page);
});

test("the keyboard reaches the form and the tables", async () => {
  const page = await openScreen(demo, "Vooruitblik", { size: PHONE });
  await show(page, DAY);
  await page.getByLabel("Vestiging", { exact: true }).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/place=/);
  const region = page.getByRole("region", { name: /^Wie (komt|vertrekt|verandert)/ }).and(page.locator("[tabindex]")).first();
  await region.focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.activeElement.scrollLeft > 0);
  await leave(page);
});
