import { describe, expect, test } from "vitest";
import { Reading } from "../../src/api/reading";

/** Answers that come when they are told to. */
function asked() {
  const waiting: { answer(value: string): void; fail(): void }[] = [];
  const ask = () => new Promise<string>((resolve, reject) => waiting.push({ answer: resolve, fail: () => reject(new Error("no")) }));
  return { ask, waiting };
}

describe("reading", () => {
  test("the answer of an earlier read is not shown after that of a later one", async () => {
    const { ask, waiting } = asked();
    const reading = new Reading();
    const shown: string[] = [];
    const reads = [reading.read(ask, (one) => shown.push(one)), reading.read(ask, (one) => shown.push(one))];
    waiting[1]?.answer("new");
    await reads[1];
    waiting[0]?.answer("old");
    await reads[0];
    expect(shown).toEqual(["new"]);
  });

  test("what changed while it was read is asked for again", async () => {
    const { ask, waiting } = asked();
    const reading = new Reading();
    const shown: string[] = [];
    const read = reading.read(ask, (one) => shown.push(one));
    reading.changed();
    waiting[0]?.answer("old");
    await Promise.resolve();
    await Promise.resolve();
    expect(waiting).toHaveLength(2);
    waiting[1]?.answer("new");
    await read;
    expect(shown).toEqual(["new"]);
  });

  test("only the failure of the read that counts is told", async () => {
    const { ask, waiting } = asked();
    const reading = new Reading();
    const first = reading.read(ask, () => undefined);
    const second = reading.read(ask, () => undefined);
    waiting[0]?.fail();
    await first;
    waiting[1]?.fail();
    await expect(second).rejects.toThrow("no");
  });

  test("after the end nothing is shown", async () => {
    const { ask, waiting } = asked();
    const reading = new Reading();
    const shown: string[] = [];
    const read = reading.read(ask, (one) => shown.push(one));
    reading.stop();
    waiting[0]?.answer("late");
    await read;
    expect(shown).toEqual([]);
  });
});
