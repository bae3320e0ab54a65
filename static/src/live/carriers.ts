/**
 * Chooses what carries the line: a WebSocket; where two in a row brought nothing although the server can be reached,
 * event streams, until a socket gets through again.
 */
import { AGAIN, Made, type Wire } from "./wire";

interface Surroundings {
  socket(): Wire;
  stream(): Wire;
  /** Whether the server answers over HTTP just now. */
  reachable(): Promise<boolean>;
  after(ms: number, call: () => void): () => void;
}

const ENOUGH = 2;
/** How long until the next try to get a socket through, while streams carry the line. */
const TRIES = [15_000, 60_000, 300_000];
const TRY_WITHIN = 10_000;

export class Carriers {
  private failures = 0;
  private blocked = false;
  private tries = 0;

  constructor(private readonly env: Surroundings) {}

  open(): Wire {
    // A line that is begun anew may be one in another network.
    this.tries = 0;
    if (this.blocked) return new Carried(this.env.stream(), () => {}, this.lookForSocket());
    return new Carried(this.env.socket(), (silent) => void this.judge(silent), () => {});
  }

  private async judge(silent: boolean): Promise<void> {
    if (!silent) this.failures = 0;
    else if (await this.env.reachable()) {
      this.failures++;
      if (this.failures >= ENOUGH) this.blocked = true;
    }
  }

  /** Answers how to stop it. Finds a socket: `found` ends the wire that stands in for it. */
  private lookForSocket(): (found: (() => void) | null) => void {
    let cancel = () => {};
    let probe: Wire | null = null;
    let call: (() => void) | null = null;
    const next = () => {
      probe?.close();
      probe = null;
      cancel = this.env.after(TRIES[Math.min(this.tries++, TRIES.length - 1)] ?? 0, tryOne);
    };
    const tryOne = () => {
      const socket = (probe = this.env.socket());
      cancel = this.env.after(TRY_WITHIN, next);
      socket.onopen = () => socket.send('{"op":"ping"}');
      socket.onmessage = () => {
        cancel();
        socket.close();
        this.blocked = false;
        this.failures = 0;
        this.tries = 0;
        call?.();
      };
      socket.onclose = () => {
        if (probe !== socket) return;
        cancel();
        next();
      };
    };
    next();
    return (found) => {
      call = found;
      if (found) return;
      cancel();
      probe?.close();
      probe = null;
    };
  }
}

/** A wire, with an ear on whether anything came over it. */
class Carried extends Made {
  private heard = false;

  constructor(
    private readonly wire: Wire,
    private readonly over: (silent: boolean) => void,
    private readonly looking: (found: (() => void) | null) => void,
  ) {
    super();
    looking(() => {
      this.wire.close();
      this.ended(AGAIN);
    });
    wire.onopen = () => this.opened();
    wire.onmessage = ({ data }) => {
      if (!this.heard) over(false);
      this.heard = true;
      this.said(data);
    };
    wire.onclose = ({ code }) => {
      this.looking(null);
      if (!this.heard && code < 4000) this.over(true);
      this.ended(code);
    };
  }

  send(text: string): void {
    this.wire.send(text);
  }

  protected left(code: number | undefined): void {
    this.looking(null);
    this.wire.onclose = null;
    // Given up by who waited in vain: as good as refused.
    if (!this.heard && code !== undefined) this.over(true);
    this.wire.close(code);
  }
}
