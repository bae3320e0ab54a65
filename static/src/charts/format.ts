/** Days, spans and differences as the page's language writes them. */
import { language } from "../app/text";
import { dayTime } from "./days";

// The days of the figures are days in UTC, wherever the person is.
const day = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", timeZone: "UTC" });
const weekday = new Intl.DateTimeFormat(language, { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" });
const moment = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const signed = new Intl.NumberFormat(language, { signDisplay: "exceptZero", maximumFractionDigits: 1 });
const one = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });

const UNITS = { day: narrow("day", 1), hour: narrow("hour", 0) };

function narrow(unit: "day" | "hour", maximumFractionDigits: number): Intl.NumberFormat {
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: language === "en" ? "narrow" : "short", maximumFractionDigits });
}

/** A no-break space between number and unit, as in the drawings of all the figures; English has none by itself. */
const spaced = (format: Intl.NumberFormat, n: number): string =>
  format.formatToParts(n).map(({ type, value }, at) => (type === "unit" && at > 0 ? `\u00a0${value.trim()}` : value)).join("").replace(/[\u00a0\s]+/g, "\u00a0");

export const dayText = (iso: string): string => day.format(dayTime(iso));
export const weekdayText = (iso: string): string => weekday.format(dayTime(iso));
/** A moment, where the person is. */
export const momentText = (iso: string): string => moment.format(new Date(iso));
export const difference = (n: number): string => signed.format(Math.round(n * 10) / 10).replace("-", "−");
export const decimal = (n: number): string => one.format(n);

/** "6.2 d", below a day "5 h". */
export function span(days: number): string {
  if (days > 0 && days < 1) return spaced(UNITS.hour, Math.max(1, Math.round(days * 24)));
  return spaced(UNITS.day, days >= 100 ? Math.round(days) : days);
}

/** How long something took: what took no hour is over at once, but took some time. */
export const took = (days: number): string => (days * 24 < 1 ? `<\u00a0${spaced(UNITS.hour, 1)}` : span(days));

/** A difference of spans, with its sign. */
export function spanDifference(days: number): string {
  const rounded = Math.round(days * 10) / 10;
  return `${rounded < 0 ? "−" : "+"}${spaced(UNITS.day, Math.abs(rounded))}`;
}
