/** What carries the line of this window: a socket or streams, its own or that of another window. */
import { Carriers } from "../live/carriers";
import { StreamWire } from "../live/stream";
import { Tabs } from "../live/tabs";
import type { Wire } from "../live/wire";
import { newId } from "../queue/id";

const after = (ms: number, call: () => void): (() => void) => {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
};

const carriers = new Carriers({
  socket: () => new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/live`, "taskhub.v1") as unknown as Wire,
  stream: () => new StreamWire({ fetch: (path, init) => fetch(path, init), now: () => Date.now(), after }),
  reachable: async () => {
    try {
      return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(5_000) })).ok;
    } catch {
      return false;
    }
  },
  after,
});

const NAME = "taskhub.line";
// Over plain HTTP windows can't agree on one of them; then each has a line of its own.
const channel = "locks" in navigator && "BroadcastChannel" in globalThis ? new BroadcastChannel(NAME) : null;

const tabs = channel && new Tabs({
  id: newId(),
  post: (message) => channel.postMessage(message),
  lock: async ({ steal, signal }, held) => {
    await navigator.locks.request(NAME, signal ? { signal } : { steal }, held);
  },
  open: () => carriers.open(),
  now: () => Date.now(),
  after,
});

if (channel) channel.onmessage = ({ data }) => tabs?.hear(data);

export const openWire = (): Wire => (tabs ? tabs.open() : carriers.open());

/** This window needs no line for a while. */
export function restTabs(): void {
  tabs?.rest();
}
