/** The words of the page's language, and dates, times and lists as that language writes them. */
import { en, type Messages } from "../messages/en";
import { dayOf, dueDay, isLateAt } from "../store/due";
import { shortName } from "../store/people";

export type Language = "en" | "zh-CN";

export const LANGUAGES: readonly { id: Language; name: string }[] = [
  { id: "en", name: "English" },
  { id: "zh-CN", name: "简体中文" },
];

/** By the person's cookie, which a page that this browser kept may not know yet; else as the server chose. */
export const language: Language = (/(?:^|; )taskhub_lang=([^;]*)/.exec(document.cookie)?.[1] ?? document.documentElement.lang) === "zh-CN" ? "zh-CN" : "en";
document.documentElement.lang = language;

export let t: Messages = en;

/** Fetch the page's catalogue. Before this is done nothing is drawn. */
export async function loadWords(): Promise<void> {
  if (language === "zh-CN") t = (await import("../messages/zh-CN")).zhCN;
}

export function chooseLanguage(id: Language): void {
  document.cookie = `taskhub_lang=${id}; Path=/; Max-Age=31536000; SameSite=Lax`;
  location.reload();
}

const number = new Intl.NumberFormat(language);
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(language, { month: "short", day: "numeric" });
const dayOfYear = new Intl.DateTimeFormat(language, { year: "numeric", month: "short", day: "numeric" });
const full = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const brief = new Intl.RelativeTimeFormat(language, { numeric: "always", style: "narrow" });
const and = new Intl.ListFormat(language, { type: "conjunction" });
const or = new Intl.ListFormat(language, { type: "disjunction" });

export const count = (n: number): string => number.format(n);
export const timeOfDay = (ms: number): string => clock.format(ms);
export const moment = (iso: string): string => full.format(new Date(iso));
export const allOf = (items: readonly string[]): string => and.format(items);
/** Parts of a sentence put together: Chinese joins only nouns with 和. */
export const clausesOf = (items: readonly string[]): string => (language === "zh-CN" ? items.join("，") : and.format(items));
/** What stands beside each other without being a sentence: "Nov 20, yesterday". */
export const beside = (items: readonly string[]): string => items.join(language === "zh-CN" ? "，" : ", ");
/** Names in a row. */
export const listOf = (names: readonly string[]): string => names.join(language === "zh-CN" ? "、" : ", ");
export const anyOf = (items: readonly string[]): string => or.format(items);

/** Some people in passing, each once: "Ana", "Ana and Ben", "Ana and 2 others"; by their whole names where two are called the same. */
export function inPassing(people: readonly { id: string; name: string }[]): string {
  const names = [...new Map(people.map((one) => [one.id, one.name])).values()];
  const short = names.map(shortName);
  const told = names.map((name, n) => (short.indexOf(short[n] ?? "") === short.lastIndexOf(short[n] ?? "") ? (short[n] ?? "") : name));
  return told.length > 2 ? t.others.andMore(told[0] ?? "", told.length - 1) : allOf(told);
}

const DAY = 86_400_000;

/** "3 min ago", in the shortest form the language has. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = Math.min(0, (Date.parse(iso) - now) / 1000);
  if (seconds > -60) return t.justNow;
  if (seconds > -3_600) return brief.format(Math.trunc(seconds / 60), "minute");
  if (seconds > -86_400) return brief.format(Math.trunc(seconds / 3_600), "hour");
  if (seconds > -30 * 86_400) return brief.format(Math.trunc(seconds / 86_400), "day");
  return dayOfYear.format(new Date(iso));
}

/** Days until something is due, where the person is; below zero: since. */
export function daysFromToday(due: string): number {
  const today = new Date();
  today.setHours(0, 0, 0, 0);
  return Math.round((dueDay(due).getTime() - today.getTime()) / DAY);
}

/** A day until its end, a moment at once. */
export const isLate = (due: string): boolean => isLateAt(due, new Date());

/** "Nov 27", with the year where it is not this one. */
export function dueText(due: string): string {
  const date = dueDay(due);
  return (date.getFullYear() === new Date().getFullYear() ? day : dayOfYear).format(date);
}

/** "yesterday", "in 3 days"; nothing when it is further than two weeks. */
export function dueDistance(due: string): string {
  const days = daysFromToday(due);
  return Math.abs(days) <= 14 ? words.format(days, "day") : "";
}

/** The value of a date field. */
export function dueInput(due: string | null): string {
  return due ? dayOf(dueDay(due)) : "";
}

/** So many days from today, as a due date. */
export function dayAfter(days: number): string {
  const date = new Date();
  date.setDate(date.getDate() + days);
  return dueInput(date.toISOString());
}
