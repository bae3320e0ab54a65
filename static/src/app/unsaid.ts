/** What was read in the inbox, or marked as unread, and the server does not know yet. */

/** So many notifications are named in one call. */
const MOST = 1_000;

type Say = (to: "read" | "unread", body: { ids: string[] } | { task: string }) => Promise<unknown>;

/** Kept until `say` took it. What fails in a way that `isPassing` knows is said again by the next `flush`. */
export class Unsaid {
  readonly #ids = new Set<string>();
  readonly #tasks = new Set<string>();
  readonly #unread = new Set<string>();
  readonly #say: Say;
  readonly #isPassing: (error: unknown) => boolean;
  #saying = false;

  constructor(say: Say, isPassing: (error: unknown) => boolean) {
    this.#say = say;
    this.#isPassing = isPassing;
  }

  /** These were read. */
  read(ids: Iterable<string>): void {
    for (const id of ids) {
      this.#ids.add(id);
      this.#unread.delete(id);
    }
  }

  /** All that is about a task was read, these among it. */
  readTask(ref: string, ids: Iterable<string>): void {
    this.#tasks.add(ref);
    for (const id of ids) this.#unread.delete(id);
  }

  /** All was read, and the server knows. */
  readAll(): void {
    this.#unread.clear();
  }

  /** This one is unread again. */
  unread(id: string): void {
    this.#ids.delete(id);
    this.#unread.add(id);
  }

  /** Say all of it, one call after the other: of two on their way at once the one that was meant first may come last. */
  async flush(): Promise<void> {
    if (this.#saying) return;
    this.#saying = true;
    try {
      while (await this.#next());
    } finally {
      this.#saying = false;
    }
  }

  /** Say one thing; whether that was possible, and there may be more. */
  async #next(): Promise<boolean> {
    const what = [this.#ids, this.#tasks, this.#unread].find((one) => one.size > 0);
    if (!what) return false;
    const said = [...what].slice(0, what === this.#tasks ? 1 : MOST);
    for (const one of said) what.delete(one);
    try {
      await this.#say(what === this.#unread ? "unread" : "read", what === this.#tasks ? { task: said[0] ?? "" } : { ids: said });
      return true;
    } catch (error) {
      if (!this.#isPassing(error)) throw error;
      // What was meant since goes first.
      const since = what === this.#ids ? this.#unread : this.#ids;
      for (const one of said) if (!since.has(one)) what.add(one);
      return false;
    }
  }
}
