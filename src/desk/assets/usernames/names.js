// Saving a username, and showing what the server made of a row.
import { api } from "../desk.js";

/** Saves a name. Resolves to {isSaved: true, row, warnings, ready_since}, the row null where the person is listed no more, or to why not: {code, message, hint, other}, `other` being the row as it is now. */
export async function saveName(list, row, username, confirm) {
  try {
    const saved = await api("POST", `${list.rows.path}/name`, { id: row.id, username: username.trim(), stamp: row.stamp, confirm });
    return { isSaved: true, ...saved };
  } catch (error) {
    return { code: error.code, message: error.message, hint: error.hint, other: error.answer?.row ?? null };
  }
}

/** Puts a row in its place in the grid, if it is loaded. */
export function show(list, row) {
  list.grid.getRowNode(row.id)?.setData(row);
}
