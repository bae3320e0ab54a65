/**
 * The line to the server: one wire for all topics, that comes back by itself and goes on from each topic's cursor. It
 * never trusts silence: it pings, and notices a machine that slept. Knows no DOM.
 */
import type { LogEvent } from "../api/types";
import { backoff } from "./backoff";
import type { At, Present } from "./presence";
import { AGAIN, DEAD, LOST, SIGNED_OUT, type Wire } from "./wire";

export interface Cursor {
  log: string;
  seq: number;
}

export interface Subscriber {
  /** Where to go on from; null: from now. Asked anew at every subscription. */
  cursor(): Cursor | null;
  events(events: LogEvent[]): void;
  /** The cursor no longer fits this log: fetch the board, then subscribe again from it. Until then nothing comes. */
  resync(cursor: Cursor): void;
  gone(reason: "access_revoked" | "deleted"): void;
  /** The server confirmed the subscription, at first and after each lost line: say where you are. */
  joined?(): void;
  /** Who is there. */
  present?(people: readonly Present[]): void;
  /** The line is gone. */
  lost?(): void;
}

export type Status =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "catching"; left: number }
  | { kind: "offline"; since: number };

/** What the line needs of its surroundings. */
export interface Surroundings {
  open(): Wire;
  now(): number;
  random(): number;
  after(ms: number, call: () => void): () => void;
  status(status: Status): void;
  /** The server answered: its build, and what carries the line. */
  met(build: string | undefined, via: "socket" | "stream"): void;
  /** The session has ended: sign in again. */
  signedOut(): void;
}

interface Topic {
  subscriber: Subscriber;
  /** The head the server named when it confirmed, or null before it did. */
  head: number | null;
  /** The subscriber is fetching anew: what comes meanwhile is covered by what it will get. */
  resyncing: boolean;
}

type Frame = {
  op?: string;
  topic?: string;
  log?: string;
  seq?: number;
  events?: LogEvent[];
  reason?: string;
  users?: Present[];
  build?: string;
  code?: string;
  via?: "stream";
};

export const PING_EVERY = 15_000;
export const PONG_WITHIN = 5_000;
const PROBE_WITHIN = 2_000;
const OPEN_WITHIN = 10_000;
const TICK = 2_000;
const SLEPT = 10_000;
/** So often a line is asked for a sign of life after the network was said to be gone: what was under way still arrives. */
const DOUBTS = 10;
/** Further behind than this a new snapshot is less work than all that happened. */
export const FAR = 1_000;

export class Line {
  private readonly topics = new Map<string, Topic>();
  private readonly listeners = new Map<string, Set<(events: readonly LogEvent[]) => void>>();
  private socket: Wire | null = null;
  private ready = false;
  private attempt = 0;
  private lastHeard: number;
  private lostAt: number | null = null;
  private lastTick: number;
  private closed = false;
  private resting = false;
  private doubts = 0;
  private cancelRetry: (() => void) | null = null;
  private cancelPing: (() => void) | null = null;
  private cancelDeadline: (() => void) | null = null;
  private cancelTick: (() => void) | null = null;
  private shown = "";

  constructor(private readonly env: Surroundings) {
    this.lastHeard = this.lastTick = env.now();
  }

  start(): void {
    this.connect();
    this.tick();
  }

  stop(): void {
    this.closed = true;
    this.cancelTick?.();
    this.cancelRetry?.();
    this.hangUp();
  }

  subscribe(topic: string, subscriber: Subscriber): () => void {
    this.topics.set(topic, { subscriber, head: null, resyncing: false });
    if (this.ready) this.ask(topic);
    this.report();
    return () => {
      if (this.topics.get(topic)?.subscriber !== subscriber) return;
      this.topics.delete(topic);
      if (this.ready) this.send({ op: "unsubscribe", topic });
      this.report();
    };
  }

  /**
   * Be told of the events of a topic that somebody else subscribed, after them; without any where some were missed.
   * Until the answer is called.
   */
  listen(topic: string, call: (events: readonly LogEvent[]) => void): () => void {
    const calls = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, calls.add(call));
    return () => calls.delete(call);
  }

  /** Say where in a topic one is; nothing while the server has not confirmed that one follows it. */
  present(topic: string, at: At | null): void {
    if (this.topics.get(topic)?.head != null) this.send({ op: "presence", topic, at });
  }

  /** Nobody looks: be without a line until `wake`. */
  rest(): void {
    if (this.closed) return;
    this.resting = true;
    this.cancelRetry?.();
    this.cancelRetry = null;
    this.hangUp();
    this.report();
  }

  /** The network is said to be back, or somebody looks again: don't wait for the next timer. */
  wake(): void {
    if (this.closed) return;
    if (this.resting) {
      this.resting = false;
      this.lastTick = this.env.now();
    }
    this.doubts = 0;
    if (this.ready) this.ping(PROBE_WITHIN);
    else if (this.socket === null) {
      this.attempt = 0;
      this.connect();
    }
  }

  /** The network is said to be gone. */
  interrupted(): void {
    if (!this.ready) return;
    this.doubts = DOUBTS;
    this.ping(PROBE_WITHIN);
  }

  private connect(): void {
    if (this.closed || this.resting) return;
    this.cancelRetry?.();
    this.cancelRetry = null;
    this.hangUp();
    const socket = this.env.open();
    this.socket = socket;
    this.deadline(OPEN_WITHIN);
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.ready = true;
      this.heard();
      for (const topic of this.topics.keys()) this.ask(topic);
      this.schedulePing();
      this.report();
    };
    socket.onmessage = (message) => {
      if (socket === this.socket) this.receive(String(message.data));
    };
    socket.onclose = (close) => {
      if (socket === this.socket) this.lost(close.code);
    };
    this.report();
  }

  private lost(code: number): void {
    this.hangUp(code);
    if (code === AGAIN && this.lostAt === null && this.attempt === 0) {
      // The server restarts, or another window takes the line over: most often it is back before anybody could look.
      this.attempt++;
      this.cancelRetry = this.env.after(backoff(0, this.env.random), () => this.connect());
      this.report();
      return;
    }
    this.lostAt ??= this.lastHeard;
    if (code === SIGNED_OUT) {
      this.closed = true;
      this.env.signedOut();
      return;
    }
    this.cancelRetry = this.env.after(backoff(this.attempt++, this.env.random), () => this.connect());
    this.report();
  }

  private hangUp(code?: number): void {
    this.cancelPing?.();
    this.cancelDeadline?.();
    this.cancelPing = this.cancelDeadline = null;
    this.ready = false;
    this.doubts = 0;
    for (const topic of this.topics.values()) {
      topic.head = null;
      topic.resyncing = false;
      topic.subscriber.lost?.();
    }
    const socket = this.socket;
    this.socket = null;
    if (socket && socket.readyState <= 1) socket.close(code === DEAD ? DEAD : undefined);
  }

  private receive(text: string): void {
    const frame = JSON.parse(text) as Frame;
    this.heard();
    this.attempt = 0;
    const topic = frame.topic === undefined ? undefined : this.topics.get(frame.topic);
    if (!topic || frame.topic === undefined) return;
    switch (frame.op) {
      case "subscribed":
        this.env.met(frame.build, frame.via ?? "socket");
        this.confirmed(topic, { log: frame.log ?? "", seq: frame.seq ?? 0 });
        break;
      case "presence":
        topic.subscriber.present?.(frame.users ?? []);
        return;
      case "events":
        this.take(frame.topic, topic, frame.events ?? []);
        break;
      case "resync":
        topic.head = null;
        topic.resyncing = true;
        topic.subscriber.resync({ log: frame.log ?? "", seq: frame.seq ?? 0 });
        this.tell(frame.topic, []);
        break;
      case "unsubscribed":
        if (frame.reason === "access_revoked" || frame.reason === "deleted") {
          this.topics.delete(frame.topic);
          topic.subscriber.gone(frame.reason);
        }
        break;
      case "error":
        // What was a member's when this page came may be nobody's by now.
        if (frame.code !== "not_found" || topic.head !== null) return;
        this.topics.delete(frame.topic);
        topic.subscriber.gone("access_revoked");
        break;
      default:
        return;
    }
    this.report();
  }

  private confirmed(topic: Topic, head: Cursor): void {
    topic.head = head.seq;
    topic.subscriber.joined?.();
    const cursor = topic.subscriber.cursor();
    if (!cursor || topic.resyncing || head.seq - cursor.seq <= FAR) return;
    topic.head = null;
    topic.resyncing = true;
    topic.subscriber.resync(head);
  }

  /** Events come gap-free. Should one be missing all the same, what follows is not used: ask again from the cursor. */
  private take(name: string, topic: Topic, events: LogEvent[]): void {
    if (topic.resyncing) return;
    const cursor = topic.subscriber.cursor();
    const first = events[0];
    if (cursor && first && first.seq > cursor.seq + 1) {
      topic.head = null;
      this.ask(name);
      return;
    }
    // What another window asked for again comes to this one a second time.
    const fresh = cursor ? events.filter((event) => event.seq > cursor.seq) : events;
    if (fresh.length === 0) return;
    topic.subscriber.events(fresh);
    this.tell(name, fresh);
  }

  private tell(topic: string, events: readonly LogEvent[]): void {
    for (const call of this.listeners.get(topic) ?? []) call(events);
  }

  private heard(): void {
    this.lastHeard = this.env.now();
    this.lostAt = null;
    this.cancelDeadline?.();
    this.cancelDeadline = null;
  }

  private ask(topic: string): void {
    const cursor = this.topics.get(topic)?.subscriber.cursor();
    this.send(cursor ? { op: "subscribe", topic, since: cursor.seq, log: cursor.log } : { op: "subscribe", topic });
  }

  private send(frame: object): void {
    this.socket?.send(JSON.stringify(frame));
  }

  private schedulePing(): void {
    this.cancelPing?.();
    this.cancelPing = this.env.after(PING_EVERY, () => {
      this.ping(PONG_WITHIN);
      this.schedulePing();
    });
  }

  private ping(within: number): void {
    this.send({ op: "ping" });
    this.deadline(within);
  }

  /** Silence for longer than this means that the line is dead, though nobody told the socket. */
  private deadline(ms: number): void {
    this.cancelDeadline?.();
    this.cancelDeadline = this.env.after(ms, () => this.lost(this.ready ? DEAD : LOST));
  }

  /** Timers that jump mean that the machine slept: the socket may be long dead without knowing it. */
  private tick(): void {
    const now = this.env.now();
    const jumped = now - this.lastTick > SLEPT;
    this.lastTick = now;
    if (jumped && this.ready) {
      this.lostAt ??= this.lastHeard;
      this.attempt = 0;
      this.connect();
    } else if (jumped && !this.resting) this.wake();
    else if (this.doubts > 0 && this.cancelDeadline === null) {
      this.doubts--;
      this.ping(PROBE_WITHIN);
    }
    this.cancelTick = this.env.after(TICK, () => this.tick());
  }

  private report(): void {
    const status = this.status();
    const key = JSON.stringify(status);
    if (key === this.shown) return;
    this.shown = key;
    this.env.status(status);
  }

  private status(): Status {
    if (this.lostAt !== null) return { kind: "offline", since: this.lostAt };
    if (!this.ready) return { kind: "connecting" };
    let left = 0;
    for (const { head, subscriber } of this.topics.values()) {
      if (head === null) return { kind: "connecting" };
      left += Math.max(0, head - (subscriber.cursor()?.seq ?? head));
    }
    return left > 0 ? { kind: "catching", left } : { kind: "live" };
  }
}
