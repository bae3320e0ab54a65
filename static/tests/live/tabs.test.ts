import { beforeEach, expect, it } from "vitest";
import { ANSWER_WITHIN, Tabs } from "../../src/live/tabs";
import { AGAIN } from "../../src/live/wire";
import { Far, listen } from "./wires";

const T = "project:WEB";
const tick = () => new Promise((resume) => setTimeout(resume));

/** A browser: its windows, their channel, and the lock. */
class Browser {
  lines: Far[] = [];
  private holder: { reject(): void; who: string } | null = null;
  private queue: { who: string; held: () => Promise<void>; reject(error: Error): void }[] = [];
  private readonly windows = new Map<string, Tabs>();
  private readonly frozen = new Set<string>();
  timers: { ms: number; call: () => void }[] = [];

  open(id: string): Tabs {
    const tabs = new Tabs({
      id,
      post: (message) => {
        const copy = JSON.stringify(message);
        queueMicrotask(() => {
          for (const [other, one] of this.windows) if (other !== id && !this.frozen.has(other)) one.hear(JSON.parse(copy));
        });
      },
      lock: ({ steal, signal }, held) =>
        new Promise<void>((resolve, reject) => {
          const one = { who: id, held: () => held().then(resolve), reject };
          signal?.addEventListener("abort", () => {
            if (this.holder?.who === id) return;
            this.queue = this.queue.filter((other) => other !== one);
            reject(new Error("aborted"));
          });
          if (steal) {
            this.holder?.reject();
            this.holder = null;
            this.queue.unshift(one);
          } else this.queue.push(one);
          queueMicrotask(() => this.next());
        }),
      open: () => {
        this.lines.push(new Far());
        return this.line;
      },
      now: () => 0,
      after: (ms, call) => {
        const timer = { ms, call };
        this.timers.push(timer);
        return () => void (this.timers = this.timers.filter((one) => one !== timer));
      },
    });
    this.windows.set(id, tabs);
    return tabs;
  }

  private next(): void {
    const one = this.holder ? undefined : this.queue.shift();
    if (!one) return;
    const mine = { who: one.who, reject: () => one.reject(new Error("stolen")) };
    this.holder = mine;
    void one.held().then(() => {
      if (this.holder === mine) this.holder = null;
      this.next();
    });
  }

  get line(): Far {
    return this.lines.at(-1)!;
  }

  /** A window that ends without a word. */
  kill(id: string): void {
    this.windows.delete(id);
    if (this.holder?.who === id) this.holder = null;
    this.next();
  }

  freeze(id: string): void {
    this.frozen.add(id);
  }

  pass(ms: number): void {
    const due = this.timers.filter((one) => one.ms === ms);
    this.timers = this.timers.filter((one) => one.ms !== ms);
    for (const one of due) one.call();
  }
}

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

async function settled(): Promise<void> {
  for (let n = 0; n < 5; n++) await tick();
}

/** A window that comes back whenever its wire ends, as the line does. */
function following(tabs: Tabs, cursor = 10) {
  const seen: number[] = [];
  const one = { tabs, seen, ends: [] as number[], wire: null as ReturnType<typeof listen> | null };
  const connect = () => {
    const wire = listen(tabs.open() as Far);
    one.wire = wire;
    (wire.wire as Far).onopen = () => wire.say({ op: "subscribe", topic: T, since: seen.at(-1) ?? cursor, log: "L" });
    (wire.wire as Far).onmessage = ({ data }) => {
      const frame = JSON.parse(data) as { op: string; events?: { seq: number }[] };
      for (const { seq } of frame.events ?? []) if (seq > (seen.at(-1) ?? cursor)) seen.push(seq);
    };
    (wire.wire as Far).onclose = ({ code }) => {
      one.ends.push(code);
      setTimeout(connect);
    };
  };
  connect();
  return one;
}

/** The server's side of the newest line. */
async function serve(head: number): Promise<void> {
  browser.line.opened();
  await settled();
  browser.line.say({ op: "subscribed", topic: T, log: "L", seq: head });
  await settled();
}

const say = async (...seqs: number[]) => {
  browser.line.say({ op: "events", topic: T, events: seqs.map((seq) => ({ seq })) });
  await settled();
};

it("all windows get what one line brings", async () => {
  const [a, b] = [following(browser.open("a")), following(browser.open("b"))];
  await settled();
  expect([a.tabs.holds, b.tabs.holds, browser.lines.length]).toEqual([true, false, 1]);
  await serve(10);
  await say(11, 12);
  expect([a.seen, b.seen]).toEqual([[11, 12], [11, 12]]);
});

it("when the one that has the line is killed another goes on, and nothing is lost", async () => {
  const [a, b, c] = [following(browser.open("a")), following(browser.open("b")), following(browser.open("c"))];
  await settled();
  await serve(10);
  await say(11);
  browser.kill("a");
  await settled();
  expect([b.tabs.holds, c.tabs.holds, browser.lines.length]).toEqual([true, false, 2]);
  browser.line.opened();
  await settled();
  expect(browser.line.sent[0]).toEqual({ op: "subscribe", topic: T, since: 11, log: "L" });
  browser.line.say({ op: "subscribed", topic: T, log: "L", seq: 13 });
  await say(12, 13);
  expect([b.seen, c.seen]).toEqual([[11, 12, 13], [11, 12, 13]]);
  expect(a.seen).toEqual([11]);
});

it("one that rests hands the line on", async () => {
  const [a, b] = [following(browser.open("a")), following(browser.open("b"))];
  await settled();
  await serve(10);
  (a.wire!.wire as Far).onclose = null;
  a.wire!.wire.close();
  a.tabs.rest();
  await settled();
  expect([a.tabs.holds, b.tabs.holds]).toEqual([false, true]);
  expect(b.ends).toContain(AGAIN);
  await serve(11);
  await say(11);
  expect(b.seen).toEqual([11]);
});

it("one that is frozen loses the line to who has no answer from it", async () => {
  const a = following(browser.open("a"));
  await settled();
  await serve(10);
  browser.freeze("a");
  const b = following(browser.open("b"));
  await settled();
  browser.pass(ANSWER_WITHIN);
  await settled();
  expect([a.tabs.holds, b.tabs.holds]).toEqual([false, true]);
});

it("a signed-out line signs out every window", async () => {
  const [a, b] = [following(browser.open("a")), following(browser.open("b"))];
  await settled();
  await serve(10);
  browser.line.ended(4401);
  await settled();
  for (const one of [a, b]) expect(one.ends).toContain(4401);
});
