// What the server says of the page, in meta elements.
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

export const page = {
  basePath: meta("base-path"),
  tenant: meta("tenant"),
  version: meta("version"),
  language: document.documentElement.lang || "nl",
};
