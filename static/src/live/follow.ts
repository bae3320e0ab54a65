/**
 * Follows figures over an event stream: each message is whole, so there is no cursor, and what was missed is nothing. It
 * comes back by itself, notices silence, and knows no DOM.
 */
import { backoff } from "./backoff";
import { EventReader } from "./sse";

export type Following =
  | { kind: "connecting" }
  | { kind: "live" }
  /** The figures that are here are as old as that, in milliseconds since 1970; it goes on trying. */
  | { kind: "lost"; since: number }
  /** It is over: signed out, or no longer let in. */
  | { kind: "over"; why: "signed_out" | "gone" };

export interface Surroundings {
  fetch(path: string, init: RequestInit): Promise<Response>;
  now(): number;
  random(): number;
  after(ms: number, call: () => void): () => void;
}

interface Listener {
  /** The server took the stream up: at first, and after each time that it was lost. */
  opened?(): void;
  /** A message of the stream, with its data parsed. */
  message(event: string, data: unknown): void;
  state(now: Following): void;
}

/** The server says something at least every 15 s. */
const SILENT = 35_000;

export class Follower {
  private current: AbortController | null = null;
  private cancelRetry = () => {};
  private cancelWatch = () => {};
  private failures = 0;
  /** When something came last; before anything did, when it was first asked for. */
  private heard: number | null = null;
  private over = false;

  constructor(
    private readonly path: string,
    private readonly env: Surroundings,
    private readonly listener: Listener,
  ) {}

  /** Open the stream, unless it is open; a try that waits for its turn is made now. */
  wake(): void {
    if (this.over || this.current) return;
    this.cancelRetry();
    void this.run();
  }

  /** Close it for a while: nobody looks. */
  rest(): void {
    this.cancelRetry();
    this.cancelWatch();
    this.current?.abort();
    this.current = null;
  }

  /** The network is gone: what is open is as good as lost. */
  interrupted(): void {
    this.current?.abort();
  }

  /** For good. */
  stop(): void {
    this.over = true;
    this.rest();
  }

  private async run(): Promise<void> {
    const mine = (this.current = new AbortController());
    this.heard ??= this.env.now();
    let status = 0;
    try {
      this.watch(mine);
      const response = await this.env.fetch(this.path, {
        cache: "no-store", credentials: "same-origin", signal: mine.signal, headers: { Accept: "text/event-stream" },
      });
      status = response.status;
      if (response.ok && response.body) {
        this.listener.opened?.();
        await this.read(mine, response.body);
      }
    } catch {
      // Whatever it was that went wrong: the stream is lost, and is opened again.
    }
    if (this.current !== mine) return;
    this.current = null;
    this.cancelWatch();
    if (this.over) return;
    if (status === 401 || status === 404) this.end(status === 401 ? "signed_out" : "gone");
    else this.lose();
  }

  private watch(mine: AbortController): void {
    this.cancelWatch();
    this.cancelWatch = this.env.after(SILENT, () => mine.abort());
  }

  private async read(mine: AbortController, body: ReadableStream<Uint8Array>): Promise<void> {
    const messages = new EventReader();
    const pieces = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    for (;;) {
      const { done, value } = await pieces.read();
      if (done || this.current !== mine) return;
      this.watch(mine);
      this.heard = this.env.now();
      for (const { event, data } of messages.read(value)) {
        if (event === "unsubscribed") return this.end("gone");
        this.failures = 0;
        this.listener.message(event, JSON.parse(data));
        this.listener.state({ kind: "live" });
      }
    }
  }

  private end(why: "signed_out" | "gone"): void {
    this.stop();
    this.listener.state({ kind: "over", why });
  }

  private lose(): void {
    // The first try comes at once: a line that only hiccuped is not worth a word.
    if (this.failures > 0) this.listener.state({ kind: "lost", since: this.heard ?? 0 });
    this.cancelRetry = this.env.after(backoff(this.failures++, this.env.random), () => this.wake());
  }
}
