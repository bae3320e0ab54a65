/**
 * Who is in the open project, at which task and field, typing or not; and the same of this window, said to the
 * others. The server forgets who does not say it again within 30 s. Knows no DOM.
 */
import { type ReadonlySignal, signal } from "@preact/signals";

/** A place in a project: a task, one of its fields or none, and whether somebody types there. */
export interface At {
  task: string;
  field: string | null;
  typing: boolean;
}

/** Somebody who is in the project; `at` has one place for each window that has a task open, and may be empty. */
export interface Present {
  id: string;
  name: string;
  at: readonly At[];
}

/** What presence needs of its surroundings. */
interface Surroundings {
  /** Tell the server; may do nothing while there is no line: `joined` comes when there is one again. */
  say(topic: string, at: At | null): void;
  after(ms: number, call: () => void): () => void;
}

export const SAY_AGAIN = 15_000;

export class Presence {
  private readonly found = signal<readonly Present[]>([]);
  private topic: string | null = null;
  private at: At | null = null;
  private cancel: () => void = () => {};

  constructor(private readonly env: Surroundings) {}

  /** Everybody who is in the project, I among them; nobody while there is no line. */
  get people(): ReadonlySignal<readonly Present[]> {
    return this.found;
  }

  /** The server confirmed that this window follows the topic, for the first time or again after a lost line. */
  joined(topic: string): void {
    if (topic !== this.topic) this.found.value = [];
    this.topic = topic;
    this.say();
  }

  /** The window follows the topic no longer. Whoever calls unsubscribes, which tells the server. */
  left(topic: string): void {
    if (topic !== this.topic) return;
    this.topic = null;
    this.cancel();
    this.found.value = [];
  }

  /** The line is gone: who is here is not known. Where this window is stays, for when it is back. */
  lost(): void {
    this.cancel();
    this.found.value = [];
  }

  /** The server said who is here. */
  heard(topic: string, people: readonly Present[]): void {
    if (topic === this.topic) this.found.value = people;
  }

  /** This window is at a task, or on the board alone (null). Said when it changes, then every 15 s. */
  here(at: At | null): void {
    if (JSON.stringify(at) === JSON.stringify(this.at)) return;
    this.at = at;
    this.say();
  }

  private say(): void {
    this.cancel();
    if (this.topic === null) return;
    // A place is one of a project: of another project's task the new one is told nothing.
    const fits = this.at !== null && this.topic === `project:${this.at.task.slice(0, this.at.task.lastIndexOf("-"))}`;
    this.env.say(this.topic, fits ? this.at : null);
    this.cancel = this.env.after(SAY_AGAIN, () => this.say());
  }
}
