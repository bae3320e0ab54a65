/** What carries a line: as much of a WebSocket as is used of it. */
export interface Wire {
  /** 0: being set up, 1: open, else over. */
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((message: { data: string }) => void) | null;
  onclose: ((close: { code: number }) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** Closed by who found it dead: it did not answer. */
export const DEAD = 4000;
/** Lost without a word. */
export const LOST = 1006;
/** Come back at once, there is a better way. */
export const AGAIN = 1012;
export const SIGNED_OUT = 4401;

/** A frame, as far as carrying it needs to know it. */
export interface Frame {
  op?: string;
  topic?: string;
  log?: string;
  seq?: number;
  since?: number;
  build?: string;
  code?: string;
  reason?: string;
  at?: unknown;
  events?: { seq: number }[];
  /** Said by the browser itself of a line over event streams. */
  via?: "stream";
}

/** What is common to wires that are no sockets. */
export abstract class Made implements Wire {
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;

  abstract send(text: string): void;

  /** Over, from this side: who holds it is not told. */
  close(code?: number): void {
    if (this.readyState > 1) return;
    this.readyState = 3;
    this.left(code);
  }

  /** This side has closed it. */
  protected abstract left(code: number | undefined): void;

  opened(): void {
    if (this.readyState !== 0) return;
    this.readyState = 1;
    this.onopen?.();
  }

  said(text: string): void {
    if (this.readyState === 1) this.onmessage?.({ data: text });
  }

  /** Over, from the other side. */
  ended(code: number): void {
    if (this.readyState > 1) return;
    this.readyState = 3;
    this.onclose?.({ code });
  }
}
