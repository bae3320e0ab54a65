/**
 * One line for all windows of a browser: the one that holds the lock has it, the others reach it through a channel.
 * When the holder goes, another takes the lock, and everybody comes back to it with their own cursors.
 */
import { Switchboard } from "./switchboard";
import { AGAIN, Made, type Wire } from "./wire";

type Post =
  | { to: "holder"; port: string; op: "open" }
  | { to: "holder"; port: string; op: "frame"; text: string }
  | { to: "holder"; port: string; op: "close"; code: number | undefined }
  | { to: "port"; port: string; op: "here" | "opened" }
  | { to: "port"; port: string; op: "frame"; text: string }
  | { to: "port"; port: string; op: "closed"; code: number }
  | { to: "all"; op: "holder" };

/** What tabs need of their surroundings. */
interface Surroundings {
  /** Tells this window from the others. */
  id: string;
  post(message: unknown): void;
  /** Wait for the lock, or take it from who has it; `held` runs while it is held. Rejects when it was taken away. */
  lock(options: { steal: boolean; signal: AbortSignal | null }, held: () => Promise<void>): Promise<void>;
  /** A line of one's own. */
  open(): Wire;
  now(): number;
  after(ms: number, call: () => void): () => void;
}

/** A holder that does not answer for so long is frozen: the lock is taken from it. */
export const ANSWER_WITHIN = 3_000;
/** A window that said nothing for so long is gone; each pings every 15 s. */
export const SILENT = 90_000;

interface Guest {
  wire: Made;
  heard: number;
}

export class Tabs {
  private board: Switchboard | null = null;
  private release: (() => void) | null = null;
  private waiting: AbortController | null = null;
  private held: AbortController | null = null;
  private readonly tunnels = new Map<string, Tunnel>();
  private readonly guests = new Map<string, Guest>();
  private opened = 0;

  constructor(private readonly env: Surroundings) {}

  /** Whether this window has the line. */
  get holds(): boolean {
    return this.board !== null;
  }

  /** A wire to the line, wherever it is. */
  open(): Wire {
    this.queue();
    if (this.board) return this.board.connect();
    const port = `${this.env.id}.${++this.opened}`;
    const tunnel = new Tunnel(this, port);
    this.tunnels.set(port, tunnel);
    this.knock(port, tunnel);
    return tunnel;
  }

  private knock(port: string, tunnel: Tunnel): void {
    this.post({ to: "holder", port, op: "open" });
    tunnel.wait(this.env.after(ANSWER_WITHIN, () => this.take()));
  }

  /** This window needs no line for a while: another may have it. */
  rest(): void {
    this.waiting?.abort();
    this.waiting = null;
    this.release?.();
  }

  private queue(steal = false): void {
    if (this.board || (this.waiting && !steal)) return;
    this.waiting?.abort();
    const waiting = (this.waiting = new AbortController());
    const held = () => {
      if (waiting.signal.aborted) return Promise.resolve();
      this.held = waiting;
      return this.hold();
    };
    this.env
      .lock({ steal, signal: steal ? null : waiting.signal }, held)
      .catch(() => {
        // Given up while waiting, or taken away by a window that had no answer from this one.
        if (this.held === waiting) this.lose();
      })
      .finally(() => {
        if (this.waiting === waiting) this.waiting = null;
      });
  }

  private take(): void {
    if (!this.board) this.queue(true);
  }

  private hold(): Promise<void> {
    const board = (this.board = new Switchboard(() => this.env.open()));
    this.post({ to: "all", op: "holder" });
    for (const tunnel of this.reopen()) tunnel.lead(board.connect());
    this.prune();
    return new Promise((resolve) => {
      this.release = () => {
        this.lose();
        resolve();
      };
    });
  }

  /** The lock is gone, given back or taken away. */
  private lose(): void {
    const { board } = this;
    this.board = null;
    this.release = null;
    this.held = null;
    board?.stop(AGAIN);
    this.guests.clear();
  }

  /** What was open has to begin anew, from its cursors. Answers what was not open yet. */
  private reopen(): Tunnel[] {
    const all = [...this.tunnels.values()];
    for (const tunnel of all) if (tunnel.readyState === 1) tunnel.ended(AGAIN);
    return all.filter((tunnel) => tunnel.readyState === 0);
  }

  private prune(): void {
    if (!this.board) return;
    const now = this.env.now();
    for (const [port, guest] of [...this.guests]) {
      if (now - guest.heard <= SILENT) continue;
      this.guests.delete(port);
      guest.wire.close();
      this.post({ to: "port", port, op: "closed", code: AGAIN });
    }
    this.env.after(SILENT / 3, () => this.prune());
  }

  post(message: Post): void {
    this.env.post(message);
  }

  /** Another window said something. */
  hear(message: unknown): void {
    const what = message as Post;
    if (what.to === "all") {
      this.lose();
      for (const tunnel of this.reopen()) this.knock(tunnel.port, tunnel);
    } else if (what.to === "port") this.tunnels.get(what.port)?.told(what);
    else if (this.board) this.serve(this.board, what);
  }

  private serve(board: Switchboard, what: Post & { to: "holder" }): void {
    const { port } = what;
    if (what.op === "open") {
      const wire = board.connect();
      this.guests.set(port, { wire, heard: this.env.now() });
      this.post({ to: "port", port, op: "here" });
      wire.onopen = () => this.post({ to: "port", port, op: "opened" });
      wire.onmessage = ({ data }) => this.post({ to: "port", port, op: "frame", text: data });
      wire.onclose = ({ code }) => {
        this.guests.delete(port);
        this.post({ to: "port", port, op: "closed", code });
      };
      return;
    }
    const guest = this.guests.get(port);
    if (!guest) {
      // It was taken for gone.
      if (what.op === "frame") this.post({ to: "port", port, op: "closed", code: AGAIN });
      return;
    }
    guest.heard = this.env.now();
    if (what.op === "frame") guest.wire.send(what.text);
    else {
      this.guests.delete(port);
      guest.wire.close(what.code);
    }
  }

  /** A tunnel of this window is over. */
  forget(port: string): void {
    this.tunnels.delete(port);
  }
}

/** A wire through the channel to the window that has the line, which may turn out to be this one. */
class Tunnel extends Made {
  private cancel: () => void = () => {};
  private own: Made | null = null;

  constructor(
    private readonly tabs: Tabs,
    readonly port: string,
  ) {
    super();
  }

  /** Until the holder says that it is there. */
  wait(cancel: () => void): void {
    this.cancel();
    this.cancel = cancel;
  }

  /** The line is this window's own. */
  lead(wire: Made): void {
    this.cancel();
    this.own = wire;
    wire.onopen = () => this.opened();
    wire.onmessage = ({ data }) => this.said(data);
    wire.onclose = ({ code }) => this.ended(code);
  }

  send(text: string): void {
    if (this.readyState !== 1) return;
    if (this.own) this.own.send(text);
    else this.tabs.post({ to: "holder", port: this.port, op: "frame", text });
  }

  told(what: Post & { to: "port" }): void {
    this.cancel();
    if (what.op === "opened") this.opened();
    else if (what.op === "frame") this.said(what.text);
    else if (what.op === "closed") this.ended(what.code);
  }

  override ended(code: number): void {
    this.cancel();
    this.tabs.forget(this.port);
    super.ended(code);
  }

  protected left(code: number | undefined): void {
    this.cancel();
    this.tabs.forget(this.port);
    if (this.own) this.own.close(code);
    else this.tabs.post({ to: "holder", port: this.port, op: "close", code });
  }
}
