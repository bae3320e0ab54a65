/**
 * Sends what waits, in order, each until it is answered: a try that got no answer is repeated under the same key, so
 * that the server does it once. Of all windows only one sends at a time. Knows no DOM.
 */
import { NoLine, Problem } from "../api/client";
import { type Ask, ask, type Change, isExpired, isNew, refOf, renamed, tried } from "./queue";
import type { Refused } from "./shelf";

/** How sending goes: well; an answer takes long; or there is none, and it is tried again after a while. */
export type Sending = "well" | "slow" | "stuck";

export type Why = Refused["why"];

/** What sending needs of its surroundings. */
export interface Surroundings {
  /** Change the queue that is kept, in one transaction; answers what it is then. */
  update(change: (queue: readonly Change[]) => readonly Change[]): Promise<readonly Change[]>;
  /** The reference of a task that was made here as `temporary`, once it has one. */
  refOf(temporary: string): Promise<string | null>;
  /** One try. Throws Problem, or NoLine where there was no answer. */
  send(ask: Ask, key: string): Promise<unknown>;
  /** Run while no other window does. */
  alone(call: () => Promise<void>): Promise<void>;
  /** The server did it; `answer` is what it said. It must have left the queue when this ends. */
  done(change: Change, answer: unknown): Promise<void>;
  /** It will not be done. It must have left the queue when this ends. */
  gaveUp(change: Change, why: Why): Promise<void>;
  state(state: Sending): void;
  now(): number;
  random(): number;
  after(ms: number, call: () => void): () => void;
}

export const SLOW = 3_000;
const LONGEST = 15_000;

export class Sender {
  private running = false;
  private again = false;
  private more = false;
  private attempt = 0;
  private stopped = false;
  private cancelRetry: (() => void) | null = null;

  constructor(private readonly env: Surroundings) {}

  /** There is something to send, or a line to send it over. */
  wake(): void {
    if (this.stopped) return;
    this.cancelRetry?.();
    this.cancelRetry = null;
    if (this.running) this.again = true;
    else void this.run();
  }

  /** The same, unless it was tried just now and waits for its turn. */
  nudge(): void {
    if (this.cancelRetry !== null) return;
    // It may have looked for the last time already, and be giving up its turn.
    if (this.running) this.more = true;
    else this.wake();
  }

  stop(): void {
    this.stopped = true;
    this.cancelRetry?.();
  }

  private async run(): Promise<void> {
    this.running = true;
    try {
      do {
        this.again = this.more = false;
        await this.env.alone(() => this.drain());
      } while (!this.stopped && (this.again || (this.more && this.cancelRetry === null)));
    } finally {
      this.running = false;
    }
  }

  private async drain(): Promise<void> {
    while (!this.stopped) {
      let next: Change | undefined;
      await this.env.update((queue) => {
        next = queue[0];
        return next ? tried(queue, next.id) : queue;
      });
      if (!next) {
        this.well();
        return;
      }
      if (isExpired(next, this.env.now())) await this.env.gaveUp(next, { kind: "expired" });
      else if (!(await this.sent(next))) return;
    }
  }

  /** Answers whether to go on with the next. */
  private async sent(change: Change): Promise<boolean> {
    const whole = await this.complete(change);
    if (!whole) {
      await this.env.gaveUp(change, { kind: "orphaned" });
      return true;
    }
    const cancelSlow = this.env.after(SLOW, () => this.env.state("slow"));
    let answer: unknown;
    try {
      answer = await this.env.send(ask(whole), whole.id);
    } catch (error) {
      cancelSlow();
      if (error instanceof Problem && error.status !== 401 && error.status !== 429) {
        this.attempt = 0;
        await this.env.gaveUp(whole, { kind: "refused", status: error.status, problem: error.body });
        return true;
      }
      if (!(error instanceof Problem) && !(error instanceof NoLine)) throw error;
      this.stuck();
      return false;
    }
    cancelSlow();
    this.attempt = 0;
    await this.env.done(whole, answer);
    return true;
  }

  /** The change with real references: another window may have made the task meanwhile. Null where there is no task. */
  private async complete(change: Change): Promise<Change | null> {
    let { action } = change;
    if (action.kind === "create") return change;
    if (isNew(action.ref)) {
      const ref = await this.env.refOf(refOf(change));
      if (!ref) return null;
      action = renamed(action, action.ref, ref);
    }
    if (action.kind === "move") {
      for (const anchor of [action.place.before, action.place.after]) {
        if (!anchor || !isNew(anchor) || action.kind !== "move") continue;
        const ref = await this.env.refOf(anchor);
        action = ref ? renamed(action, anchor, ref) : { ...action, place: { state: action.place.state } };
      }
    }
    return action === change.action ? change : { ...change, action };
  }

  /** Everything is answered: until then what is left waits, and is shown so. */
  private well(): void {
    this.attempt = 0;
    this.env.state("well");
  }

  private stuck(): void {
    this.env.state("stuck");
    if (this.stopped) return;
    const full = Math.min(LONGEST, 500 * 2 ** this.attempt++);
    this.cancelRetry?.();
    this.cancelRetry = this.env.after(full / 2 + (full / 2) * this.env.random(), () => this.wake());
  }
}
