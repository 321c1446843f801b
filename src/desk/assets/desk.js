// What every screen uses. An ES module: `import { api, text, toast } from "./desk.js";`
//
//   text(key, values?)          a text of the language files: frame.ftl, and those the page names by Frame::with_texts. `{ $count }` is
//                               filled in from `values`; with a count of 1, `key-one` is taken where there is one.
//   api(method, path, body?)    asks the server; path from `/desk/…` on; resolves to the JSON, rejects with ApiError {code, message, hint, status,
//                               answer}. A session that is over is told in a dialog, and the same request is made again after signing in.
//   download(path, body)        asks for a file by POST and lets the browser save it.
//   fetchFile(path, body)       asks for a file by POST; resolves to a File.
//   takesFile(card, {one, many})   lets a card take one file that is dropped on it.
//   toast(words, {bad, action: {label, run}})   says what was done, at the bottom; read out by screen readers.
//   say(words)                  for screen readers only.
//   dialog({title, body, actions, side, wide, onClose})   opens a <dialog>; body: nodes; actions: [{label, primary, danger, run}], where run may
//                               return false (or a promise of it) to keep it open. Returns {element, body, close}. Escape closes; focus comes back.
//   confirmed({title, body, yes, danger})   a promise of true or false.
//   h(tag, attributes, ...children)   makes an element; text is always text, never HTML. Attributes: class, text, on: {click}, dataset, aria-….
//   date("2010-05-01")          01/05/2010
//   moment("2026-11-26T20:02:00Z")   26/11/2026 21:02, in Brussels
//   dayOf(…), time(…)           26/11/2026; 21:02
//   number(12345)               12.345
//   preferences(screen)         {read(), write(value)}: of this user, kept by the server
//   holdsEdit(question)         registers a function that returns true while something typed is not saved: asked before the page is loaded anew
//   page                        {basePath, tenant, language, version}
//
// The page says `document.dispatchEvent(new CustomEvent("desk:search"))` when somebody presses `/` or the button Zoeken.
export { api, download, fetchFile, ApiError } from "./desk/api.js";
export { dialog, confirmed } from "./desk/dialog.js";
export { takesFile } from "./desk/drop.js";
export { h } from "./desk/element.js";
export { date, dayOf, moment, number, time } from "./desk/format.js";
export { page } from "./desk/page.js";
export { preferences } from "./desk/preferences.js";
export { text } from "./desk/texts.js";
export { say, toast } from "./desk/toast.js";
export { holdsEdit } from "./desk/version.js";
import { watchPage } from "./desk/fresh.js";
import { listenToKeys } from "./desk/keys.js";

watchPage();
listenToKeys();
