// Questions to the server.
import { dialog } from "./dialog.js";
import { h } from "./element.js";
import { page } from "./page.js";
import { text } from "./texts.js";
import { noticeVersion } from "./version.js";

/** Why the server did not do what was asked, in the user's language. */
export class ApiError extends Error {
  constructor(status, answer) {
    const error = answer?.error ?? {};
    super(error.message || text("error-unreachable"));
    this.status = status;
    this.code = error.code || "unreachable";
    this.hint = error.hint || null;
    this.answer = answer;
  }
}

/** Asks the server. `signal` ends the wait; with `keepalive` it is asked even if the page is left. */
export async function api(method, path, body, { signal, keepalive = false } = {}) {
  const response = await asked(method, path, body, { signal, keepalive });
  if (response.status === 204) return null;
  return response.json();
}

/** Asks for a file, and lets the browser save it under the name the server gives it. */
export async function download(path, body) {
  const response = await asked("POST", path, body);
  const name = fileName(response);
  const address = URL.createObjectURL(await response.blob());
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return name;
}

/** Asks for a file to go on with here, under the name the server gives it. */
export async function fetchFile(path, body) {
  const response = await asked("POST", path, body);
  return new File([await response.blob()], fileName(response));
}

function fileName(response) {
  return /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "download";
}

async function asked(method, path, body, { signal, keepalive } = {}) {
  for (;;) {
    const response = await fetched(method, path, body, { signal, keepalive });
    noticeVersion(response.headers.get("x-desk-version"));
    if (response.ok) return response;
    if (response.status === 401) {
      if (await signedInAgain()) continue;
      throw new ApiError(401, { error: { code: "signed-out", message: text("session-over-title") } });
    }
    throw new ApiError(response.status, await response.json().catch(() => null));
  }
}

async function fetched(method, path, body, { signal, keepalive }) {
  const options = { method, signal, keepalive, headers: { accept: "application/json" }, credentials: "same-origin", redirect: "manual" };
  if (body instanceof Blob) {
    options.headers["content-type"] = "application/octet-stream";
    options.body = body;
  } else if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  try {
    return await fetch(`${page.basePath}${path}`, options);
  } catch (failure) {
    if (signal?.aborted) throw failure;
    throw new ApiError(0, null);
  }
}

// One dialog for all requests that wait: each goes on when somebody has signed in, in another tab.
let waiting = null;

function signedInAgain() {
  waiting ??= new Promise((resolve) => {
    let again = false;
    const retry = () => {
      again = true;
      shown.close();
    };
    const comesBack = () => document.visibilityState === "visible" && opened && retry();
    let opened = false;
    const link = h("a", {
      class: "button primary",
      href: `${page.basePath}/desk`,
      target: "_blank",
      rel: "noopener",
      text: text("session-over-sign-in"),
      on: { click: () => (opened = true) },
    });
    const shown = dialog({
      title: text("session-over-title"),
      body: [h("p", { text: text("session-over-words") }), h("div", { class: "row" }, link)],
      actions: [{ label: text("session-over-retry"), run: retry }],
      onClose: () => {
        document.removeEventListener("visibilitychange", comesBack);
        waiting = null;
        resolve(again);
      },
    });
    shown.element.classList.add("session-over");
    document.addEventListener("visibilitychange", comesBack);
  });
  return waiting;
}
