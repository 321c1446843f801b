// The grid of the page Gebruikersnamen, as a person reads it.

/** Waits until rows are shown, and the server has counted. */
export async function rowsShown(page) {
  await page.locator(".usernames-grid [row-id]").first().waitFor();
  await page.waitForFunction(() => document.querySelector(".usernames-choices .chip .count")?.parentElement.parentElement.textContent.match(/\d/));
}

/** The texts of a column's cells that are shown, from the top. */
export async function column(page, name) {
  await page.waitForTimeout(120);
  const cells = await page.locator(`.usernames-grid .ag-row [col-id="${name}"]`).evaluateAll((found) =>
    found.map((cell) => ({ at: Number(cell.closest("[row-index]").getAttribute("row-index")), text: cell.textContent.trim() })),
  );
  return cells.sort((a, b) => a.at - b.at).map(({ text }) => text);
}

/** A cell by its row (0 = the first) and column. */
export function cell(page, row, name) {
  return page.locator(`.usernames-grid .ag-row[row-index="${row}"] [col-id="${name}"]`);
}

/** How many people a choice above the grid counts. */
export async function counted(page, name) {
  const words = await page.getByRole("button", { name: new RegExp(`^${name}`) }).textContent();
  return Number(words.replace(/\D/g, ""));
}

/** How many rows screen readers are told of: the server's total. The grid counts its two header rows among them. */
export async function announced(page) {
  const all = await page.locator('.usernames-grid [role="treegrid"], .usernames-grid [role="grid"]').first().getAttribute("aria-rowcount");
  const headers = await page.locator('.usernames-grid .ag-header [role="row"]').evaluateAll((rows) => new Set(rows.map((row) => row.getAttribute("aria-rowindex"))).size);
  return Number(all) - headers;
}

/** Where the focus is: row and column. */
export function focused(page) {
  return page.evaluate(() => {
    const at = document.activeElement?.closest("[col-id]");
    return at ? { row: Number(at.closest("[row-index]")?.getAttribute("row-index") ?? -1), column: at.getAttribute("col-id") } : null;
  });
}
