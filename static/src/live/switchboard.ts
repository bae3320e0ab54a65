/**
 * One line for many windows: each holds a port, which is a wire of its own to it, with its own cursors. What one asks
 * for again from an earlier cursor the others get a second time; they know it by its seq.
 */
import { DEAD, type Frame, LOST, Made, type Wire } from "./wire";

interface Topic {
  ports: Set<Port>;
  /** Those that wait for the server to confirm: what comes before is not from their cursor on. */
  waiting: Set<Port>;
  /** The confirmation, once it came: it is repeated to who comes later. */
  confirmed: Frame | null;
  /** Everything up to here was passed on, of the log in `confirmed`. */
  sent: number;
  /** From where the server was asked to go on, for each request that it has not confirmed; null: from now. */
  asked: (number | null)[];
  presence: string | null;
}

export class Switchboard {
  private line: Wire | null = null;
  private readonly ports = new Set<Port>();
  private readonly topics = new Map<string, Topic>();
  private heard = 0;
  /** Where each window says it is; `turn` counts changes: of several places the latest counts. */
  private readonly places = new Map<Port, Map<string, { at: unknown; turn: number }>>();
  private turn = 0;

  constructor(private readonly open: () => Wire) {}

  /** How many windows there are. */
  get size(): number {
    return this.ports.size;
  }

  /** A wire for one window. */
  connect(): Made {
    const port = new Port(this);
    this.ports.add(port);
    if (this.line === null) this.connectLine();
    else if (this.line.readyState === 1) queueMicrotask(() => port.opened());
    return port;
  }

  /** Ends everything: each window is to look for another way. */
  stop(code: number): void {
    this.drop(code);
  }

  private connectLine(): void {
    const line = this.open();
    this.line = line;
    line.onopen = () => {
      if (line === this.line) for (const port of [...this.ports]) port.opened();
    };
    line.onmessage = ({ data }) => {
      if (line === this.line) this.receive(data);
    };
    line.onclose = ({ code }) => {
      if (line === this.line) this.drop(code, false);
    };
  }

  private drop(code: number, close = true): void {
    const { line } = this;
    this.line = null;
    this.topics.clear();
    this.places.clear();
    if (close) line?.close(code === DEAD ? DEAD : undefined);
    const ports = [...this.ports];
    this.ports.clear();
    for (const port of ports) port.ended(code === DEAD ? LOST : code);
  }

  /** A window is gone, or says that the line does not answer. */
  left(port: Port, code: number | undefined): void {
    if (!this.ports.delete(port)) return;
    if (this.ports.size === 0 || (code === DEAD && this.heard <= port.pinged)) {
      this.drop(code === DEAD ? DEAD : LOST);
      return;
    }
    for (const [name, topic] of [...this.topics]) this.leave(port, name, topic);
  }

  private leave(port: Port, name: string, topic: Topic): void {
    if (!topic.ports.delete(port)) return;
    topic.waiting.delete(port);
    const was = this.places.get(port)?.get(name);
    this.places.get(port)?.delete(name);
    if (topic.ports.size === 0) {
      this.topics.delete(name);
      this.pass({ op: "unsubscribe", topic: name });
    } else if (was && was.at !== null) this.sayPlace(name, topic);
  }

  /** A window sends a frame. */
  take(port: Port, text: string): void {
    const frame = JSON.parse(text) as Frame;
    const name = frame.topic;
    if (name === undefined) {
      port.pinged = this.heard;
      this.line?.send(text);
      return;
    }
    const topic = this.topics.get(name);
    if (frame.op === "subscribe") this.subscribe(port, name, frame);
    else if (frame.op === "unsubscribe") {
      if (topic) this.leave(port, name, topic);
      port.said(JSON.stringify({ op: "unsubscribed", topic: name, reason: "asked" }));
    } else if (frame.op === "presence" && topic) {
      const mine = this.places.get(port) ?? new Map<string, { at: unknown; turn: number }>();
      this.places.set(port, mine);
      const before = mine.get(name);
      const same = before !== undefined && JSON.stringify(before.at) === JSON.stringify(frame.at);
      mine.set(name, { at: frame.at, turn: same ? before.turn : ++this.turn });
      this.sayPlace(name, topic);
    }
  }

  private subscribe(port: Port, name: string, { since, log }: Frame): void {
    let topic = this.topics.get(name);
    if (!topic) {
      topic = { ports: new Set(), waiting: new Set(), confirmed: null, sent: 0, asked: [], presence: null };
      this.topics.set(name, topic);
    }
    const { confirmed, sent, asked } = topic;
    topic.ports.add(port);
    const idle = asked.length === 0;
    if (confirmed && idle && (since === undefined || (log === confirmed.log && since >= sent))) {
      topic.waiting.delete(port);
      port.said(JSON.stringify({ ...confirmed, seq: Math.max(confirmed.seq ?? 0, sent) }));
      if (topic.presence) port.said(topic.presence);
      return;
    }
    topic.waiting.add(port);
    const starts = [since, confirmed && log === confirmed.log ? sent : undefined, ...asked].filter((one) => typeof one === "number");
    const from = since === undefined && confirmed === null && idle ? null : Math.min(...starts, Infinity);
    topic.asked.push(from === null || from === Infinity ? null : from);
    const start = from === null || from === Infinity ? {} : { since: from, ...(log === undefined ? {} : { log }) };
    this.pass({ op: "subscribe", topic: name, ...start });
  }

  /** A window is in one place; a person with several is where they went last. */
  private sayPlace(name: string, topic: Topic): void {
    let best: { at: unknown; turn: number } | null = null;
    for (const port of topic.ports) {
      const one = this.places.get(port)?.get(name);
      if (one && one.at !== null && (best === null || one.turn > best.turn)) best = one;
    }
    this.pass({ op: "presence", topic: name, at: best?.at ?? null });
  }

  private pass(frame: Frame): void {
    this.line?.send(JSON.stringify(frame));
  }

  private receive(text: string): void {
    this.heard++;
    const frame = JSON.parse(text) as Frame;
    const name = frame.topic;
    if (name === undefined) {
      for (const port of [...this.ports]) port.said(text);
      return;
    }
    const topic = this.topics.get(name);
    if (!topic) return;
    let to = [...topic.ports];
    switch (frame.op) {
      case "subscribed": {
        const from = topic.asked.shift() ?? null;
        topic.confirmed = frame;
        topic.sent = from ?? frame.seq ?? 0;
        topic.waiting.clear();
        break;
      }
      case "events":
        topic.sent = frame.events?.at(-1)?.seq ?? topic.sent;
        to = to.filter((port) => !topic.waiting.has(port));
        break;
      case "resync":
        if (topic.confirmed) topic.confirmed = { ...topic.confirmed, ...(frame.log === undefined ? {} : { log: frame.log }) };
        topic.sent = frame.seq ?? topic.sent;
        break;
      case "presence":
        topic.presence = text;
        break;
      case "unsubscribed":
        if (frame.reason === "asked") return;
        this.topics.delete(name);
        break;
      case "error":
        topic.asked.shift();
        if (frame.code === "not_found") this.topics.delete(name);
        break;
    }
    for (const port of to) port.said(text);
  }
}

class Port extends Made {
  /** How much had been heard when this window last asked for a sign of life. */
  pinged = -1;

  constructor(private readonly board: Switchboard) {
    super();
  }

  send(text: string): void {
    if (this.readyState === 1) this.board.take(this, text);
  }

  protected left(code: number | undefined): void {
    this.board.left(this, code);
  }
}
