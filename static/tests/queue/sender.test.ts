import { beforeEach, describe, expect, it } from "vitest";
import { NoLine, Problem } from "../../src/api/client";
import { type Action, added, answered, type Ask, type Change, KEEP, without } from "../../src/queue/queue";
import { Sender, type Sending, SLOW, type Why } from "../../src/queue/sender";
import { task } from "../events";

type Reply = unknown | Error;

let queue: readonly Change[];
let asked: { ask: Ask; key: string }[];
let replies: Reply[];
let over: string[];
let states: Sending[];
let timers: { ms: number; call: () => void }[];
let refs: Map<string, string>;
let now: number;
let sender: Sender;
/** What passes between the end of sending and the moment the turn is given up. */
let release: () => Promise<void>;

let last = 0;
const put = (action: Action, id = `c${++last}`) => {
  queue = added(queue, { id, user: "u1", project: "WEB", at: now, tried: false, action });
};
const move = (ref: string, state: string): Action => ({ kind: "move", ref, place: { state } });

beforeEach(() => {
  [queue, asked, replies, over, states, timers, refs, now] = [[], [], [], [], [], [], new Map(), 1_000];
  release = async () => {};
  sender = new Sender({
    update: async (change) => (queue = change(queue)),
    refOf: async (temporary) => refs.get(temporary) ?? null,
    send: async (ask, key) => {
      asked.push({ ask, key });
      const reply = replies.shift();
      if (reply instanceof Error) throw reply;
      return reply;
    },
    alone: (call) => call().then(() => release()),
    done: async (change, answer) => {
      over.push(`done ${change.id}`);
      queue = answered(queue, change.id, (answer as ReturnType<typeof task>) ?? null);
    },
    gaveUp: async (change, why: Why) => {
      over.push(`${why.kind} ${change.id}`);
      queue = without(queue, change.id);
    },
    state: (state) => {
      if (states.at(-1) !== state) states.push(state);
    },
    now: () => now,
    random: () => 1,
    after: (ms, call) => {
      const timer = { ms, call };
      timers.push(timer);
      return () => void (timers = timers.filter((one) => one !== timer));
    },
  });
});

const settled = () => new Promise((resume) => setTimeout(resume));

async function tick(): Promise<void> {
  const due = timers;
  timers = [];
  for (const timer of due) timer.call();
  await settled();
}

describe("sending", () => {
  it("goes in order, each with its own key, the next after the answer", async () => {
    put({ kind: "create", task: task(1, { ref: "new:a", title: "A" }) }, "a");
    put(move("new:a", "doing"), "b");
    replies = [task(7), task(7, { version: 9 })];
    sender.wake();
    await settled();
    expect(asked.map((one) => [one.key, one.ask.path])).toEqual([["a", "/projects/WEB/tasks"], ["b", "/tasks/WEB-7/move"]]);
    expect(over).toEqual(["done a", "done b"]);
    expect(states).toEqual(["well"]);
  });

  it("repeats under the same key what got no answer, less and less often, at once when there may be a line", async () => {
    put(move("WEB-1", "doing"), "a");
    replies = [new NoLine(), new NoLine(), new NoLine(), task(1)];
    sender.wake();
    await settled();
    expect([states.at(-1), timers.map((one) => one.ms)]).toEqual(["stuck", [500]]);
    await tick();
    expect(timers.map((one) => one.ms)).toEqual([1_000]);
    sender.nudge();
    await settled();
    expect(asked).toHaveLength(2);
    sender.wake();
    await settled();
    await tick();
    expect(asked.map((one) => one.key)).toEqual(["a", "a", "a", "a"]);
    expect([over, states, timers]).toEqual([["done a"], ["stuck", "well"], []]);
  });

  it("sends what comes while it gives up its turn", async () => {
    let giveUp = () => {};
    release = () => new Promise((resume) => (giveUp = resume));
    put(move("WEB-1", "doing"), "a");
    replies = [task(1), task(2)];
    sender.nudge();
    await settled();
    put(move("WEB-2", "doing"), "b");
    sender.nudge();
    await settled();
    giveUp();
    await settled();
    expect(over).toEqual(["done a", "done b"]);
  });

  it("does not try again at once what got no answer though more came meanwhile", async () => {
    let giveUp = () => {};
    release = () => new Promise((resume) => (giveUp = resume));
    put(move("WEB-1", "doing"), "a");
    replies = [new NoLine()];
    sender.nudge();
    await settled();
    put(move("WEB-2", "doing"), "b");
    sender.nudge();
    giveUp();
    await settled();
    expect([asked.length, timers.map((one) => one.ms)]).toEqual([1, [500]]);
  });

  it("goes on behind a refusal", async () => {
    put(move("WEB-1", "doing"), "a");
    put(move("WEB-2", "doing"), "b");
    replies = [new Problem(409, { code: "wip_limit_reached" }), task(2)];
    sender.wake();
    await settled();
    expect(over).toEqual(["refused a", "done b"]);
  });

  it.each([401, 429])("keeps what was answered with %i", async (status) => {
    put(move("WEB-1", "doing"), "a");
    replies = [new Problem(status, {})];
    sender.wake();
    await settled();
    expect([over, queue.length, states.at(-1)]).toEqual([[], 1, "stuck"]);
  });

  it("drops what waited for more than a day, and does not send it", async () => {
    put(move("WEB-1", "doing"), "a");
    now += KEEP + 1;
    put(move("WEB-2", "doing"), "b");
    replies = [task(2)];
    sender.wake();
    await settled();
    expect(over).toEqual(["expired a", "done b"]);
    expect(asked.map((one) => one.key)).toEqual(["b"]);
  });

  it("finds the reference of a task that another window made, and gives up on one that never was", async () => {
    put({ kind: "move", ref: "new:x", place: { state: "todo", before: "new:gone" } }, "a");
    put(move("new:gone", "doing"), "b");
    refs.set("new:x", "WEB-5");
    replies = [task(5)];
    sender.wake();
    await settled();
    expect(asked.map((one) => one.ask)).toEqual([{ method: "POST", path: "/tasks/WEB-5/move", body: { state: "todo" } }]);
    expect(over).toEqual(["done a", "orphaned b"]);
  });

  it("says when an answer takes long", async () => {
    let answer: (value: unknown) => void = () => {};
    replies = [new Promise((resolve) => (answer = resolve))];
    put(move("WEB-1", "doing"));
    sender.wake();
    await settled();
    expect(timers.map((one) => one.ms)).toEqual([SLOW]);
    await tick();
    expect(states).toEqual(["slow"]);
    answer(task(1));
    await settled();
    expect(states).toEqual(["slow", "well"]);
  });

  it("takes along what comes while it sends", async () => {
    let answer: (value: unknown) => void = () => {};
    replies = [new Promise((resolve) => (answer = resolve)), task(2)];
    put(move("WEB-1", "doing"), "a");
    sender.wake();
    await settled();
    put(move("WEB-2", "doing"), "b");
    sender.wake();
    answer(task(1));
    await settled();
    expect(over).toEqual(["done a", "done b"]);
  });
});
