/**
 * Reads of one thing of which a page keeps what was answered. Answers overtake each other, and what the page does
 * meanwhile: one that is older than what is known is never shown. Knows no DOM.
 */
export class Reading {
  private turn = 0;
  private changes = 0;

  /** What was read changed by another way than a read: an answer that is on its way does not know of it. */
  changed(): void {
    this.changes++;
  }

  /** Nobody waits for an answer any more. */
  stop(): void {
    this.turn++;
  }

  /** Give `show` the answer, asked for again where something changed meanwhile; not at all where a later read began. Throws as `ask` does. */
  async read<T>(ask: () => Promise<T>, show: (answer: T) => void): Promise<void> {
    const turn = ++this.turn;
    for (;;) {
      const { changes } = this;
      try {
        const answer = await ask();
        if (turn !== this.turn) return;
        if (changes === this.changes) return show(answer);
      } catch (error) {
        if (turn === this.turn) throw error;
        return;
      }
    }
  }
}
