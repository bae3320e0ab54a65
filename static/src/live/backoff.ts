/**
 * How long to wait before the n-th try (n from 0), in milliseconds. The first comes at once, for a line that only
 * hiccuped; later ones double up to 15 s. The jitter keeps a room full of browsers from knocking together.
 */
export function backoff(attempt: number, random: () => number): number {
  if (attempt === 0) return 50 + 200 * random();
  const full = Math.min(15_000, 500 * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * random();
}
