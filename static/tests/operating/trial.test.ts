import { describe, expect, it } from "vitest";
import { type Outcome, type Outcomes, PATIENCE, type Surroundings, tryWays, type TrialSocket, verdict } from "../../src/operating/trial";

interface World {
  /** What a request comes to. */
  probe?: Response | "none" | "hangs";
  /** When each message of the stream arrives, in ms; null: it ends without. */
  stream?: readonly [number, number] | Response | "none" | "hangs";
  socket?: "pong" | "silent" | "hangs" | number;
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
const GOOD = { build: "1" };

/** Surroundings whose time passes only as the test's timers are due. */
function surroundings({ probe = json(GOOD), stream = [10, 1_510], socket = "pong" }: World) {
  let now = 0;
  const timers = new Set<{ at: number; call: () => void }>();
  const after = (ms: number, call: () => void) => {
    const timer = { at: now + ms, call };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const wait = (ms: number) => new Promise<void>((resolve) => after(ms, resolve));
  const lost = (signal: AbortSignal | null | undefined) => new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))));
  const parts = (at: readonly [number, number], signal: AbortSignal | null | undefined) =>
    new ReadableStream({
      async start(controller) {
        signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
        for (const [n, name] of ["hello", "bye"].entries()) {
          await wait((at[n] ?? 0) - now);
          if (!signal?.aborted) controller.enqueue(new TextEncoder().encode(`event: ${name}\ndata: {}\n\n`));
        }
        if (!signal?.aborted) controller.close();
      },
    });
  const closed: number[] = [];
  const env: Surroundings = {
    now: () => now,
    after,
    fetch: async (path, { signal }) => {
      const what = path.endsWith("/stream") ? stream : probe;
      if (what === "none") throw new TypeError("Failed to fetch");
      if (what === "hangs") return lost(signal);
      return what instanceof Response ? what : new Response(parts(what, signal), { headers: { "Content-Type": "text/event-stream" } });
    },
    socket: () => {
      const made: TrialSocket = { onopen: null, onmessage: null, onclose: null, send: () => socket === "pong" && after(5, () => made.onmessage?.()), close: () => closed.push(1) };
      if (typeof socket === "number") after(5, () => made.onclose?.({ code: socket }));
      else if (socket !== "hangs") after(5, () => made.onopen?.());
      return made;
    },
  };
  /** Let time pass until nothing is left to happen. */
  const run = async (): Promise<Outcomes> => {
    const told: Outcomes[] = [];
    let over = false;
    const all = tryWays(env, (one) => told.push(one)).finally(() => (over = true));
    while (!over) {
      for (let n = 0; n < 8; n++) await new Promise((resume) => setTimeout(resume));
      const next = [...timers].sort((a, b) => a.at - b.at)[0];
      if (next) {
        timers.delete(next);
        now = Math.max(now, next.at);
        next.call();
      }
    }
    const found = await all;
    expect(told.at(-1)).toEqual(found);
    return found;
  };
  return { run, closed };
}

const kinds = (outcomes: Outcomes) => Object.fromEntries(Object.entries(outcomes).map(([way, one]: [string, Outcome]) => [way, one.kind]));

describe("the self-test of the line", () => {
  it.each([
    ["all is open", {}, { http: "good", stream: "good", socket: "good" }, "good"],
    ["a socket that is cut off", { socket: 1006 }, { http: "good", stream: "good", socket: "none" }, "onlyStreams"],
    ["a socket that never opens", { socket: "hangs" }, { http: "good", stream: "good", socket: "none" }, "onlyStreams"],
    ["a socket over which nothing comes", { socket: "silent" }, { http: "good", stream: "good", socket: "silent" }, "onlyStreams"],
    ["a foreign address", { socket: 4403 }, { http: "good", stream: "good", socket: "foreign" }, "foreign"],
    ["a session that ended", { socket: 4401 }, { http: "good", stream: "good", socket: "signedOut" }, "signedOut"],
    ["messages that come together", { stream: [1_510, 1_512] }, { http: "good", stream: "collected", socket: "good" }, "onlySocket"],
    ["a first message that is late", { stream: [1_300, 1_510] }, { http: "good", stream: "good", socket: "good" }, "good"],
    ["messages that do not come", { stream: [PATIENCE + 1, PATIENCE + 2] }, { http: "good", stream: "collected", socket: "good" }, "onlySocket"],
    ["a stream that hangs, and no socket", { stream: "hangs", socket: 1006 }, { http: "good", stream: "none", socket: "none" }, "neither"],
    ["a stream that is refused", { stream: json({}, 502) }, { http: "good", stream: "status", socket: "good" }, "onlySocket"],
    ["a stream that is something else", { stream: json({}) }, { http: "good", stream: "status", socket: "good" }, "onlySocket"],
    ["no line", { probe: "none" }, { http: "none" }, "noLine"],
    ["a line that hangs", { probe: "hangs" }, { http: "none" }, "noLine"],
    ["a proxy's answer", { probe: json({}, 502) }, { http: "status" }, "noLine"],
    ["a network's own page", { probe: new Response("<html>") }, { http: "status" }, "noLine"],
    ["nobody signed in", { probe: json({}, 401) }, { http: "signedOut" }, "signedOut"],
  ] as const)("tells %s", async (_name, world, expected, word) => {
    const { run, closed } = surroundings(world as World);
    const found = await run();
    expect(kinds(found)).toEqual(expected);
    expect(verdict(found)).toBe(word);
    // Nothing stays open.
    expect(closed).toHaveLength("socket" in expected ? 1 : 0);
  });
});
