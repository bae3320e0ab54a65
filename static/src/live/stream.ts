/**
 * A wire over plain HTTP, for where WebSockets do not get through: an event stream for each of the topics that were
 * subscribed last, told as the frames that a socket would bring. A browser has six connections to a server, so the
 * others are asked for now and then. Nobody's presence comes over it.
 */
import { EventReader, type Message } from "./sse";
import { type Frame, LOST, Made, SIGNED_OUT } from "./wire";

interface Surroundings {
  fetch(path: string, init: RequestInit): Promise<Response>;
  now(): number;
  after(ms: number, call: () => void): () => void;
}

/** The server says something at least every 15 s. */
const SILENT = 30_000;
const ASK_WITHIN = 5_000;
const PROJECT = "project:";
const INBOX = "inbox";
const MOST_STREAMS = 3;
/** Each is asked that often, all of them together no more than once a second. */
const ASK_EVERY = 10_000;
const ASK_APART = 1_000;

interface Followed {
  how: "stream" | "asked";
  abort: AbortController;
  heard: number;
  /** Everything up to here was passed on; undefined before the server said from where. */
  since: number | undefined;
  log: string | undefined;
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
    if (!topic.startsWith(PROJECT) && topic !== INBOX) {
      this.tell({ op: "error", code: "not_found", topic });
      return;
    }
    const one: Followed = { how: "stream", abort: new AbortController(), heard: this.env.now(), since, log };
    this.followed.set(topic, one);
    this.askForOldest();
    // Of many topics at once only those are asked for that stay streams.
    await Promise.resolve();
    if (this.followed.get(topic) !== one) return;
    try {
      const response = await this.env.fetch(pathOf(topic, one, "stream"), {
        cache: "no-store", signal: one.abort.signal, headers: { Accept: "text/event-stream" },
      });
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

  /** Beyond the streams that there may be, the topic that was subscribed first is asked for from where it is. */
  private askForOldest(): void {
    const streams = [...this.followed].filter(([, one]) => one.how === "stream");
    // The inbox can't be asked for: it stays a stream.
    const oldest = streams.find(([topic]) => topic !== INBOX);
    if (!oldest || streams.length <= MOST_STREAMS) return;
    const [topic, { abort, since, log }] = oldest;
    const next: Followed = { how: "asked", abort: new AbortController(), heard: this.env.now(), since, log };
    this.followed.set(topic, next);
    abort.abort();
    void this.keepAsking(topic, next, true);
  }

  private async keepAsking(topic: string, one: Followed, first: boolean): Promise<void> {
    if (this.followed.get(topic) !== one) return;
    try {
      const response = await this.env.fetch(pathOf(topic, one, "events"), { cache: "no-store", signal: one.abort.signal });
      const body = (await response.json()) as Frame & { has_more?: boolean };
      if (this.followed.get(topic) !== one) return;
      one.heard = this.env.now();
      const head = { topic, log: body.log ?? "", seq: body.seq ?? 0 };
      if (response.status === 404) {
        this.followed.delete(topic);
        this.tell({ op: "error", code: "not_found", topic });
        return;
      }
      if (response.status === 410) {
        if (first) this.tell({ op: "subscribed", via: "stream", ...head });
        this.tell({ op: "resync", ...head });
        [one.since, one.log] = [head.seq, head.log];
      } else if (!response.ok) {
        this.end(response.status === 401 ? SIGNED_OUT : LOST);
        return;
      } else {
        if (first) this.tell({ op: "subscribed", via: "stream", ...head });
        const events = one.since === undefined ? [] : (body.events ?? []);
        if (events.length > 0) this.tell({ op: "events", topic, events });
        [one.since, one.log] = [events.at(-1)?.seq ?? one.since ?? head.seq, head.log];
        if (body.has_more && events.length > 0) return await this.keepAsking(topic, one, false);
      }
      const asked = [...this.followed.values()].filter(({ how }) => how === "asked").length;
      this.env.after(Math.max(ASK_EVERY, asked * ASK_APART), () => void this.keepAsking(topic, one, false));
    } catch {
      if (this.followed.get(topic) === one) this.end(LOST);
    }
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
    const one = this.followed.get(topic);
    for (const { event, id, data } of messages) {
      const body = JSON.parse(data) as Frame;
      if (one && id !== "") one.since = Number(id);
      if (one && body.log !== undefined) one.log = body.log;
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

function pathOf(topic: string, { since, log }: Followed, what: "stream" | "events"): string {
  const query = new URLSearchParams();
  if (since !== undefined) query.set("since", String(since));
  if (log !== undefined) query.set("log", log);
  if (topic === INBOX) return `/api/v1/inbox/${what}?${query}`;
  return `/api/v1/projects/${topic.slice(PROJECT.length)}/${what}?${query}`;
}
