// Dates, moments and numbers as people here write them.
import { page } from "./page.js";

const clock = new Intl.DateTimeFormat("nl-BE", { timeZone: "Europe/Brussels", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("nl-BE", { timeZone: "Europe/Brussels", day: "2-digit", month: "2-digit", year: "numeric" });
const figures = new Intl.NumberFormat(page.language === "en" ? "en-GB" : "nl-BE");

/** Returns a day of JSON (`2010-05-01`) as `01/05/2010`; nothing for nothing. */
export function date(iso) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso ?? "");
  return parts ? `${parts[3]}/${parts[2]}/${parts[1]}` : "";
}

/** Returns a moment of JSON as `26/11/2026 21:02`, in Brussels. */
export function moment(iso) {
  return iso ? `${dayOf(iso)} ${time(iso)}` : "";
}

/** Returns the day of a moment as `26/11/2026`, in Brussels. */
export function dayOf(iso) {
  return iso ? day.format(new Date(iso)) : "";
}

/** Returns the time of a moment as `21:02`, in Brussels. */
export function time(iso) {
  return iso ? clock.format(new Date(iso)) : "";
}

/** Returns a number with its thousands apart. */
export function number(value) {
  return figures.format(value);
}
