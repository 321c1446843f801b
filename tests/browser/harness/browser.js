// Debian's chromium, and what every page is watched for: requests that leave the origin, violations of the content security policy,
// errors of scripts. A test that sees one fails.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { after } from "node:test";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = new URL("../../../target/browser/", import.meta.url).pathname;
const FLAGS = ["--lang=nl", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const DESKTOP = { width: 1360, height: 820 };
export const PHONE = { width: 360, height: 740 };

let browser;
// Registered here: what a hook or a test registers ends with it.
after(() => browser?.close());

/** Opens a browser of somebody of their own: cookies, clipboard and size are theirs. */
export async function openPage(demo, { size = DESKTOP, dark = false, javaScriptEnabled = true } = {}) {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS });
  const context = await browser.newContext({
    viewport: size,
    locale: "nl-BE",
    timezoneId: "Europe/Brussels",
    colorScheme: dark ? "dark" : "light",
    hasTouch: size === PHONE,
    javaScriptEnabled,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.faults = [];
  page.clicks = 0;
  context.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== demo.origin) page.faults.push(`left the origin: ${request.url()}`);
  });
  page.on("pageerror", (error) => page.faults.push(`script: ${error.message}`));
  page.on("console", (message) => {
    const words = message.text();
    if (/Content Security Policy|no text |AG Grid: (error|warning)/i.test(words)) page.faults.push(words);
  });
  return page;
}

/** Fails if the page did what no page may do. */
export function assertNoFaults(page) {
  assert.deepEqual(page.faults, []);
}

/** Ends a visit. Fails if the page did what no page may do. */
export async function leave(page) {
  assertNoFaults(page);
  await page.context().close();
}

/** Clicks as a person does, and counts. */
export async function click(page, locator) {
  page.clicks += 1;
  await locator.click();
}

/** Leaves a picture in target/browser. */
export async function shot(page, name) {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}${name}.png` });
}

/** Fails on a critical or serious finding of axe. The policy of the page is kept: axe is given to the page by the debugger. */
export async function assertAccessible(page, what) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.filter(({ impact }) => impact === "critical" || impact === "serious");
  const told = found.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 4).map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`).join(" | ")}`);
  assert.deepEqual(told, [], what);
}

/** Fails if the page scrolls sideways. */
export async function assertFits(page) {
  const { content, window } = await page.evaluate(() => ({ content: document.documentElement.scrollWidth, window: document.documentElement.clientWidth }));
  assert.ok(content <= window, `the page is ${content} wide in a window of ${window}`);
}
