// Zoeken on every screen: by keyboard, with a sentence, the chain, and the swap of two usernames from the panel.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { assertAccessible, assertFits, assertNoFaults, openPage, PHONE, shot } from "./harness/browser.js";
import { pull, startDemo } from "./harness/demo.js";
import { rowsShown } from "./harness/grid.js";
import { goTo, signIn } from "./harness/person.js";

let demo;
before(async () => (demo = await startDemo({ pupils: 60 })));

async function opened(options = {}) {
  const page = await openPage(demo, options);
  await signIn(page, demo, "operator");
  return page;
}

/** The local parts of those who are published, as a command lists them. */
async function names(page) {
  const tenant = new URL(page.url()).pathname.split("/")[2];
  const { usernames } = JSON.parse(await demo.run("usernames", "list", "--tenant", tenant, "--json"));
  return usernames.filter((entry) => entry.state === "current" && entry.sync).map((entry) => entry.username.split("@")[0]);
}

test("the key / finds somebody, arrows choose, Enter tells why with the chain", async () => {
  const page = await opened();
  const [name] = await names(page);
  await page.locator("main").click();
  await page.keyboard.press("/");
  const box = page.getByRole("combobox", { name: "Wie of welke klas zoek je?" });
  await box.waitFor();
  await assertAccessible(page, "Zoeken, empty");
  await box.fill(name);
  const first = page.getByRole("option").first();
  await first.waitFor();
  assert.equal(await box.getAttribute("aria-activedescendant"), await first.getAttribute("id"));
  assert.equal(await box.getAttribute("aria-expanded"), "true");
  await assertAccessible(page, "Zoeken, with results");
  await shot(page, "zoeken");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.locator(".why-sentence").waitFor();
  assert.ok((await page.locator(".why-steps li").count()) >= 5);
  await page.getByRole("link", { name: "Tonen bij Gebruikersnamen" }).waitFor();
  await assertAccessible(page, "Zoeken, the chain");
  await shot(page, "zoeken-waarom");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assertNoFaults(page);
  await page.context().close();
});

test("nobody is told in words, and at 360 px nothing scrolls sideways", async () => {
  const page = await opened({ size: PHONE });
  await page.getByRole("button", { name: /^Zoeken/ }).click();
  await page.getByRole("combobox").fill("zzzzqq");
  await page.getByText("Niets gevonden.").first().waitFor();
  await assertFits(page);
  await shot(page, "zoeken-telefoon");
  assertNoFaults(page);
  await page.context().close();
});

test("a swap begins on the panel, says what is waited for, and is stopped", async () => {
  await pull(demo);
  const page = await opened();
  await goTo(page, "Gebruikersnamen");
  await rowsShown(page);
  const [, one, other] = await names(page);
  await page.getByRole("button", { name: /^Zoeken/ }).click();
  await page.getByRole("combobox").fill(one);
  await page.getByRole("option").first().click();
  await page.getByRole("button", { name: "Gebruikersnaam wisselen met iemand anders" }).click();
  const swap = page.getByRole("dialog", { name: "Gebruikersnamen wisselen" });
  await swap.getByRole("textbox", { name: "Met wie?" }).fill(other);
  await swap.getByRole("radio").first().check();
  await assertAccessible(page, "the swap");
  await shot(page, "wisselen");
  await swap.getByRole("button", { name: "Tijdelijke namen geven" }).click();
  await swap.waitFor({ state: "detached" });
  // The panel shows at once how it stands now: the steps of the swap, and the chain with the temporary name.
  await page.locator(".swap .notice").waitFor();
  await page.waitForFunction((old) => !document.querySelector(".why-steps").textContent.includes(`Gebruikersnaam ${old}`), one);
  assert.equal(await page.evaluate(() => document.activeElement.classList.contains("swap")), true);
  await assertAccessible(page, "a swap under way");
  await shot(page, "wisselen-onderweg");
  await page.getByRole("button", { name: "Wissel stoppen en de oude namen teruggeven" }).click();
  const stop = page.getByRole("dialog", { name: "Wissel stoppen en de oude namen teruggeven" });
  await assertAccessible(page, "whether to stop a swap");
  await stop.getByRole("button", { name: "Wissel stoppen" }).last().click();
  await page.locator(".why-steps").getByText(`Gebruikersnaam ${one}`).waitFor();
  assertNoFaults(page);
  await page.context().close();
});
