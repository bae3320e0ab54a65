import { beforeEach, expect, it } from "vitest";
import { Carriers } from "../../src/live/carriers";
import { EventReader } from "../../src/live/sse";
import { StreamWire } from "../../src/live/stream";
import { AGAIN, LOST, SIGNED_OUT } from "../../src/live/wire";
import { Far, listen } from "./wires";

const tick = () => new Promise((resume) => setTimeout(resume));

let sockets: Far[];
let streams: Far[];
let reachable: boolean;
let timers: { ms: number; call: () => void }[];
let carriers: Carriers;

const after = (ms: number, call: () => void) => {
  const timer = { ms, call };
  timers.push(timer);
  return () => void (timers = timers.filter((one) => one !== timer));
};

beforeEach(() => {
  [sockets, streams, timers, reachable] = [[], [], [], true];
  carriers = new Carriers({
    socket: () => (sockets.push(new Far()), sockets.at(-1)!),
    stream: () => (streams.push(new Far()), streams.at(-1)!),
    reachable: async () => reachable,
    after,
  });
});

async function fail(times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    const one = listen(carriers.open());
    sockets.at(-1)!.ended(LOST);
    await tick();
    expect(one.closed).toEqual([LOST]);
  }
}

it("takes streams after two sockets that brought nothing from a server that is there", async () => {
  await fail(2);
  carriers.open();
  expect([sockets.length, streams.length]).toEqual([2, 1]);
});

it("stays with sockets while the server is away", async () => {
  reachable = false;
  await fail(5);
  carriers.open();
  expect([sockets.length, streams.length]).toEqual([6, 0]);
});

it("stays with sockets that worked once", async () => {
  await fail(1);
  const one = listen(carriers.open());
  sockets.at(-1)!.opened();
  sockets.at(-1)!.say({ op: "pong" });
  sockets.at(-1)!.ended(LOST);
  await fail(1);
  carriers.open();
  expect([one.heard.length, sockets.length, streams.length]).toEqual([1, 4, 0]);
});

it("goes back to a socket as soon as one gets through", async () => {
  await fail(2);
  const one = listen(carriers.open());
  streams[0]!.opened();
  timers.pop()!.call();
  sockets.at(-1)!.ended(LOST);
  expect(one.closed).toEqual([]);
  timers.pop()!.call();
  sockets.at(-1)!.opened();
  sockets.at(-1)!.say({ op: "pong" });
  expect([one.closed, streams[0]!.closedWith]).toEqual([[AGAIN], undefined]);
  expect(timers).toEqual([]);
  carriers.open();
  expect(streams).toHaveLength(1);
});

it("reads events however they are cut", () => {
  const text = 'retry: 2000\nevent: hello\nid: 7\ndata: {"a":\ndata: 1}\n\n:\n\nid: 8\r\ndata:x\r\n\r\n';
  const whole = new EventReader().read(text);
  expect(whole).toEqual([{ event: "hello", id: "7", data: '{"a":\n1}' }, { event: "message", id: "8", data: "x" }]);
  const reader = new EventReader();
  expect([...text].flatMap((letter) => reader.read(letter))).toEqual(whole);
});

/** A server of streams, as `fetch` shows it. */
class Streaming {
  asked: string[] = [];
  me = 200;
  stream = 200;
  body: ReadableStreamDefaultController<Uint8Array> | null = null;
  fetch = async (path: string) => {
    this.asked.push(path);
    if (path === "/api/v1/me") return new Response("{}", { status: this.me });
    if (path === "/healthz") return new Response("ok");
    if (path.includes("/events?")) return Response.json({ log: "L", seq: 8, has_more: false, events: path.includes("since=6") ? [{ seq: 7 }, { seq: 8 }] : [] });
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (this.body = controller) });
    return new Response(this.stream === 200 ? body : null, { status: this.stream });
  };
  say(text: string) {
    this.body!.enqueue(new TextEncoder().encode(text));
  }
}

async function streaming(server: Streaming) {
  const one = listen(new StreamWire({ fetch: server.fetch, now: () => 0, after }));
  await tick();
  one.say({ op: "subscribe", topic: "project:WEB", since: 4, log: "L" });
  await tick();
  return one;
}

it("tells a stream as a socket would", async () => {
  const server = new Streaming();
  const one = await streaming(server);
  expect([one.opened, server.asked.at(-1)]).toEqual([1, "/api/v1/projects/WEB/stream?since=4&log=L"]);
  server.say('event: hello\nid: 4\ndata: {"log":"L","seq":6,"build":"b"}\n\nid: 5\ndata: {"seq":5}\n\nid: 6\ndata: {"seq":6}\n\n');
  await tick();
  one.say({ op: "ping" });
  await tick();
  server.say('event: unsubscribed\ndata: {"reason":"deleted"}\n\n');
  server.body!.close();
  await tick();
  expect(one.heard).toEqual([
    { op: "subscribed", topic: "project:WEB", log: "L", seq: 6, build: "b", via: "stream" },
    { op: "events", topic: "project:WEB", events: [{ seq: 5 }, { seq: 6 }] },
    { op: "pong" },
    { op: "unsubscribed", topic: "project:WEB", reason: "deleted" },
  ]);
  expect(one.closed).toEqual([]);
});

it("is lost when its stream ends, and says who is signed out or not a member", async () => {
  const server = new Streaming();
  const lost = await streaming(server);
  server.body!.close();
  await tick();
  expect(lost.closed).toEqual([LOST]);
  server.stream = 404;
  expect((await streaming(server)).heard).toEqual([{ op: "error", code: "not_found", topic: "project:WEB" }]);
  server.me = 401;
  expect((await streaming(server)).closed).toEqual([SIGNED_OUT]);
});

it("asks now and then for what there are no connections for, from where it was", async () => {
  const server = new Streaming();
  const one = await streaming(server);
  server.say('event: hello\nid: 6\ndata: {"log":"L","seq":6}\n\n');
  await tick();
  for (const key of ["A", "B", "C"]) one.say({ op: "subscribe", topic: `project:${key}` });
  await tick();
  expect(server.asked.slice(-4)).toEqual([
    "/api/v1/projects/WEB/events?since=6&log=L",
    "/api/v1/projects/A/stream?", "/api/v1/projects/B/stream?", "/api/v1/projects/C/stream?",
  ]);
  expect(one.heard.at(-1)).toEqual({ op: "events", topic: "project:WEB", events: [{ seq: 7 }, { seq: 8 }] });
  timers.at(-1)!.call();
  await tick();
  expect(server.asked.at(-1)).toBe("/api/v1/projects/WEB/events?since=8&log=L");
  expect(one.closed).toEqual([]);
});
