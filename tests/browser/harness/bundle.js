// Another export of Informat: rows of the demo's bundle changed, and the whole imported by a command.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Reads a table of the bundle as objects. The generator writes no quotes in the tables that tests change. */
export async function readTable(demo, table) {
  const [head, ...lines] = (await readFile(join(demo.bundle, `${table}.csv`), "utf8")).trimEnd().split(/\r?\n/);
  const names = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, at) => [names[at], value])));
}

/** Changes rows of a table in place, `change(row)` each, and imports the bundle as it then is. */
export async function importChanged(demo, table, change) {
  const rows = await readTable(demo, table);
  for (const row of rows) change(row);
  const file = join(demo.bundle, `${table}.csv`);
  const head = (await readFile(file, "utf8")).split(/\r?\n/, 1)[0];
  await writeFile(file, `${[head, ...rows.map((row) => Object.values(row).join(","))].join("\n")}\n`);
  await demo.run("import", "--tenant", "demo", demo.bundle);
}
