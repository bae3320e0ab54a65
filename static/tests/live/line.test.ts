import { beforeEach, describe, expect, it } from "vitest";
import type { LogEvent } from "../../src/api/types";
import { backoff } from "../../src/live/backoff";
import { type Cursor, FAR, Line, PING_EVERY, PONG_WITHIN, type Status } from "../../src/live/line";
import { DEAD } from "../../src/live/wire";
import { event } from "../events";

/** The far end of a socket, as the browser would show it. */
class Socket {
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  closedWith: number | undefined;
  close(code?: number) {
    this.readyState = 3;
    this.closedWith = code;
  }
  accept() {
    this.readyState = 1;
    this.onopen?.();
  }
  say(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  end(code: number) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

class Clock {
  now = 1_000_000;
  private timers: { at: number; call: () => void }[] = [];
  after = (ms: number, call: () => void) => {
    const timer = { at: this.now + ms, call };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  };
  run(ms: number) {
    const end = this.now + ms;
    for (;;) {
      const next = this.timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter((one) => one !== next);
      this.now = Math.max(this.now, next.at);
      next.call();
    }
    this.now = end;
  }
  /** Time passes while nothing runs. */
  sleep(ms: number) {
    this.now += ms;
  }
}

let clock: Clock;
let sockets: Socket[];
let statuses: Status[];
let signedOut: number;
let met: [string | undefined, string][];
let cursor: Cursor | null;
let got: number[];
let resyncs: Cursor[];
let gone: string[];
let line: Line;
const socket = () => sockets.at(-1)!;
const status = () => statuses.at(-1);
const board = {
  cursor: () => cursor,
  events: (events: LogEvent[]) => {
    got.push(...events.map((one) => one.seq));
    cursor = { log: "L", seq: events.at(-1)!.seq };
  },
  resync: (to: Cursor) => void resyncs.push(to),
  gone: (reason: string) => void gone.push(reason),
};

beforeEach(() => {
  clock = new Clock();
  [sockets, statuses, got, resyncs, gone, met] = [[], [], [], [], [], []];
  signedOut = 0;
  cursor = { log: "L", seq: 10 };
  line = new Line({
    open: () => {
      sockets.push(new Socket());
      return socket();
    },
    now: () => clock.now,
    random: () => 0.5,
    after: clock.after,
    status: (one) => void statuses.push(one),
    met: (build, via) => void met.push([build, via]),
    signedOut: () => void signedOut++,
  });
  line.subscribe("project:WEB", board);
  line.start();
});

function goLive(head = 10) {
  socket().accept();
  socket().say({ op: "subscribed", topic: "project:WEB", log: "L", seq: head });
}

describe("the status", () => {
  it("is live only when everything missed is in", () => {
    expect(status()).toEqual({ kind: "connecting" });
    goLive(13);
    expect(status()).toEqual({ kind: "catching", left: 3 });
    socket().say({ op: "events", topic: "project:WEB", events: [event(11, "x"), event(12, "x")] });
    expect(status()).toEqual({ kind: "catching", left: 1 });
    socket().say({ op: "events", topic: "project:WEB", events: [event(13, "x")] });
    expect(status()).toEqual({ kind: "live" });
    expect(got).toEqual([11, 12, 13]);
  });

  it("says since when nothing was heard", () => {
    goLive();
    const heard = clock.now;
    clock.run(4_000);
    socket().end(1006);
    expect(status()).toEqual({ kind: "offline", since: heard });
    clock.run(60_000);
    expect(status()).toEqual({ kind: "offline", since: heard });
  });
});

describe("coming back", () => {
  it("is quick at first and goes on from the cursor", () => {
    goLive();
    socket().say({ op: "events", topic: "project:WEB", events: [event(11, "x")] });
    socket().end(1012);
    clock.run(250);
    expect(sockets).toHaveLength(2);
    socket().accept();
    expect(socket().sent).toEqual([{ op: "subscribe", topic: "project:WEB", since: 11, log: "L" }]);
  });

  it("waits longer each time, at most 15 s", () => {
    expect(backoff(0, () => 1)).toBeLessThanOrEqual(250);
    expect(backoff(1, () => 0)).toBe(250);
    expect(backoff(4, () => 0.5)).toBe(3_000);
    expect(backoff(30, () => 1)).toBe(15_000);
  });

  it("does not wait when the network is back", () => {
    goLive();
    for (let n = 0; n < 6; n++) {
      socket().end(1006);
      clock.run(20_000);
    }
    socket().end(1006);
    const before = sockets.length;
    line.wake();
    expect(sockets).toHaveLength(before + 1);
  });

  it("notices a line that is dead without saying so", () => {
    goLive();
    clock.run(PING_EVERY);
    expect(socket().sent.at(-1)).toEqual({ op: "ping" });
    clock.run(PONG_WITHIN);
    expect(status()?.kind).toBe("offline");
    clock.run(250);
    expect(sockets).toHaveLength(2);
  });

  it("doubts a line after the network went, though what was under way still arrives", () => {
    goLive();
    line.interrupted();
    socket().say({ op: "pong" });
    clock.run(5_000);
    expect(status()?.kind).toBe("offline");
  });

  it("is soon at ease again where the network was said to be gone and is not", () => {
    goLive();
    line.interrupted();
    const pings = () => socket().sent.filter(({ op }) => op === "ping").length;
    for (let second = 0; second < 30; second++) {
      socket().say({ op: "pong" });
      clock.run(1_000);
    }
    socket().say({ op: "pong" });
    const before = pings();
    clock.run(5_000);
    expect([pings() - before <= 1, sockets.length, status()]).toEqual([true, 1, { kind: "live" }]);
  });

  it("tells a dead line from one that it needs no longer", () => {
    goLive();
    const dead = socket();
    clock.run(PING_EVERY + PONG_WITHIN);
    expect(dead.closedWith).toBe(DEAD);
    clock.run(250);
    line.stop();
    expect(socket().closedWith).toBeUndefined();
  });

  it("is without a line while nobody looks, and goes on from the cursor when somebody does", () => {
    goLive();
    line.rest();
    clock.run(600_000);
    expect(sockets).toHaveLength(1);
    clock.sleep(3_600_000);
    clock.run(10_000);
    expect(sockets).toHaveLength(1);
    line.wake();
    expect(status()).toEqual({ kind: "connecting" });
    goLive();
    expect(socket().sent).toEqual([{ op: "subscribe", topic: "project:WEB", since: 10, log: "L" }]);
    expect(status()).toEqual({ kind: "live" });
  });

  it("fetches the board rather than all that happened when it is far behind", () => {
    goLive(10 + FAR);
    expect(resyncs).toEqual([]);
    socket().end(1006);
    clock.run(250);
    goLive(11 + FAR);
    expect(resyncs).toEqual([{ log: "L", seq: 11 + FAR }]);
    expect(status()?.kind).not.toBe("live");
  });

  it("takes what comes a second time once", () => {
    goLive();
    socket().say({ op: "events", topic: "project:WEB", events: [event(11, "x")] });
    socket().say({ op: "events", topic: "project:WEB", events: [event(10, "x"), event(11, "x"), event(12, "x")] });
    expect(got).toEqual([11, 12]);
  });

  it("is content with a pong", () => {
    goLive();
    for (let n = 0; n < 4; n++) {
      clock.run(PING_EVERY);
      socket().say({ op: "pong" });
    }
    clock.run(PONG_WITHIN);
    expect(sockets).toHaveLength(1);
    expect(status()).toEqual({ kind: "live" });
  });

  it("connects anew at once after sleep", () => {
    goLive();
    clock.run(3_000);
    clock.sleep(3_600_000);
    clock.run(2_000);
    expect(sockets).toHaveLength(2);
    goLive();
    expect(status()).toEqual({ kind: "live" });
  });

  it("asks again rather than use events after a gap", () => {
    goLive();
    socket().say({ op: "events", topic: "project:WEB", events: [event(13, "x")] });
    expect(got).toEqual([]);
    expect(socket().sent.at(-1)).toEqual({ op: "subscribe", topic: "project:WEB", since: 10, log: "L" });
  });
});

describe("the server's word", () => {
  it("4401 leads to sign-in and ends the trying", () => {
    socket().accept();
    socket().end(4401);
    clock.run(60_000);
    expect(signedOut).toBe(1);
    expect(sockets).toHaveLength(1);
  });

  it("resync is passed on, and the line is not called live before the board is here", () => {
    goLive();
    socket().say({ op: "resync", topic: "project:WEB", log: "M", seq: 40 });
    expect(resyncs).toEqual([{ log: "M", seq: 40 }]);
    expect(status()?.kind).not.toBe("live");
    socket().say({ op: "events", topic: "project:WEB", events: [event(41, "x")] });
    expect(got).toEqual([]);
    cursor = { log: "M", seq: 41 };
    line.subscribe("project:WEB", board);
    expect(socket().sent.at(-1)).toEqual({ op: "subscribe", topic: "project:WEB", since: 41, log: "M" });
    socket().say({ op: "subscribed", topic: "project:WEB", log: "M", seq: 41 });
    expect(status()).toEqual({ kind: "live" });
  });

  it("a refusal right after the handshake does not make the line hammer", () => {
    for (let n = 0; n < 8; n++) {
      socket().accept();
      socket().end(4403);
      clock.run(15_000);
    }
    const before = sockets.length;
    socket().accept();
    socket().end(4403);
    clock.run(5_000);
    expect(sockets).toHaveLength(before);
  });

  it("a project that is not there any more ends the topic", () => {
    socket().accept();
    socket().say({ op: "error", code: "not_found", topic: "project:WEB" });
    expect(gone).toEqual(["access_revoked"]);
  });

  it("names its build, and what carries the line", () => {
    socket().accept();
    socket().say({ op: "subscribed", topic: "project:WEB", log: "L", seq: 10, build: "2", via: "stream" });
    expect(met).toEqual([["2", "stream"]]);
  });

  it("access taken away ends the topic", () => {
    goLive();
    socket().say({ op: "unsubscribed", topic: "project:WEB", reason: "access_revoked" });
    expect(gone).toEqual(["access_revoked"]);
    expect(status()).toEqual({ kind: "live" });
  });

  it("events of a topic left behind are not delivered", () => {
    const leave = line.subscribe("project:OPS", board);
    goLive();
    leave();
    expect(socket().sent.at(-1)).toEqual({ op: "unsubscribe", topic: "project:OPS" });
    socket().say({ op: "events", topic: "project:OPS", events: [event(1, "x")] });
    expect(got).toEqual([]);
  });
});
