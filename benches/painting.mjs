// Measures what somebody at the page Gebruikersnamen waits for, in a browser: the first painted row, row 40,000, a new filter; the longest
// task of the main thread while scrolling; the bytes of a first visit. Run by desk.py, which has a server with 50,000 people:
//   node benches/painting.mjs ORIGIN TENANT NAME PASSWORD
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../tests/browser/package.json", import.meta.url))("playwright-core");
const [origin, tenant, name, password] = process.argv.slice(2);
const TIMES = 10;
const FAR = 40_000;
const LIST = `${origin}/desk/${tenant}/gebruikersnamen`;
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** In the page: resolves to when a row that fits is painted, as the page's clock says. */
function watchRows() {
  globalThis.painted = (fits) =>
    new Promise((resolve) => {
      const look = () => {
        const rows = [...document.querySelectorAll('.usernames-grid [row-id] [col-id="username"] .name')];
        if (rows.some((cell) => cell.textContent && fits(cell, Number(cell.closest("[row-index]").getAttribute("row-index"))))) {
          // Of a frame that a script ends, the paint follows; in the frame after it, it is done.
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
        } else requestAnimationFrame(look);
      };
      look();
    });
  // Rows may stay where they are when another filter has them too: what tells is that the server's rows have come and a frame was painted.
  let answered = 0;
  const plain = globalThis.fetch;
  globalThis.fetch = async (...request) => {
    const answer = await plain(...request);
    if (new URL(answer.url).pathname.endsWith("/usernames/rows")) answer.clone().json().then(() => (answered += 1));
    return answer;
  };
  /** Returns a wait for the next rows from the server. */
  globalThis.replaced = () => {
    const before = answered;
    return () =>
      new Promise((resolve) => {
        const look = () => (answered > before ? resolve() : requestAnimationFrame(look));
        look();
      });
  };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const say = (what, values) => console.log(`${what.padEnd(64)} ${median(values).toFixed(0).padStart(8)} ms   (worst ${Math.max(...values).toFixed(0)})`);

async function visitBytes(context) {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  let requests = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => ((bytes += encodedDataLength), (requests += 1)));
  await page.goto(LIST, { waitUntil: "networkidle" });
  await page.close();
  return { bytes, requests };
}

async function navigations(context) {
  const took = [];
  for (let time = 0; time < TIMES; time += 1) {
    const page = await context.newPage();
    await page.addInitScript(watchRows);
    await page.goto(LIST, { waitUntil: "commit" });
    took.push(await page.evaluate(() => globalThis.painted(() => true)));
    await page.close();
  }
  return took;
}

/** The page at `/`: what the machine takes for a page with next to nothing on it. */
async function plainNavigations(context) {
  const took = [];
  for (let time = 0; time < TIMES; time += 1) {
    const page = await context.newPage();
    await page.goto(`${origin}/`, { waitUntil: "commit" });
    took.push(await page.evaluate(() => new Promise((resolve) => {
      const look = () => (document.querySelector("main h1") ? requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now()))) : requestAnimationFrame(look));
      look();
    })));
    await page.close();
  }
  return took;
}

function farRows(page) {
  return page.evaluate(async ({ times, far }) => {
    const viewport = [...document.querySelectorAll(".usernames-grid *")].find((one) => one.scrollHeight > 100_000 && getComputedStyle(one).overflowY !== "visible" && one.clientHeight < 2000);
    const took = [];
    for (let time = 0; time < times; time += 1) {
      viewport.scrollTop = 0;
      await globalThis.painted((_, row) => row === 0);
      // Another place each time: what was shown before is kept for a while.
      const row = far + time * 150;
      const begin = performance.now();
      viewport.scrollTop = row * 34;
      took.push((await globalThis.painted((_, shown) => shown >= row && shown < row + 10)) - begin);
    }
    return took;
  }, { times: TIMES, far: FAR });
}

/** Words nobody asked for yet: the wait for the end of typing (220 ms) is in it. */
function newSearches(page) {
  return page.evaluate(async (times) => {
    const search = document.getElementById("usernames-search");
    const took = [];
    for (let time = 0; time < times; time += 1) {
      // Letters that somebody has for sure: a list without rows has no first one.
      const words = ["a", "e", "i", "o", "n", "r", "s", "t", "l", "m"][time];
      const gone = globalThis.replaced();
      const begin = performance.now();
      search.value = words;
      search.dispatchEvent(new Event("input"));
      await gone();
      took.push((await globalThis.painted((_, row) => row === 0)) - begin);
    }
    search.value = "";
    search.dispatchEvent(new Event("input"));
    return took;
  }, TIMES);
}

/** The choices Leerlingen and Personeel: no wait. */
function newChoices(page) {
  return page.evaluate(async (times) => {
    const chips = [...document.querySelectorAll(".usernames-choices .chip")].slice(1, 3);
    const took = [];
    for (let time = 0; time < times; time += 1) {
      const gone = globalThis.replaced();
      const begin = performance.now();
      chips[time % 2].click();
      await gone();
      took.push((await globalThis.painted((_, row) => row === 0)) - begin);
    }
    return took;
  }, TIMES);
}

async function scrolling(page) {
  await page.evaluate(() => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
  });
  await page.locator(".usernames-grid").hover();
  for (let turn = 0; turn < 150; turn += 1) {
    await page.mouse.wheel(0, 400 + (turn % 10) * 300);
    await page.waitForTimeout(40);
  }
  await page.waitForTimeout(500);
  return page.evaluate(() => globalThis.tasks);
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS });
try {
  const context = await browser.newContext({ viewport: { width: 1360, height: 820 }, locale: "nl-BE", timezoneId: "Europe/Brussels" });
  const page = await context.newPage();
  await page.goto(`${origin}/desk/sign-in?next=${encodeURIComponent(new URL(LIST).pathname)}`);
  await page.getByLabel("Gebruikersnaam").fill(name);
  await page.getByLabel("Wachtwoord").fill(password);
  await page.getByRole("button", { name: "Aanmelden" }).click();
  await page.waitForURL(/\/desk\/[^/]+\/[a-z]+/);
  const overviewBegins = Date.now();
  await page.goto(`${origin}/desk/${tenant}/overzicht`, { timeout: 300_000 });
  console.log(`Overzicht, the first time: ${Date.now() - overviewBegins} ms`);
  const again = Date.now();
  await page.goto(`${origin}/desk/${tenant}/overzicht`, { timeout: 300_000 });
  console.log(`Overzicht, again: ${Date.now() - again} ms`);
  await page.close();
  const first = await browser.newContext({ viewport: { width: 1360, height: 820 }, storageState: await context.storageState() });
  const { bytes, requests } = await visitBytes(first);
  console.log(`a first visit: ${(bytes / 1000).toFixed(0)} kB received in ${requests} requests, compressed as the server sends them`);
  say("a page without a list, for comparison", await plainNavigations(first));
  await navigations(first);
  say("from navigation to the first painted row", await navigations(first));
  const open = await first.newPage();
  await open.addInitScript(watchRows);
  await open.goto(LIST);
  await open.evaluate(() => globalThis.painted(() => true));
  say("to row 40,000", await farRows(open));
  await open.goto(LIST);
  await open.evaluate(() => globalThis.painted(() => true));
  say("to a new search, 220 ms of it waiting for the end of typing", await newSearches(open));
  await open.goto(LIST);
  await open.evaluate(() => globalThis.painted(() => true));
  say("to another choice (pupils, staff)", await newChoices(open));
  await open.goto(LIST);
  await open.evaluate(() => globalThis.painted(() => true));
  const tasks = await scrolling(open);
  console.log(`tasks of the main thread over 50 ms during 150 turns of the wheel: ${tasks.length}, the longest ${Math.max(0, ...tasks).toFixed(0)} ms`);
  const { usedSize } = await (await first.newCDPSession(open)).send("Runtime.getHeapUsage");
  console.log(`the page's heap after it: ${(usedSize / 1e6).toFixed(0)} MB`);
} finally {
  await browser.close();
}
