// The choices in a dialog that gives rights: where, and which.
import { h, text } from "../desk.js";

/** Checkboxes for schools and their sites. `read()` returns what is chosen; a school counts for all its sites. */
export function places(schools) {
  const boxes = [];
  const box = (place, words) => {
    const input = h("input", { type: "checkbox" });
    boxes.push({ input, place });
    return h("label", { class: "check" }, input, ` ${words}`);
  };
  const element = h("fieldset", {}, h("legend", { text: text("access-where") }),
    schools.map((school) =>
      h("div", { class: "stack" },
        box({ school: school.school, site: null }, `${school.name}: ${text("access-every-site")}`),
        school.sites.length > 1
          ? h("div", { class: "row" }, school.sites.map((site) => box({ school: school.school, site: site.site }, site.name)))
          : null)));
  if (schools.length === 1 && boxes.length > 0) boxes[0].input.checked = true;
  return { element, read: () => boxes.filter((one) => one.input.checked).map((one) => one.place) };
}

/** One right of all there are. `read()` returns it as the API takes it. */
export function rights(roles) {
  const option = (value, words) => h("option", { value, text: words });
  const opens = (access) => text(`access-opens-${access}`);
  const chosen = h("select", { id: "access-right" },
    h("optgroup", { label: text("access-standard") }, roles.map((role) => option(`standard:${role.role}`, `${role.role} (${opens(role.access)})`))),
    option("manager", text("access-manager")),
    option("custom", text("access-own")));
  const name = h("input", { id: "access-own-name", autocomplete: "off" });
  const based = h("select", { id: "access-own-based" }, option("", text("access-own-nothing")), roles.map((role) => option(role.role, role.role)));
  const access = h("select", { id: "access-own-access" }, ["none", "read", "write"].map((word) => option(word, opens(word))));
  const labelled = (key, control) => h("div", { class: "field" }, h("label", { for: control.id, text: text(key) }), control);
  const own = h("div", { class: "stack" },
    labelled("access-own-name", name), labelled("access-own-based", based), labelled("access-own-access", access),
    h("p", { class: "hint", text: text("access-own-hint") }));
  own.hidden = true;
  chosen.addEventListener("change", () => (own.hidden = chosen.value !== "custom"));
  const usual = roles.find((role) => role.access === "read");
  if (usual) chosen.value = `standard:${usual.role}`;
  const read = () => {
    if (chosen.value === "manager") return { kind: "manager" };
    if (chosen.value === "custom") return { kind: "custom", role: name.value, based_on: based.value || null, access: access.value };
    return { kind: "standard", role: chosen.value.slice("standard:".length) };
  };
  return { element: h("div", { class: "stack" }, labelled("access-what", chosen), own), read };
}
