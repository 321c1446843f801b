// Koppelingen: make, rotate, revoke and set API clients. A secret is on the page once, and kept nowhere.
import { api, confirmed, dialog, h, page, text, toast } from "./desk.js";

const path = `/desk/api/${page.tenant}/clients`;
const flags = ["include_tombstones", "unpaged_delta", "native_booleans", "unknown_parent_404", "email", "enabled_users", "ended_enrollments", "district_org", "unpaged_full", "files"];

// As `client create --preset` has them; the empty one is for any other program.
const presets = ["sds", "sds-data-factory", "moodle", "moodle-by-class", "google", "helloid", "tci", "typed-client", "unpaged", ""];
const presetName = (preset) => text(preset ? `clients-preset-${preset}` : "clients-preset-other");

function failed(error) {
  toast(error.hint ? `${error.message} ${error.hint}` : error.message, { bad: true });
  return false;
}

function copyButton(value) {
  return h("button", {
    type: "button",
    class: "button small",
    text: text("clients-copy"),
    on: {
      click: async () => {
        await navigator.clipboard.writeText(value);
        toast(text("clients-copied"));
      },
    },
  });
}

/** Shows what the wizard asks for; once it is closed the secret is gone. */
function showSheet(name, credentials) {
  const line = (key, value) => [h("dt", { text: text(key) }), h("dd", {}, h("span", { class: "login", text: value }), " ", copyButton(value))];
  const sheet = h(
    "section",
    { class: "sheet", id: "sheet" },
    h("h3", { text: name }),
    h("dl", { class: "facts" }, [
      ...line("clients-base-url", credentials.base_url),
      ...line("clients-token-url", credentials.token_url),
      ...line("clients-id", credentials.client_id),
      ...line("clients-secret", credentials.client_secret),
    ]),
  );
  dialog({
    title: text("clients-sheet-title"),
    body: [h("p", { class: "notice warn", text: text("clients-sheet-once") }), h("p", { text: text("clients-sheet-where") }), sheet],
    actions: [
      {
        label: text("clients-print"),
        run: () => {
          window.print();
          return false;
        },
      },
      { label: text("clients-sheet-done"), primary: true },
    ],
    onClose: () => location.reload(),
  });
}

function create() {
  const input = h("input", { id: "client-name", name: "name", maxlength: 200, required: true, value: "School Data Sync", autocomplete: "off" });
  const preset = h(
    "select",
    { id: "client-preset", name: "preset" },
    presets.map((name) => h("option", { value: name, text: presetName(name) })),
  );
  // Whoever typed no name of their own has the program's.
  let proposed = input.value;
  preset.addEventListener("change", () => {
    if (input.value !== proposed) return;
    proposed = preset.value ? presetName(preset.value) : "";
    input.value = proposed;
  });
  dialog({
    title: text("clients-create-title"),
    body: [
      h("div", { class: "field" }, h("label", { for: "client-preset", text: text("clients-preset") }), preset, h("p", { class: "hint", text: text("clients-preset-hint") })),
      h("div", { class: "field" }, h("label", { for: "client-name", text: text("clients-name") }), input, h("p", { class: "hint", text: text("clients-name-hint") })),
    ],
    actions: [
      { label: text("cancel") },
      {
        label: text("clients-create"),
        primary: true,
        run: async () => {
          try {
            const made = await api("POST", path, { name: input.value, preset: preset.value || null });
            setTimeout(() => showSheet(input.value, made));
          } catch (error) {
            input.setAttribute("aria-invalid", "true");
            input.focus();
            return failed(error);
          }
        },
      },
    ],
  });
  input.select();
}

async function rotate(client) {
  const name = client.dataset.name;
  const yes = await confirmed({ title: text("clients-rotate-title"), body: [h("p", { text: text("clients-rotate-text") })], yes: text("clients-rotate") });
  if (!yes) return;
  try {
    showSheet(name, await api("POST", `${path}/rotate`, { client_id: client.dataset.client }));
  } catch (error) {
    failed(error);
  }
}

async function revoke(client) {
  const yes = await confirmed({
    title: text("clients-revoke-title"),
    body: [h("p", {}, h("strong", { text: client.dataset.name })), h("p", { text: text("clients-revoke-text") })],
    yes: text("clients-revoke"),
    danger: true,
  });
  if (!yes) return;
  try {
    await api("POST", `${path}/revoke`, { client_id: client.dataset.client });
    location.reload();
  } catch (error) {
    failed(error);
  }
}

function settings(client) {
  const now = JSON.parse(client.dataset.settings);
  const life = h("input", { id: "setting-token_lifetime_s", type: "number", min: 60, max: 43200, value: now.token_lifetime_s ?? "" });
  const choice = (key) => {
    const value = now[key];
    const option = (word, label) => h("option", { value: word, text: label, selected: String(value ?? "") === word });
    return h("select", { id: `setting-${key}` }, option("", text("clients-default")), option("true", text("clients-yes")), option("false", text("clients-no")));
  };
  const selects = Object.fromEntries(flags.map((key) => [key, choice(key)]));
  const field = (key, input) =>
    h("div", { class: "field" }, h("label", { for: `setting-${key}`, text: text(`clients-setting-${key}`) }), input, h("p", { class: "hint", text: text(`clients-setting-${key}-hint`) }));
  dialog({
    title: text("clients-settings-title"),
    body: [field("token_lifetime_s", life), ...flags.map((key) => field(key, selects[key]))],
    actions: [
      { label: text("cancel") },
      {
        label: text("clients-save"),
        primary: true,
        run: async () => {
          const wanted = { token_lifetime_s: life.value };
          for (const key of flags) wanted[key] = selects[key].value;
          try {
            await api("POST", `${path}/settings`, { client_id: client.dataset.client, settings: wanted });
            location.reload();
          } catch (error) {
            return failed(error);
          }
        },
      },
    ],
  });
}

document.getElementById("client-create").addEventListener("click", create);
for (const button of document.querySelectorAll(".client [data-action]")) {
  const client = button.closest(".client");
  const act = { rotate, revoke, settings }[button.dataset.action];
  button.addEventListener("click", () => act(client));
}
