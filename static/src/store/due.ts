/** Due dates: a bare date is a day where the person is, and late after it; a moment is late at once. */

/** Midnight of the day on which something is due, where the person is. */
export function dueDay(due: string): Date {
  const date = due.length === 10 ? new Date(`${due}T00:00`) : new Date(due);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate());
}

export function isLateAt(due: string, now: Date): boolean {
  if (due.length > 10) return Date.parse(due) < now.getTime();
  return dueDay(due).getTime() < new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
}

/** `YYYY-MM-DD` of a moment, where the person is. */
export function dayOf(now: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
