// What a person does on every page: signs in, and finds their way by the words they see.
import { click } from "./browser.js";

const ROLES = { admin: ["admin_user", "admin_password"], operator: ["operator_user", "operator_password"], reader: ["reader_user", "reader_password"] };

/** Signs in at the desk, as the secretary unless another role is named. Ends on the first screen. */
export async function signIn(page, demo, role = "admin") {
  const [user, password] = ROLES[role];
  await page.goto(`${demo.origin}/desk`);
  await page.getByLabel("Gebruikersnaam").fill(demo[user]);
  await page.getByLabel("Wachtwoord").fill(demo[password]);
  await page.getByRole("button", { name: "Aanmelden" }).click();
  await page.waitForURL(/\/desk\/[^/]+\/[a-z]+/);
  page.clicks = 0;
}

/** Goes to a screen by the menu. */
export async function goTo(page, entry) {
  await click(page, page.getByRole("navigation", { name: "Menu" }).getByRole("link", { name: entry, exact: true }));
  await page.getByRole("heading", { level: 1, name: entry }).waitFor();
}
