import { describe, expect, it } from "vitest";
import { Follower, type Following } from "../../src/live/follow";

/** A server whose streams are written by hand, and a clock that goes when it is told. */
class World {
  now = 1_000;
  asked: { signal: AbortSignal; answer(response: Response | Error): void }[] = [];
  told: (Following | string)[] = [];
  private timers: { at: number; call: () => void }[] = [];

  readonly follower = new Follower("/figures", {
    fetch: (_path, { signal }) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new Error("aborted")));
        this.asked.push({ signal: signal as AbortSignal, answer: (response) => (response instanceof Error ? reject(response) : resolve(response)) });
      }),
    now: () => this.now,
    random: () => 0.5,
    after: (ms, call) => {
      const timer = { at: this.now + ms, call };
      this.timers.push(timer);
      return () => {
        this.timers = this.timers.filter((one) => one !== timer);
      };
    },
  }, {
    opened: () => this.told.push("opened"),
    message: (event, data) => this.told.push(`${event} ${JSON.stringify(data)}`),
    state: (state) => this.told.push(state),
  });

  async pass(ms: number): Promise<void> {
    this.now += ms;
    const due = this.timers.filter(({ at }) => at <= this.now);
    this.timers = this.timers.filter(({ at }) => at > this.now);
    for (const { call } of due) call();
    await settled();
  }

  /** Answer the last question with a stream; what is given back writes to it and ends it. */
  async stream(): Promise<{ say(text: string): Promise<void>; end(): Promise<void> }> {
    let out: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (out = controller) });
    // As a real answer does.
    this.asked.at(-1)?.signal.addEventListener("abort", () => out.error(new Error("aborted")));
    this.asked.at(-1)?.answer(new Response(body, { status: 200 }));
    await settled();
    return {
      say: async (text) => {
        out.enqueue(new TextEncoder().encode(text));
        await settled();
      },
      end: async () => {
        out.close();
        await settled();
      },
    };
  }

  async refuse(response: Response | Error): Promise<void> {
    this.asked.at(-1)?.answer(response);
    await settled();
  }
}

const settled = () => new Promise((resolve) => setTimeout(() => setTimeout(resolve)));
const FIGURES = 'event: dashboard\nid: 7\ndata: {"seq":7}\n\n';

describe("who follows figures", () => {
  it("gets them whole, and is live", async () => {
    const world = new World();
    world.follower.wake();
    world.follower.wake();
    const stream = await world.stream();
    await stream.say(": still here\n\n");
    await stream.say(FIGURES.slice(0, 20));
    await stream.say(FIGURES.slice(20));
    expect(world.asked.length).toBe(1);
    expect(world.told).toEqual(["opened", 'dashboard {"seq":7}', { kind: "live" }]);
  });

  it("comes back at once where the line only hiccuped, without a word", async () => {
    const world = new World();
    world.follower.wake();
    const stream = await world.stream();
    await stream.say(FIGURES);
    await stream.end();
    await world.pass(300);
    expect(world.asked.length).toBe(2);
    await (await world.stream()).say(FIGURES);
    expect(world.told.filter((one) => typeof one !== "string" && one.kind === "lost")).toEqual([]);
  });

  it("says since when nothing came, and tries more and more rarely, until it is back", async () => {
    const world = new World();
    world.follower.wake();
    const stream = await world.stream();
    await stream.say(FIGURES);
    await stream.end();
    await world.pass(300);
    await world.refuse(new Error("no line"));
    expect(world.told.at(-1)).toEqual({ kind: "lost", since: 1_000 });
    const asked = () => world.asked.length;
    let waited: number[] = [];
    for (let n = 0; n < 6; n++) {
      const before = asked();
      let ms = 0;
      while (asked() === before) {
        await world.pass(125);
        ms += 125;
      }
      waited = [...waited, ms];
      await world.refuse(new Response("", { status: 503 }));
    }
    expect(waited).toEqual([...waited].sort((a, b) => a - b));
    expect(waited.at(-1)).toBeLessThanOrEqual(15_000);
    world.follower.wake();
    await (await world.stream()).say(FIGURES);
    expect(world.told.at(-1)).toEqual({ kind: "live" });
  });

  it("says since when it waits where there was never anything", async () => {
    const world = new World();
    world.follower.wake();
    for (let n = 0; n < 3; n++) {
      await world.refuse(new Error("no line"));
      await world.pass(20_000);
    }
    expect(world.told).toEqual([{ kind: "lost", since: 1_000 }, { kind: "lost", since: 1_000 }]);
  });

  it("does not trust silence", async () => {
    const world = new World();
    world.follower.wake();
    const stream = await world.stream();
    await stream.say(FIGURES);
    await world.pass(20_000);
    await stream.say(": still here\n\n");
    await world.pass(20_000);
    expect(world.asked[0]?.signal.aborted).toBe(false);
    await world.pass(20_000);
    expect(world.asked[0]?.signal.aborted).toBe(true);
    await world.pass(300);
    expect(world.asked.length).toBe(2);
  });

  it.each([
    ["signed out", new Response("", { status: 401 }), "signed_out"],
    ["not let in", new Response("", { status: 404 }), "gone"],
  ])("stops for good where it is %s", async (_why, response, why) => {
    const world = new World();
    world.follower.wake();
    await world.refuse(response);
    expect(world.told).toEqual([{ kind: "over", why }]);
    world.follower.wake();
    await world.pass(60_000);
    expect(world.asked.length).toBe(1);
  });

  it("stops for good where its access is taken away meanwhile", async () => {
    const world = new World();
    world.follower.wake();
    const stream = await world.stream();
    await stream.say(`${FIGURES}event: unsubscribed\ndata: {"reason":"access_revoked"}\n\n`);
    expect(world.told.at(-1)).toEqual({ kind: "over", why: "gone" });
    await world.pass(60_000);
    expect(world.asked.length).toBe(1);
  });

  it("rests while nobody looks: no stream, no tries, no word", async () => {
    const world = new World();
    world.follower.wake();
    const stream = await world.stream();
    await stream.say(FIGURES);
    const told = [...world.told];
    world.follower.rest();
    await settled();
    expect(world.asked[0]?.signal.aborted).toBe(true);
    await world.pass(60_000);
    expect(world.asked.length).toBe(1);
    expect(world.told).toEqual(told);
    world.follower.wake();
    expect(world.asked.length).toBe(2);
  });
});
