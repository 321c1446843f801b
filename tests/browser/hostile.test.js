// What anybody may have typed: every text that the server answers is hostile here, and each screen and panel shows it as text.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { assertNoFaults, openPage, shot } from "./harness/browser.js";
import { startDemo } from "./harness/demo.js";
import { cell, rowsShown } from "./harness/grid.js";
import { goTo, signIn } from "./harness/person.js";

const HOSTILE = `<img src=x onerror="globalThis.taken=1">"'</script><b>`;

// Members whose text is a person's, a place's, somebody's reason, or our sentence about them. Ids, codes and days stay.
const TEXTS = /^(family_name|given_name|school|site|class|label|places|sentence|change|text|name|display_name|role|message|hint|reason|by|account|given_by|summary|what_to_do|login|username|from|to|value|column|next|aliases|temporary|title)$/;

let demo;
before(async () => (demo = await startDemo({ pupils: 40 })));

/** Returns an answer with every text made hostile, its own words kept before it. */
function hostile(value, key = "") {
  if (Array.isArray(value)) return value.map((item) => hostile(item, key));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hostile(item, name)]));
  return typeof value === "string" && TEXTS.test(key) ? `${value} ${HOSTILE}` : value;
}

/** Opens a page whose server is as hostile as people can make it. Schools by number, days and accounts by name are asked back: they stay. */
async function opened(role = "operator") {
  const page = await openPage(demo);
  await page.route("**/desk/api/**", async (route) => {
    const answer = await route.fetch();
    const isJson = (answer.headers()["content-type"] ?? "").startsWith("application/json");
    if (!isJson || route.request().url().includes("/preferences/")) return route.fulfill({ response: answer });
    await route.fulfill({ response: answer, json: hostile(await answer.json()) });
  });
  page.on("dialog", (dialog) => page.faults.push(`a dialog: ${dialog.message()}`));
  await signIn(page, demo, role);
  return page;
}

/** Fails if something of it became an element or ran, or if it is shown nowhere. */
async function assertText(page, what) {
  const found = await page.evaluate(() => ({
    images: document.querySelectorAll('img[src="x"]').length,
    taken: globalThis.taken ?? 0,
    handlers: document.querySelectorAll("[onerror]").length,
    texts: document.body.textContent.split("<img src=x onerror=").length - 1 + [...document.querySelectorAll("[aria-label], input, [title]")].filter((element) => `${element.ariaLabel}${element.value}${element.title}`.includes("<img src=x")).length,
  }));
  assert.deepEqual({ ...found, texts: 0 }, { images: 0, taken: 0, handlers: 0, texts: 0 }, what);
  assert.ok(found.texts > 0, `${what}: the words are shown nowhere`);
}

/** Ends what is still asked, and the page. */
async function closed(page) {
  assertNoFaults(page);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.context().close();
}

test("the list, its editor, panel, preview and messages show names and reasons as text", async () => {
  const page = await opened();
  await goTo(page, "Gebruikersnamen");
  await rowsShown(page);
  await assertText(page, "the list");
  await cell(page, 0, "username").dblclick();
  const editor = page.getByRole("textbox", { name: /^Gebruikersnaam van/ });
  await editor.fill("é é");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(500);
  await assertText(page, "the editor with an error");
  await page.keyboard.press("Escape");
  await cell(page, 0, "family_name").click();
  const panel = page.getByRole("dialog");
  await panel.waitFor();
  await panel.getByRole("button", { name: "Kopieer" }).waitFor();
  await assertText(page, "the panel of a person");
  await shot(page, "vijandige-namen");
  await page.keyboard.press("Escape");
  await page.getByRole("checkbox", { name: /^Selecteer iedereen/ }).click();
  await page.locator(".usernames-bulk").getByRole("button", { name: "Sync uitzetten" }).click();
  const dialog = page.getByRole("dialog", { name: "Sync uitzetten" });
  await dialog.getByLabel(/^Reden/).fill(HOSTILE);
  await assertText(page, "the preview of many");
  await dialog.getByRole("button", { name: "Sync uitzetten" }).click();
  await page.locator(".usernames-foot").getByRole("button", { name: "Ongedaan maken" }).waitFor();
  await assertText(page, "the last change of many, with its reason");
  await closed(page);
});

test("Zoeken shows what is found, why, the chain and the swap as text", async () => {
  const page = await opened();
  await page.keyboard.press("/");
  const box = page.getByRole("combobox", { name: "Wie of welke klas zoek je?" });
  await box.fill("a");
  await page.getByRole("option").first().waitFor();
  await assertText(page, "the results");
  await page.keyboard.press("Enter");
  await page.locator(".why-sentence").waitFor();
  await page.waitForTimeout(800);
  await assertText(page, "why");
  await closed(page);
});

test("Toegang shows names, roles and the trail as text", async () => {
  const page = await opened();
  await goTo(page, "Toegang");
  await page.locator("#access-list .busy").waitFor({ state: "detached" });
  await page.waitForTimeout(500);
  await assertText(page, "who has access");
  await page.locator("#access-give").click();
  await page.getByRole("dialog").waitFor();
  await assertText(page, "giving rights");
  await closed(page);
});

test("the check file's judgement, settings and clients show names, rows and errors as text", async () => {
  const page = await opened();
  const tenant = new URL(page.url()).pathname.split("/")[2];
  await page.goto(`${demo.origin}/desk/${tenant}/gebruikersnamen/controlebestand`);
  const header = "ID;Office365 username;Verbeter hier de username indien nodig;Voornaam;Familienaam;Geboortedatum";
  const { usernames } = JSON.parse(await demo.run("usernames", "list", "--tenant", tenant, "--json"));
  const id = usernames[0].sourced_id ?? usernames[0].sourcedId;
  const rows = [`${id};;een.andere.naam;;;`, "geen-id;;x;;;", "00000000-0000-4000-8000-00000000ffff;;y;;;"];
  for (const file of [[header, rows[0]], [header, ...rows]]) {
    await page.locator("#check-file-input").setInputFiles({ name: `${HOSTILE.replaceAll("/", "")}.csv`, mimeType: "text/csv", buffer: Buffer.from(`${file.join("\r\n")}\r\n`) });
    await page.locator("#check-file-result").waitFor();
    await page.waitForTimeout(800);
    await assertText(page, "the judgement of a file");
  }
  await goTo(page, "Instellingen");
  await page.waitForTimeout(1500);
  await assertText(page, "the preview of formats");
  await closed(page);
});
