// The texts of the language files, as the page brings them.
const texts = JSON.parse(document.getElementById("texts")?.textContent || "{}");

/** Returns a text; `{name}` in it is filled in from `values`. With a count of 1, the text `key-one` is taken where there is one. */
export function text(key, values = {}) {
  const words = (values.count === 1 && texts[`${key}-one`]) || texts[key];
  if (words === undefined) {
    console.error(`no text ${key}`);
    return key;
  }
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
