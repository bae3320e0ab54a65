/**
 * What this browser keeps for a person: changes that wait, changes that were refused, boards as last seen. In
 * IndexedDB; where there is none (some private windows), in memory for as long as the window lives.
 */
import type { BoardSnapshot, Me, Project } from "../api/types";
import type { ProblemBody } from "../api/client";
import type { Change } from "./queue";

/** A change that will not be done: the server refused it (its `status` and `problem`), or it waited for too long. */
export interface Refused {
  id: string;
  user: string;
  change: Change;
  why: { kind: "refused"; status: number; problem: ProblemBody } | { kind: "expired" } | { kind: "orphaned" };
  at: number;
}

export interface KeptBoard {
  snapshot: BoardSnapshot;
  /** When it was kept, in milliseconds since 1970. */
  at: number;
}

/** Who was here last, and what they saw beside boards. */
export interface Kept {
  me: Me;
  projects: readonly Project[];
}

export interface Shelf {
  /** Changes the queue of a user in one transaction, for all windows; answers what it is then. */
  update(user: string, change: (queue: readonly Change[]) => readonly Change[]): Promise<readonly Change[]>;
  refused(user: string): Promise<readonly Refused[]>;
  putRefused(one: Refused): Promise<void>;
  dropRefused(id: string): Promise<void>;
  /** The reference that a task was given which was made here as `temporary`. */
  refOf(temporary: string): Promise<string | null>;
  putRef(temporary: string, ref: string, now: number): Promise<void>;
  board(user: string, key: string): Promise<KeptBoard | null>;
  putBoard(user: string, key: string, kept: KeptBoard): Promise<void>;
  dropBoard(user: string, key: string): Promise<void>;
  last(): Promise<Kept | null>;
  putLast(kept: Kept): Promise<void>;
  /** Forgets what was seen; of `user` the changes too, or of nobody. */
  clear(user: string | null): Promise<void>;
}

const NAME = "taskhub";
/** The shape of what is kept. Another one starts anew: boards are fetched again; changes do not outlive it. */
const SHAPE = 1;
const STORES = ["changes", "refused", "refs", "boards", "last"] as const;
type Store = (typeof STORES)[number];
const REFS_LAST = 3 * 24 * 3_600_000;

interface Row {
  order: number;
  change: Change;
}

export async function openShelf(): Promise<Shelf> {
  try {
    return new IndexedShelf(await open());
  } catch {
    return new MemoryShelf();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, SHAPE);
    opening.onupgradeneeded = () => {
      const db = opening.result;
      for (const name of db.objectStoreNames) db.deleteObjectStore(name);
      db.createObjectStore("changes", { keyPath: "order" });
      db.createObjectStore("refused", { keyPath: "id" });
      for (const name of ["refs", "boards", "last"]) db.createObjectStore(name);
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
    // An older window keeps the old shape: without it this one would wait for as long as that is open.
    opening.onblocked = () => reject(new Error("blocked"));
  });
}

class IndexedShelf implements Shelf {
  constructor(private readonly db: IDBDatabase) {
    db.onversionchange = () => db.close();
  }

  async update(user: string, change: (queue: readonly Change[]) => readonly Change[]): Promise<readonly Change[]> {
    let after: readonly Change[] = [];
    await this.write(["changes"], (store) => {
      const all: IDBRequest<Row[]> = store("changes").getAll();
      all.onsuccess = () => {
        const rows = all.result;
        const mine = rows.filter((row) => row.change.user === user);
        after = change(mine.map((row) => row.change));
        for (const { order, put } of differences(mine, after, rows.at(-1)?.order ?? 0)) {
          if (put) store("changes").put({ order, change: put } satisfies Row);
          else store("changes").delete(order);
        }
      };
    });
    return after;
  }

  async refused(user: string): Promise<readonly Refused[]> {
    const all = await this.read<Refused[]>("refused", (store) => store.getAll());
    return all.filter((one) => one.user === user).sort((a, b) => a.at - b.at);
  }

  putRefused(one: Refused): Promise<void> {
    return this.write(["refused"], (store) => store("refused").put(one));
  }

  dropRefused(id: string): Promise<void> {
    return this.write(["refused"], (store) => store("refused").delete(id));
  }

  async refOf(temporary: string): Promise<string | null> {
    const found = await this.read<{ ref: string } | undefined>("refs", (store) => store.get(temporary));
    return found?.ref ?? null;
  }

  putRef(temporary: string, ref: string, now: number): Promise<void> {
    return this.write(["refs"], (store) => {
      const refs = store("refs");
      refs.put({ ref, at: now }, temporary);
      const old = refs.openCursor();
      old.onsuccess = () => {
        const cursor = old.result;
        if (!cursor) return;
        if ((cursor.value as { at: number }).at < now - REFS_LAST) cursor.delete();
        cursor.continue();
      };
    });
  }

  async board(user: string, key: string): Promise<KeptBoard | null> {
    return (await this.read<KeptBoard | undefined>("boards", (store) => store.get(`${user}/${key}`))) ?? null;
  }

  putBoard(user: string, key: string, kept: KeptBoard): Promise<void> {
    return this.write(["boards"], (store) => store("boards").put(kept, `${user}/${key}`));
  }

  dropBoard(user: string, key: string): Promise<void> {
    return this.write(["boards"], (store) => store("boards").delete(`${user}/${key}`));
  }

  async last(): Promise<Kept | null> {
    return (await this.read<Kept | undefined>("last", (store) => store.get("last"))) ?? null;
  }

  putLast(kept: Kept): Promise<void> {
    return this.write(["last"], (store) => store("last").put(kept, "last"));
  }

  async clear(user: string | null): Promise<void> {
    if (user !== null) {
      await this.update(user, () => []);
      for (const one of await this.refused(user)) await this.dropRefused(one.id);
      await this.write(["refs"], (store) => store("refs").clear());
    }
    await this.write(["boards", "last"], (store) => {
      for (const name of ["boards", "last"] as const) store(name).clear();
    });
  }

  private read<T>(name: Store, call: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const request = call(this.db.transaction(name).objectStore(name));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  private write(names: Store[], call: (store: (name: Store) => IDBObjectStore) => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.db.transaction(names, "readwrite");
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      call((name) => transaction.objectStore(name));
    });
  }
}

/** What to write so that these rows become those changes, in their order: what is new goes to the end, or beside. */
export function differences(
  rows: readonly Row[],
  after: readonly Change[],
  last: number,
): { order: number; put: Change | null }[] {
  const before = rows.map((row) => row.change);
  if (after === before) return [];
  const orders = rows.map((row) => row.order);
  // Each keeps its place in the order as long as there is one; what is more goes on from the last.
  const places = after.map((_, n) => orders[n] ?? last + 1 + n - orders.length);
  const writes: { order: number; put: Change | null }[] = [];
  after.forEach((change, n) => {
    const order = places[n] ?? 0;
    if (before[n] !== change || orders[n] !== order) writes.push({ order, put: change });
  });
  for (const order of orders.slice(after.length)) writes.push({ order, put: null });
  return writes;
}

/** The same in memory. */
export class MemoryShelf implements Shelf {
  private changes: readonly Change[] = [];
  private readonly no = new Map<string, Refused>();
  private readonly refs = new Map<string, string>();
  private readonly boards = new Map<string, KeptBoard>();
  private kept: Kept | null = null;

  async update(user: string, change: (queue: readonly Change[]) => readonly Change[]): Promise<readonly Change[]> {
    const after = change(this.changes.filter((one) => one.user === user));
    this.changes = [...this.changes.filter((one) => one.user !== user), ...after];
    return after;
  }

  async refused(user: string): Promise<readonly Refused[]> {
    return [...this.no.values()].filter((one) => one.user === user);
  }

  async putRefused(one: Refused): Promise<void> {
    this.no.set(one.id, one);
  }

  async dropRefused(id: string): Promise<void> {
    this.no.delete(id);
  }

  async refOf(temporary: string): Promise<string | null> {
    return this.refs.get(temporary) ?? null;
  }

  async putRef(temporary: string, ref: string): Promise<void> {
    this.refs.set(temporary, ref);
  }

  async board(user: string, key: string): Promise<KeptBoard | null> {
    return this.boards.get(`${user}/${key}`) ?? null;
  }

  async putBoard(user: string, key: string, kept: KeptBoard): Promise<void> {
    this.boards.set(`${user}/${key}`, kept);
  }

  async dropBoard(user: string, key: string): Promise<void> {
    this.boards.delete(`${user}/${key}`);
  }

  async last(): Promise<Kept | null> {
    return this.kept;
  }

  async putLast(kept: Kept): Promise<void> {
    this.kept = kept;
  }

  async clear(user: string | null): Promise<void> {
    if (user !== null) {
      this.changes = this.changes.filter((one) => one.user !== user);
      for (const one of await this.refused(user)) this.no.delete(one.id);
      this.refs.clear();
    }
    this.boards.clear();
    this.kept = null;
  }
}
