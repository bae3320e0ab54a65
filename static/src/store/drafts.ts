/** Text that was written and not sent, kept by person, task and field, so that it outlives the window it was typed in. */

export interface Draft {
  text: string;
  /** The text it was made from, and the version of the task (or comment) that had it. */
  from: string;
  base: number;
  /** When it was last typed in. */
  at: number;
}

/** The part of `localStorage` that this needs. */
export interface Shelf {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const PREFIX = "taskhub.draft:";
/** Older ones are nobody's any more. */
export const KEPT_FOR = 30 * 86_400_000;

export class Drafts {
  // A browser may refuse to store anything: then a draft lives as long as the page.
  private readonly here = new Map<string, Draft>();

  constructor(
    private readonly shelf: Shelf | null,
    private readonly now: () => number,
  ) {}

  get(user: string, ref: string, field: string): Draft | null {
    const key = keyOf(user, ref, field);
    return this.here.get(key) ?? read(this.shelf, key);
  }

  /** Keep a text; one that says nothing, or the same as what it was made from, is no draft. */
  put(user: string, ref: string, field: string, draft: Omit<Draft, "at">): void {
    const key = keyOf(user, ref, field);
    if (draft.text === draft.from || (draft.from === "" && draft.text.trim() === "")) {
      this.drop(user, ref, field);
      return;
    }
    const kept = { ...draft, at: this.now() };
    this.here.set(key, kept);
    try {
      this.shelf?.setItem(key, JSON.stringify(kept));
    } catch {
      // Full, or forbidden: `here` has it.
    }
  }

  drop(user: string, ref: string, field: string): void {
    const key = keyOf(user, ref, field);
    this.here.delete(key);
    this.shelf?.removeItem(key);
  }

  /** The drafts of one task, by field. */
  of(user: string, ref: string): ReadonlyMap<string, Draft> {
    const start = keyOf(user, ref, "");
    const found = new Map<string, Draft>();
    for (const key of [...keysOf(this.shelf), ...this.here.keys()]) {
      if (!key.startsWith(start)) continue;
      const draft = this.here.get(key) ?? read(this.shelf, key);
      if (draft) found.set(key.slice(start.length), draft);
    }
    return found;
  }

  /** How many a person has. */
  count(user: string): number {
    return this.keysFor(user).size;
  }

  /** Throw away all of a person's. */
  forget(user: string): void {
    for (const key of this.keysFor(user)) {
      this.here.delete(key);
      this.shelf?.removeItem(key);
    }
  }

  private keysFor(user: string): Set<string> {
    const start = `${PREFIX}${user}:`;
    return new Set([...keysOf(this.shelf), ...this.here.keys()].filter((key) => key.startsWith(start)));
  }

  /** Throw away what nobody came back for. */
  prune(): void {
    for (const key of keysOf(this.shelf)) {
      const draft = read(this.shelf, key);
      if (!draft || draft.at < this.now() - KEPT_FOR) this.shelf?.removeItem(key);
    }
  }
}

const keyOf = (user: string, ref: string, field: string): string => `${PREFIX}${user}:${ref}:${field}`;

function keysOf(shelf: Shelf | null): string[] {
  if (!shelf) return [];
  const keys = Array.from({ length: shelf.length }, (_, index) => shelf.key(index) ?? "");
  return keys.filter((key) => key.startsWith(PREFIX));
}

function read(shelf: Shelf | null, key: string): Draft | null {
  const kept = shelf?.getItem(key);
  if (!kept) return null;
  try {
    const draft = JSON.parse(kept) as Partial<Draft> | null;
    const { text, from, base, at } = draft ?? {};
    if (typeof text !== "string" || typeof from !== "string" || typeof base !== "number" || typeof at !== "number") return null;
    return { text, from, base, at };
  } catch {
    return null; // Not ours, or of another time.
  }
}
