import { batch, effect, signal } from "@preact/signals";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { heard, isUnanswered, overlaysOf, queueOffline, startQueue, submit, waiting, wakeQueue } from "../../src/app/queue";
import { isTask } from "../../src/queue/queue";
import { apply, type Board, fromSnapshot, upsertTask } from "../../src/store/board";
import { once, view } from "../../src/store/overlay";
import { event, snapshot, task } from "../events";

type Reply = () => Response;

const board = signal<Board>(fromSnapshot(snapshot()));
/** What the server is asked, each to be answered by hand; null for an answer that never comes. */
let asked: { path: string; key: string; user: string; answer(reply: Reply | null): void }[];
/** How many cards of each title stood on the board, every time that anything changed. */
let seen: Map<string, Set<number>>;

const json = (body: unknown, status = 200): Reply => () =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": status < 300 ? "application/json" : "application/problem+json" } });

beforeAll(() => {
  startQueue("u1", {
    changing: () => {},
    done: (_, answer) => {
      if (isTask(answer)) board.value = upsertTask(board.value, answer);
    },
    merged: () => {},
    refused: () => {},
  });
  effect(() => {
    const count = new Map<string, number>();
    for (const column of view(board.value, overlaysOf("WEB")).columns.values()) {
      for (const { title } of column) count.set(title, (count.get(title) ?? 0) + 1);
    }
    for (const [title, cards] of count) seen?.set(title, (seen.get(title) ?? new Set()).add(cards));
  });
});

beforeEach(() => {
  board.value = fromSnapshot(snapshot());
  [asked, seen] = [[], new Map()];
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    const headers = init.headers as Record<string, string>;
    return new Promise<Response>((resolve, reject) => {
      asked.push({
        path, key: headers["Idempotency-Key"] ?? "", user: headers["TaskHub-User"] ?? "",
        answer: (reply) => (reply ? resolve(reply()) : reject(new TypeError("Failed to fetch"))),
      });
    });
  });
});

const birth = (title: string) => ({ kind: "create" as const, task: task(99, { ref: `new:${title}`, title, position: "" }) });
const made = (title: string, version: number) => task(7, { title, version, created_at: "2026-11-21T10:00:00Z" });
const came = (title: string, seq: number, command_id: string) => event(seq, "task.created", { command_id, task: made(title, seq) });

/** As the board takes what comes over the line. */
function hear(...events: ReturnType<typeof event>[]): void {
  batch(() => {
    board.value = apply(board.value, events);
    heard(events);
  });
}

describe("a new task is one card at every moment", () => {
  it("where its event comes before the answer", async () => {
    const answer = submit("WEB", birth("First heard"));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    hear(came("First heard", 11, asked[0]!.key));
    expect(waiting.value).toEqual([]);
    asked[0]!.answer(json(made("First heard", 11), 201));
    expect(await answer).toMatchObject({ ref: "WEB-7" });
    expect(seen.get("First heard")).toEqual(new Set([1]));
  });

  it("where the answer comes before its event", async () => {
    const answer = submit("WEB", birth("First answered"));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    asked[0]!.answer(json(made("First answered", 11), 201));
    await answer;
    hear(came("First answered", 11, asked[0]!.key));
    expect(waiting.value).toEqual([]);
    expect(seen.get("First answered")).toEqual(new Set([1]));
  });

  it("where the answer is lost and the event is replayed over a new line", async () => {
    const answer = submit("WEB", birth("Replayed"));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    asked[0]!.answer(null);
    queueOffline();
    expect(await answer).toBeUndefined();
    expect(waiting.value).toHaveLength(1);
    hear(came("Replayed", 11, asked[0]!.key));
    wakeQueue();
    expect(waiting.value).toEqual([]);
    expect(seen.get("Replayed")).toEqual(new Set([1]));
  });

  it("where the answer is lost and a new snapshot has it, sent again under the same key", async () => {
    const answer = submit("WEB", birth("In the snapshot"));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    asked[0]!.answer(null);
    await answer;
    await vi.waitFor(() => expect(isUnanswered(asked[0]!.key)).toBe(true));
    const fresh = fromSnapshot(snapshot({ seq: 12, tasks: [made("In the snapshot", 11)] }));
    const laid = view(fresh, once(overlaysOf("WEB"), fresh, isUnanswered));
    expect([...laid.tasks.values()].map((one) => one.ref)).toEqual(["WEB-7"]);
    wakeQueue();
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    expect(asked[1]!.key).toBe(asked[0]!.key);
    asked[1]!.answer(json(made("In the snapshot", 11), 201));
    await vi.waitFor(() => expect(waiting.value).toEqual([]));
  });
});

it("says whose it is with everything that it sends", async () => {
  const answer = submit("WEB", { kind: "archive", ref: "WEB-1" });
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  asked[0]!.answer(json(task(1, { archived: true, version: 11 })));
  await answer;
  expect(asked[0]!.user).toBe("u1");
});
