/** The days of the figures: days in UTC, wherever the person is. */

const DAY = 86_400_000;

/** The middle of a UTC day, in milliseconds since 1970: no zone moves it to another day. */
export const dayTime = (day: string): number => Date.parse(`${day}T12:00:00Z`);

/** Whole days from one UTC day to another. */
export const daysBetween = (from: string, to: string): number => Math.round((dayTime(to) - dayTime(from)) / DAY);
