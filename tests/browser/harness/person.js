// What a person does on every page: signs in, and finds their way by the words they see.
import { click, openPage } from "./browser.js";

const ROLES = { admin: ["admin_user", "admin_password"], operator: ["operator_user", "operator_password"], reader: ["reader_user", "reader_password"] };

/** Signs in at the desk, as the secretary unless another role is named, or `{ user, password }`. Ends on the first screen. */
export async function signIn(page, demo, role = "admin") {
  const { user, password } = typeof role === "string" ? { user: demo[ROLES[role][0]], password: demo[ROLES[role][1]] } : role;
  await page.goto(`${demo.origin}/desk`);
  await page.getByLabel("Gebruikersnaam").fill(user);
  await page.getByLabel("Wachtwoord").fill(password);
  await page.getByRole("button", { name: "Aanmelden" }).click();
  await page.waitForURL(/\/desk\/[^/]+\/[a-z]+/);
  page.clicks = 0;
}

/** Goes to a screen by the menu. */
export async function goTo(page, entry) {
  await click(page, page.getByRole("navigation", { name: "Menu" }).getByRole("link", { name: entry, exact: true }));
  await page.getByRole("heading", { level: 1, name: entry }).waitFor();
  // Its words are there before what its buttons do.
  await page.waitForLoadState("load");
}

/** Follows a link to another page, and waits until what it has does something. */
export async function follow(page, link) {
  const loaded = page.waitForEvent("load");
  await click(page, link);
  await loaded;
}

/** Opens a screen of the menu as somebody. */
export async function openScreen(demo, entry, { role = "operator", ...options } = {}) {
  const page = await openPage(demo, options);
  await signIn(page, demo, role);
  await goTo(page, entry);
  return page;
}

/** Comes back to a page after a while away from it, as by changing windows. */
export async function comeBack(page) {
  // A page is not asked for again sooner.
  await page.waitForTimeout(2100);
  await page.evaluate(() => dispatchEvent(new Event("focus")));
}

/** Comes back to a page that changed meanwhile, again where the server does not know of it yet: it says so, and is loaded anew. */
export async function comeBackToChange(page) {
  const told = page.locator("#page-changed");
  for (let times = 1; times <= 5 && !(await told.isVisible()); times += 1) {
    await comeBack(page);
    await told.waitFor({ timeout: 2000 }).catch(() => {});
  }
  await told.waitFor();
  const loaded = page.waitForEvent("load");
  await told.getByRole("button", { name: "Opnieuw laden" }).click();
  await loaded;
}
