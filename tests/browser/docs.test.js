// /docs, as a developer uses it who has an id and a secret: a token, an operation tried, its answer and its line for the shell.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { assertAccessible, assertFits, assertNoFaults, leave, openPage, PHONE, shot } from "./harness/browser.js";
import { startDemo } from "./harness/demo.js";

const FILTER = "role='student' AND familyName~'e'";

let demo;
before(async () => {
  demo = await startDemo({ pupils: 60 });
});

/** Opens the page. `requests` are those with more than the page itself. */
async function opened(options = {}) {
  const page = await openPage(demo, options);
  page.requests = [];
  page.on("request", (request) => page.requests.push(request));
  await page.goto(`${demo.origin}/docs`);
  return page;
}

const operation = (page, id) => page.locator(`[id$="-${id}"].opblock`);

async function authorize(page, secret = demo.client_secret) {
  await page.getByRole("button", { name: "Authorize", exact: true }).click();
  const dialog = page.locator(".modal-ux");
  await dialog.getByLabel("client_id:").fill(demo.client_id);
  await dialog.getByLabel("client_secret:").fill(secret);
  await assertAccessible(page, "the dialog for id and secret");
  await assertFits(page);
  await dialog.getByRole("button", { name: "Authorize" }).click();
  return dialog;
}

async function tried(page, id, parameters = {}) {
  const block = operation(page, id);
  await block.locator(".opblock-summary-control").click();
  for (const [name, value] of Object.entries(parameters)) {
    await block.locator(`tr[data-param-name="${name}"]`).getByPlaceholder(name).fill(value);
  }
  await block.getByRole("button", { name: "Execute" }).click();
  await block.locator(".live-responses-table").waitFor();
  return block;
}

/** Nothing that was typed is kept where it outlives the page, or in an address. */
async function assertForgets(page) {
  const kept = await page.evaluate(async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state, await indexedDB.databases(), await caches.keys()]));
  for (const secret of [demo.client_secret, demo.client_id, "eyJ"]) assert.ok(!kept.includes(secret), kept);
  for (const request of page.requests) {
    assert.ok(!request.url().includes(demo.client_secret) && !request.url().includes("eyJ"), request.url());
    if (request.headers().authorization?.startsWith("Basic")) assert.equal(request.url(), demo.token_url);
    assert.ok(!request.postData()?.includes(demo.client_secret), "the secret is in the header");
  }
}

test("a token from id and secret, an operation tried, and the same by curl", async () => {
  const page = await opened();
  await operation(page, "getAllUsers").waitFor();
  await assertAccessible(page, "the list of operations");
  await shot(page, "docs");
  const dialog = await authorize(page);
  await dialog.getByRole("button", { name: "Logout" }).waitFor();
  await dialog.getByRole("button", { name: "Close" }).last().click();
  const block = await tried(page, "getAllUsers", { limit: "2", filter: FILTER });
  await assertAccessible(page, "an operation and its answer");
  await shot(page, "docs-antwoord");
  const answer = page.requests.find((request) => request.url().includes("/users?"));
  assert.deepEqual([...new URL(answer.url()).searchParams], [["limit", "2"], ["filter", FILTER]], "empty fields are left out");
  const body = JSON.parse(await block.locator(".live-responses-table .highlight-code pre").first().innerText());
  assert.equal(body.users.length, 2);
  await block.getByText("x-roster-generation: 1").waitFor();
  const curl = await block.locator(".curl-command pre").innerText();
  const { stdout } = await promisify(execFile)("bash", ["-c", curl.replace(/^curl/, "curl -sf")]);
  assert.deepEqual(JSON.parse(stdout), body);
  await block.getByText("HTTPie", { exact: true }).click();
  const httpie = await block.locator(".curl-command pre").innerText();
  assert.match(httpie, /^http 'http:\/\/[^']+\/users' 'limit==2' 'filter==role='\\''student'\\'' AND familyName~'\\''e'\\''' 'Authorization:Bearer eyJ[^']+'$/);
  await assertForgets(page);
  await page.reload();
  await operation(page, "getAllUsers").waitFor();
  await tried(page, "getAllOrgs");
  await page.getByText("a token is needed: Authorization: Bearer <access_token>").first().waitFor();
  await leave(page);
});

test("a wrong secret is told, and nothing is authorized", async () => {
  const page = await opened();
  const dialog = await authorize(page, "wrong");
  await dialog.getByText(/client authentication failed/).waitFor();
  await assertForgets(page);
  await leave(page);
});

test("by the keyboard", async () => {
  const page = await opened();
  await operation(page, "getOrg").waitFor();
  await page.locator(".auth-wrapper .authorize").focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("client_id:").focus();
  await page.keyboard.type(demo.client_id);
  await page.keyboard.press("Tab");
  await page.keyboard.type(demo.client_secret);
  await page.locator(".modal-ux").getByRole("button", { name: "Authorize" }).focus();
  await page.keyboard.press("Enter");
  await page.locator(".modal-ux").getByRole("button", { name: "Logout" }).waitFor();
  await page.locator(".modal-ux").getByRole("button", { name: "Close" }).last().focus();
  await page.keyboard.press("Enter");
  const block = operation(page, "getAllOrgs");
  await block.locator(".opblock-summary-control").focus();
  await page.keyboard.press("Enter");
  await block.getByPlaceholder("limit").focus();
  await page.keyboard.type("1");
  await block.getByRole("button", { name: "Execute" }).focus();
  await page.keyboard.press("Enter");
  await block.locator(".live-responses-table").getByText(/^ ?x-total-count/).waitFor();
  await block.getByRole("button", { name: "HTTPie" }).focus();
  await page.keyboard.press("Enter");
  await block.locator(".curl-command pre").getByText(/^http '/).waitFor();
  await leave(page);
});

test("on a telephone it fits", async () => {
  const page = await opened({ size: PHONE });
  await operation(page, "getAllUsers").waitFor();
  await assertFits(page);
  const dialog = await authorize(page);
  await dialog.getByRole("button", { name: "Logout" }).waitFor();
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await tried(page, "getAllUsers", { limit: "1" });
  await assertFits(page);
  await assertAccessible(page, "an operation on a telephone");
  await shot(page, "docs-telefoon");
  await leave(page);
});

test("without JavaScript it is read", async () => {
  const page = await opened({ javaScriptEnabled: false });
  await page.getByText("/ims/oneroster/v1p1/users", { exact: true }).first().waitFor();
  assert.equal(await page.locator("details").count() > 45, true);
  assertNoFaults(page);
  await page.context().close();
});
