import { beforeEach, describe, expect, it } from "vitest";
import { Switchboard } from "../../src/live/switchboard";
import { DEAD } from "../../src/live/wire";
import { Far, listen } from "./wires";

const T = "project:WEB";
let lines: Far[];
let board: Switchboard;
const line = () => lines.at(-1)!;
const events = (...seqs: number[]) => ({ op: "events", topic: T, events: seqs.map((seq) => ({ seq })) });
const seqs = (heard: Record<string, unknown>[]) =>
  heard.flatMap((frame) => (frame["op"] === "events" ? (frame["events"] as { seq: number }[]).map((one) => one.seq) : []));

beforeEach(() => {
  lines = [];
  board = new Switchboard(() => {
    lines.push(new Far());
    return line();
  });
});

async function window(since?: number) {
  const one = listen(board.connect());
  line().opened();
  await Promise.resolve();
  one.say({ op: "subscribe", topic: T, ...(since === undefined ? {} : { since, log: "L" }) });
  return one;
}

async function live(since: number, head = since) {
  const one = await window(since);
  line().say({ op: "subscribed", topic: T, log: "L", seq: head, build: "1" });
  return one;
}

describe("several windows", () => {
  it("have one line, which goes with the last of them", async () => {
    const [a, b] = [await live(10), await window(10)];
    expect([lines.length, a.opened, b.opened]).toEqual([1, 1, 1]);
    a.wire.close();
    expect(line().closedWith).toBe("open");
    b.wire.close();
    expect(line().closedWith).toBeUndefined();
    expect([a.closed, b.closed]).toEqual([[], []]);
  });

  it("are answered without the server where one follows already", async () => {
    await live(10);
    line().say(events(11, 12));
    const asked = line().sent.length;
    const b = await window(12);
    expect(line().sent).toHaveLength(asked);
    expect(b.heard).toEqual([{ op: "subscribed", topic: T, log: "L", seq: 12, build: "1" }]);
    line().say(events(13));
    expect(seqs(b.heard)).toEqual([13]);
  });

  it("with an earlier cursor get what they missed, and nothing before the server said from where", async () => {
    const a = await live(10);
    line().say(events(11));
    const b = await window(5);
    expect(line().sent.at(-1)).toEqual({ op: "subscribe", topic: T, since: 5, log: "L" });
    line().say(events(12));
    expect(seqs(b.heard)).toEqual([]);
    line().say({ op: "subscribed", topic: T, log: "L", seq: 12 });
    line().say(events(6, 7, 8, 9, 10, 11, 12));
    expect(seqs(b.heard)).toEqual([6, 7, 8, 9, 10, 11, 12]);
    expect(seqs(a.heard)).toEqual([11, 12, 6, 7, 8, 9, 10, 11, 12]);
  });

  it("that ask at the same time miss nothing: the server goes on from the earliest", async () => {
    await live(20);
    await window(5);
    await window(12);
    expect(line().sent.slice(-2).map((frame) => frame["since"])).toEqual([5, 5]);
  });

  it("with another history ask the server", async () => {
    await live(10);
    const b = listen(board.connect());
    await Promise.resolve();
    b.say({ op: "subscribe", topic: T, since: 40, log: "M" });
    expect(line().sent.at(-1)).toEqual({ op: "subscribe", topic: T, since: 40, log: "M" });
  });

  it("leave a topic one by one", async () => {
    const [a, b] = [await live(10), await window(10)];
    a.say({ op: "unsubscribe", topic: T });
    expect(a.heard.at(-1)).toEqual({ op: "unsubscribed", topic: T, reason: "asked" });
    expect(line().sent.some((frame) => frame["op"] === "unsubscribe")).toBe(false);
    line().say(events(11));
    expect([seqs(a.heard), seqs(b.heard)]).toEqual([[], [11]]);
    b.wire.close();
    expect(line().closedWith).toBe("open");
    a.wire.close();
  });

  it("are one person in one place: where they went last", async () => {
    const [a, b] = [await live(10), await window(10)];
    const place = (task: string) => ({ task, field: null, typing: false });
    const said = () => line().sent.filter((frame) => frame["op"] === "presence").at(-1)?.["at"];
    a.say({ op: "presence", topic: T, at: place("WEB-1") });
    b.say({ op: "presence", topic: T, at: null });
    expect(said()).toEqual(place("WEB-1"));
    b.say({ op: "presence", topic: T, at: place("WEB-2") });
    a.say({ op: "presence", topic: T, at: place("WEB-1") });
    expect(said()).toEqual(place("WEB-2"));
    b.wire.close();
    expect(said()).toEqual(place("WEB-1"));
  });

  it("hear at once who is there", async () => {
    await live(10);
    line().say({ op: "presence", topic: T, users: [{ id: "u2" }] });
    const b = await window(10);
    expect(b.heard.at(-1)).toEqual({ op: "presence", topic: T, users: [{ id: "u2" }] });
  });
});

describe("a line that ends", () => {
  it("ends for all, with its code", async () => {
    const [a, b] = [await live(10), await window(10)];
    line().ended(4401);
    expect([a.closed, b.closed]).toEqual([[4401], [4401]]);
    await window(10);
    expect(lines).toHaveLength(2);
    expect(line().sent).toEqual([{ op: "subscribe", topic: T, since: 10, log: "L" }]);
  });

  it("without a word is ended by the window that had no answer", async () => {
    const [a, b] = [await live(10), await window(10)];
    a.say({ op: "ping" });
    a.wire.close(DEAD);
    expect([line().closedWith, b.closed]).toEqual([DEAD, [1006]]);
  });

  it("is not ended for a window whose own way is broken", async () => {
    const [a, b] = [await live(10), await window(10)];
    a.say({ op: "ping" });
    line().say({ op: "pong" });
    a.wire.close(DEAD);
    expect([line().closedWith, b.closed]).toEqual(["open", []]);
  });

  it("ends a topic for all who follow it", async () => {
    const [a, b] = [await live(10), await window(10)];
    line().say({ op: "unsubscribed", topic: T, reason: "deleted" });
    for (const one of [a, b]) expect(one.heard.at(-1)).toEqual({ op: "unsubscribed", topic: T, reason: "deleted" });
  });
});
