// Overzicht: an operator lets a held publication through, or discards it.
import { api, confirmed, h, page, text, toast } from "./desk.js";

const held = document.getElementById("held");

async function decide(action, done, danger) {
  const reasons = [...held.querySelectorAll("li")].map((item) => h("li", { text: item.textContent }));
  const yes = await confirmed({
    title: text(`overview-held-${action}-title`),
    body: [h("ul", {}, reasons), h("p", { text: text(`overview-held-${action}-text`) })],
    yes: text(`overview-held-${action}`),
    danger,
  });
  if (!yes) return;
  try {
    await api("POST", `/desk/api/${page.tenant}/hold/${action}`, { hold: held.dataset.hold });
    toast(text(done));
    held.remove();
    document.getElementById("main").focus();
  } catch (error) {
    toast(error.message, { bad: true, action: { label: text("reload"), run: () => location.reload() } });
  }
}

document.getElementById("hold-release")?.addEventListener("click", () => decide("release", "overview-released", false));
document.getElementById("hold-discard")?.addEventListener("click", () => decide("discard", "overview-discarded", true));
