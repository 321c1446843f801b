// A demo of a school group for one file of tests: started on a port of its own, stopped with them.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { promisify } from "node:util";

const ROOT = new URL("../../../", import.meta.url).pathname;
const PROGRAM = process.env.ONEROSTER ?? join(ROOT, "target/debug/oneroster");
const FAKETIME = `/usr/lib/${{ x64: "x86_64", arm64: "aarch64" }[process.arch]}-linux-gnu/faketime/libfaketime.so.1`;
const START_MS = 120_000;

/** What makes a program, and those it starts, live on a later day, at ten in the morning. Never an earlier one: a signal handler of Postgres may see the real time, and every wait would be over. */
function onDay(at) {
  const ahead_s = Math.round((Date.parse(`${at}T09:00:00Z`) - Date.now()) / 1000);
  return { LD_PRELOAD: FAKETIME, FAKETIME: `+${ahead_s}` };
}

/** The first day to come with this month and day, as `2027-08-20`. */
export function nextDay(monthAndDay) {
  const year = new Date().getUTCFullYear();
  const day = `${year}-${monthAndDay}`;
  return Date.parse(day) > Date.now() ? day : `${year + 1}-${monthAndDay}`;
}

// Registered here: what a hook or a test registers ends with it.
const stops = [];
after(() => Promise.all(stops.map((stop) => stop())));

/** Starts a demo with this many pupils, on a day to come (`at: nextDay("08-20")`) by faketime. `run(…)` runs a command on its database, as an operator beside the page would; `bundle` is the folder it imported. */
export async function startDemo({ pupils = 240, at } = {}) {
  const directory = await mkdtemp(join(tmpdir(), "desk-"));
  const data = join(directory, "data");
  const environment = { ...process.env, DATABASE_URL: "", FAKETIME_DONT_FAKE_MONOTONIC: "1", ...(at ? onDay(at) : {}) };
  const program = spawn(PROGRAM, ["demo", "--pupils", String(pupils), "--data-dir", data, "--listen", "127.0.0.1:0", "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: environment,
  });
  let log = "";
  program.stderr.on("data", (part) => (log = (log + part).slice(-8000)));
  const ended = new Promise((resolve) => program.once("exit", resolve));
  stops.push(async () => {
    program.kill("SIGINT");
    await ended;
    await rm(directory, { recursive: true, force: true });
  });
  const started = new Promise((resolve) => program.stdout.once("data", resolve));
  const late = new Promise((resolve) => setTimeout(resolve, START_MS).unref());
  await Promise.race([started, ended, late]);
  if (program.exitCode !== null) throw new Error(`the demo ended: ${log}`);
  const facts = JSON.parse(await readFile(join(data, "demo.json"), "utf8"));
  const origin = new URL(facts.base_url).origin;
  const run = async (...command) => (await promisify(execFile)(PROGRAM, [...command, "--data-dir", data], { env: environment, maxBuffer: 1 << 26 })).stdout;
  return { ...facts, origin, run, bundle: join(data, "bundle") };
}

const COLLECTIONS = ["academicSessions", "orgs", "courses", "classes", "users", "enrollments"];

/** Returns a token of a client, the demo's own if none is given. */
export async function token(demo, { id = demo.client_id, secret = demo.client_secret } = {}) {
  const answer = await fetch(demo.token_url, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`, "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials",
  });
  return answer.ok ? (await answer.json()).access_token : null;
}

/** Reads everything, as Microsoft does when it synchronises. */
export async function pull(demo) {
  const headers = { authorization: `Bearer ${await token(demo)}` };
  for (const collection of COLLECTIONS) {
    let address = `${demo.base_url}/${collection}?limit=5000`;
    while (address) {
      const answer = await fetch(address, { headers });
      await answer.arrayBuffer();
      address = /<([^>]+)>; *rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
    }
  }
}
