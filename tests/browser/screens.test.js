// Every screen of the menu, by what all of them promise: words, contrast and names for screen readers, no sideways scrolling, nothing from elsewhere.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { assertAccessible, assertFits, assertNoFaults, openPage, PHONE, shot } from "./harness/browser.js";
import { startDemo } from "./harness/demo.js";
import { signIn } from "./harness/person.js";

let demo;
before(async () => (demo = await startDemo({ pupils: 60 })));

const entries = (page) => page.getByRole("navigation", { name: "Menu" }).getByRole("link");

for (const [how, options] of [["at a desk", {}], ["in the dark", { dark: true }], ["on a telephone", { size: PHONE }]]) {
  test(`every screen is whole ${how}`, async () => {
    const page = await openPage(demo, options);
    await signIn(page, demo, "operator");
    const names = await entries(page).allTextContents();
    assert.ok(names.length >= 4, names.join());
    for (const name of names) {
      await entries(page).filter({ hasText: name }).first().click();
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await page.waitForLoadState("networkidle");
      const title = `${name} ${how}`;
      assert.notEqual(await page.title(), "", title);
      await shot(page, `scherm-${name}-${how}`.toLowerCase().replace(/[^a-z]+/g, "-"));
      await assertAccessible(page, title);
      await assertFits(page);
      assertNoFaults(page);
    }
    await page.context().close();
  });
}

test("nobody sees an entry they cannot use", async () => {
  for (const role of ["reader", "admin", "operator"]) {
    const page = await openPage(demo);
    await signIn(page, demo, role);
    const names = await entries(page).allTextContents();
    assert.equal(names.includes("Instellingen"), role === "operator", role);
    for (const path of await entries(page).evaluateAll((links) => links.map((link) => link.getAttribute("href")))) {
      const answer = await page.request.get(`${demo.origin}${path}`);
      assert.equal(answer.status(), 200, `${role}: ${path}`);
    }
    await page.context().close();
  }
});

test("a page that is not there, or not theirs, says so in words", async () => {
  const page = await openPage(demo);
  await signIn(page, demo, "reader");
  const bodies = [];
  for (const path of ["/desk/demo/instellingen", "/desk/nergens/gebruikersnamen", "/desk/demo/niets"]) {
    const answer = await page.goto(`${demo.origin}${path}`);
    assert.equal(answer.status(), 404);
    bodies.push(await answer.text());
  }
  assert.equal(new Set(bodies).size, 1);
  await page.getByText("Hier is niets voor jou").waitFor();
  await assertAccessible(page, "nothing here");
  await shot(page, "geen-rechten");
  assertNoFaults(page);
  await page.context().close();
});
