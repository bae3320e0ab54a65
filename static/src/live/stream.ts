/**
 * A wire over plain HTTP, for where WebSockets do not get through: an event stream for each topic that is subscribed,
 * told as the frames that a socket would bring. Nobody's presence comes over it.
 */
import { EventReader, type Message } from "./sse";
import { type Frame, LOST, Made, SIGNED_OUT } from "./wire";

interface Surroundings {
  fetch(path: string, init: RequestInit): Promise<Response>;
  now(): number;
}

/** The server says something at least every 15 s. */
const SILENT = 30_000;
const ASK_WITHIN = 5_000;
const PROJECT = "project:";

interface Followed {
  abort: AbortController;
  heard: number;
}

export class StreamWire extends Made {
  private readonly followed = new Map<string, Followed>();

  constructor(private readonly env: Surroundings) {
    super();
    void this.begin();
  }

  private async begin(): Promise<void> {
    const status = await this.ask("/api/v1/me");
    if (status === 200) this.opened();
    else this.end(status === 401 ? SIGNED_OUT : LOST);
  }

  send(text: string): void {
    const frame = JSON.parse(text) as Frame;
    const { topic } = frame;
    if (frame.op === "ping") void this.answerPing();
    if (topic === undefined) return;
    if (frame.op === "subscribe") void this.follow(topic, frame);
    else if (frame.op === "unsubscribe") {
      this.drop(topic);
      this.tell({ op: "unsubscribed", topic, reason: "asked" });
    }
  }

  protected left(): void {
    for (const topic of [...this.followed.keys()]) this.drop(topic);
  }

  private end(code: number): void {
    this.left();
    this.ended(code);
  }

  private drop(topic: string): void {
    this.followed.get(topic)?.abort.abort();
    this.followed.delete(topic);
  }

  private tell(frame: Frame): void {
    this.said(JSON.stringify(frame));
  }

  private async ask(path: string): Promise<number> {
    try {
      return (await this.env.fetch(path, { cache: "no-store", signal: AbortSignal.timeout(ASK_WITHIN) })).status;
    } catch {
      return 0;
    }
  }

  private async answerPing(): Promise<void> {
    const now = this.env.now();
    if ([...this.followed.values()].some((one) => now - one.heard > SILENT)) return;
    if ((await this.ask("/healthz")) === 200) this.tell({ op: "pong" });
  }

  private async follow(topic: string, { since, log }: Frame): Promise<void> {
    this.drop(topic);
    if (!topic.startsWith(PROJECT)) {
      this.tell({ op: "error", code: "not_found", topic });
      return;
    }
    const one: Followed = { abort: new AbortController(), heard: this.env.now() };
    this.followed.set(topic, one);
    const query = new URLSearchParams();
    if (since !== undefined) query.set("since", String(since));
    if (log !== undefined) query.set("log", log);
    const path = `/api/v1/projects/${topic.slice(PROJECT.length)}/stream?${query}`;
    try {
      const response = await this.env.fetch(path, { cache: "no-store", signal: one.abort.signal, headers: { Accept: "text/event-stream" } });
      if (response.status === 404) {
        this.followed.delete(topic);
        this.tell({ op: "error", code: "not_found", topic });
        return;
      }
      if (!response.ok || !response.body) this.end(response.status === 401 ? SIGNED_OUT : LOST);
      else await this.read(topic, one, response.body);
    } catch {
      // Whatever it was that went wrong: the line is lost, and comes back from its cursors.
    }
    if (this.followed.get(topic) === one) this.end(LOST);
  }

  private async read(topic: string, one: Followed, body: ReadableStream<Uint8Array>): Promise<void> {
    const messages = new EventReader();
    const pieces = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    for (;;) {
      const { done, value } = await pieces.read();
      if (done || this.followed.get(topic) !== one) return;
      one.heard = this.env.now();
      this.pass(topic, messages.read(value));
    }
  }

  private pass(topic: string, messages: readonly Message[]): void {
    let events: { seq: number }[] = [];
    const flush = () => {
      if (events.length > 0) this.tell({ op: "events", topic, events });
      events = [];
    };
    for (const { event, data } of messages) {
      const body = JSON.parse(data) as Frame;
      if (event === "message") events.push(body as { seq: number });
      else {
        flush();
        if (event === "hello") this.tell({ ...body, op: "subscribed", topic, via: "stream" });
        else if (event === "resync") this.tell({ ...body, op: "resync", topic });
        else if (event === "unsubscribed") {
          this.followed.delete(topic);
          this.tell({ ...body, op: "unsubscribed", topic });
        }
      }
    }
    flush();
  }
}
