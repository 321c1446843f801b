// Controlebestand: downloaded, changed as in a spreadsheet, dropped on the page, judged row by row, applied.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { assertAccessible, assertFits, leave, PHONE, shot } from "./harness/browser.js";
import { startDemo } from "./harness/demo.js";
import { follow, openScreen } from "./harness/person.js";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const OWN_NAME = 2;

let demo;
before(async () => (demo = await startDemo({ pupils: 120 })));

async function opened(options = {}) {
  const page = await openScreen(demo, "Gebruikersnamen", options);
  await follow(page, page.getByRole("link", { name: "Controlebestand" }));
  await page.getByRole("heading", { level: 1, name: "Controlebestand" }).waitFor();
  return page;
}

/** Downloads the file as a person does; the bytes. */
async function downloaded(page, button) {
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  const bytes = await readFile(await (await saved).path());
  await page.getByText(/ is gedownload\.$/).first().waitFor();
  return bytes;
}

/** The rows of a CSV file whose cells have no quotes. */
const rowsOf = (bytes) => bytes.toString("utf8").replace("\uFEFF", "").trimEnd().split(/\r?\n/).map((line) => line.split(";"));

/** The CSV file with these new names, by the number of the line. */
function corrected(bytes, names) {
  const rows = rowsOf(bytes);
  for (const [line, name] of Object.entries(names)) rows[line - 1][OWN_NAME] = name;
  return `\uFEFF${rows.map((row) => row.join(";")).join("\r\n")}\r\n`;
}

/** Drops files on the card, as from a folder. */
async function drop(page, ...files) {
  const carried = await page.evaluateHandle((given) => {
    const carried = new DataTransfer();
    for (const { name, type, base64 } of given) carried.items.add(new File([Uint8Array.from(atob(base64), (one) => one.codePointAt(0))], name, { type }));
    return carried;
  }, files.map(({ name, type, bytes }) => ({ name, type, base64: Buffer.from(bytes).toString("base64") })));
  const card = page.locator("#check-file-drop");
  await card.dispatchEvent("dragover", { dataTransfer: carried });
  await card.dispatchEvent("drop", { dataTransfer: carried });
}

const csv = (text, name = "nagekeken.csv") => ({ name, type: "text/csv", bytes: text });

async function usernames() {
  const { usernames: all } = JSON.parse(await demo.run("usernames", "list", "--tenant", "demo", "--json"));
  return new Map(all.filter(({ state }) => state === "current").map((one) => [one.sourced_id, one.username.split("@")[0]]));
}

test("every row of a dropped CSV is judged, and nothing changes before it is right and applied", async () => {
  const page = await opened();
  await assertAccessible(page, "the check file");
  const bytes = await downloaded(page, "Download als CSV");
  const rows = rowsOf(bytes);
  assert.deepEqual(rows[0], ["ID", "Office365 username", "Verbeter hier de username indien nodig", "Voornaam", "Familienaam", "Geboortedatum"]);
  const before = await usernames();

  await drop(page, csv(corrected(bytes, { 2: "goede.naam", 3: "dubbele naam!", 4: rows[4][1] })));
  const faults = page.getByRole("region", { name: "Geweigerde rijen" });
  await faults.getByRole("row", { name: /^3 .*dubbele naam!.*Dit kan geen gebruikersnaam zijn/ }).waitFor();
  await faults.getByRole("row", { name: /^4 .*heeft deze gebruikersnaam al/ }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Toepassen" }).count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.id), "check-file-result-title");
  await assertAccessible(page, "rows that are refused");
  await shot(page, "controlebestand-fouten");
  assert.deepEqual(await usernames(), before);

  await page.getByLabel("Kies een bestand").setInputFiles({ name: "nagekeken.csv", mimeType: "text/csv", buffer: Buffer.from(corrected(bytes, { 2: "goede.naam" })) });
  await page.getByText("Elke rij is in orde. Er is nog niets veranderd.", { exact: true }).waitFor();
  await page.getByRole("region", { name: "Wat er verandert" }).getByRole("row", { name: /goede\.naam/ }).waitFor();
  await assertAccessible(page, "rows that are right");
  // That the file was downloaded is told for eight seconds.
  await page.locator(".toast").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Toepassen" }).scrollIntoViewIfNeeded();
  await shot(page, "controlebestand");
  assert.deepEqual(await usernames(), before);
  await page.getByRole("button", { name: "Toepassen" }).click();
  const asked = page.getByRole("dialog", { name: "Toepassen" });
  await assertAccessible(page, "whether to apply it");
  await asked.getByRole("button", { name: "Annuleren" }).click();
  await page.getByRole("button", { name: "Toepassen" }).click();
  await asked.getByRole("button", { name: "Toepassen" }).click();
  await page.locator("#check-file-result .notice.good[role=status]").waitFor();
  assert.equal((await usernames()).get(rows[1][0]), "goede.naam");
  await leave(page);
});

test("an Excel workbook is downloaded, changed and dropped", async () => {
  const page = await opened();
  const parts = unzipSync(await downloaded(page, "Download voor Excel"));
  const sheet = "xl/worksheets/sheet1.xml";
  const empty = '<c r="C5" s="1"/>';
  const text = strFromU8(parts[sheet]);
  assert.ok(text.includes(empty), text.slice(0, 2000));
  parts[sheet] = strToU8(text.replace(empty, '<c r="C5" s="1" t="inlineStr"><is><t>uit.excel</t></is></c>'));
  await drop(page, { name: "nagekeken.xlsx", type: XLSX, bytes: zipSync(parts) });
  await page.getByRole("region", { name: "Wat er verandert" }).getByRole("row", { name: /^5 .*uit\.excel/ }).waitFor();
  await page.getByRole("button", { name: "Toepassen" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Toepassen" }).click();
  await page.locator("#check-file-result .notice.good[role=status]").waitFor();
  assert.ok([...(await usernames()).values()].includes("uit.excel"));
  await leave(page);
});

test("a name that a command changes between judging and applying is told, and what is new is marked", async () => {
  const page = await opened();
  const bytes = await downloaded(page, "Download als CSV");
  const rows = rowsOf(bytes);
  await drop(page, csv(corrected(bytes, { 8: "uit.het.bestand" })));
  await page.getByText("Elke rij is in orde.", { exact: false }).first().waitFor();
  await demo.run("usernames", "set", "--tenant", "demo", "--user", rows[7][0], "van.het.commando");
  await page.getByRole("button", { name: "Toepassen" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Toepassen" }).click();
  await page.getByRole("alert").getByText(/^Intussen is er iets veranderd/).waitFor();
  await page.getByRole("row", { name: /van\.het\.commando.*uit\.het\.bestand.*nieuw sinds je keek/ }).waitFor();
  await assertAccessible(page, "a file that is judged again");
  assert.equal((await usernames()).get(rows[7][0]), "van.het.commando");
  await page.getByRole("button", { name: "Toepassen" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Toepassen" }).click();
  await page.locator("#check-file-result .notice.good[role=status]").waitFor();
  assert.equal((await usernames()).get(rows[7][0]), "uit.het.bestand");
  await leave(page);
});

test("a file that changes nothing, that is none, or two at a time are told in words", async () => {
  const page = await opened();
  const bytes = await downloaded(page, "Download als CSV");
  await drop(page, csv(bytes.toString("utf8")));
  await page.getByText(/^Dit bestand verandert niets\./).first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Toepassen" }).count(), 0);
  await drop(page, { name: "foto.xlsx", type: XLSX, bytes: "geen werkmap" });
  await page.getByText(/geen leesbare Excel-werkmap/).waitFor();
  await assertAccessible(page, "a file that is no workbook");
  await drop(page, csv("een"), csv("twee", "twee.csv"));
  await page.getByText("Laat één bestand tegelijk los.").waitFor();
  await leave(page);
});

test("a session that is over while a file is judged loses nothing", async () => {
  const page = await opened();
  const bytes = await downloaded(page, "Download als CSV");
  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  await drop(page, csv(corrected(bytes, { 9: "na.de.sessie" })));
  const over = page.getByRole("dialog", { name: "Je sessie is voorbij" });
  await over.waitFor();
  await page.context().addCookies(cookies);
  await over.getByRole("button", { name: "Opnieuw proberen" }).click();
  await page.getByRole("row", { name: /na\.de\.sessie/ }).waitFor();
  await leave(page);
});

test("on a telephone the file is chosen and judged, and nothing scrolls sideways; who only reads is told so", async () => {
  const page = await opened({ size: PHONE });
  const bytes = await downloaded(page, "Download als CSV");
  await page.getByLabel("Kies een bestand").setInputFiles({ name: "nagekeken.csv", mimeType: "text/csv", buffer: Buffer.from(corrected(bytes, { 10: "op de telefoon!" })) });
  await page.getByRole("region", { name: "Geweigerde rijen" }).waitFor();
  await assertFits(page);
  await assertAccessible(page, "the check file on a telephone");
  await shot(page, "controlebestand-telefoon");
  await leave(page);
  const reader = await opened({ role: "reader" });
  await reader.getByText("Je mag gebruikersnamen zien, maar niet veranderen.").waitFor();
  assert.equal(await reader.locator("input[type=file]").count(), 0);
  await assertAccessible(reader, "the check file of a reader");
  await leave(reader);
});
