// The Sync flag of one person (R74).
import { api, text, toast } from "../desk.js";

const running = new Set();

/** Sets the flag of a person, and offers to take that back. `undoes` is the switch that this one takes back itself. */
export async function setSync(list, row, on, undoes = null) {
  if (running.has(row.id)) return;
  running.add(row.id);
  try {
    const answer = await api("POST", `${list.rows.path}/sync`, { id: row.id, on, stamp: row.stamp, reason: null, undoes });
    if (answer.row) list.show(answer.row);
    else list.rows.refresh();
    const name = `${row.given_name} ${row.family_name}`;
    toast(text(on ? "usernames-sync-set" : "usernames-sync-cleared", { name }), {
      action: { label: text("usernames-undo"), run: () => setSync(list, answer.row ?? row, !on, answer.operation) },
    });
    list.saved({ row: answer.row, ready_since: answer.ready_since });
  } catch (error) {
    if (error.answer?.row) list.show(error.answer.row);
    else list.show(row);
    toast([error.message, error.hint].filter(Boolean).join(" "), { bad: true });
  } finally {
    running.delete(row.id);
  }
}
