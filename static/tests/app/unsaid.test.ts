import { expect, it } from "vitest";
import { Unsaid } from "../../src/app/unsaid";

/** An inbox whose server answers when it is told to: with `true` well, with `false` not at all. */
function inbox() {
  const calls: { said: string; answer: (well: boolean) => void }[] = [];
  const unsaid = new Unsaid(
    (to, body) =>
      new Promise<void>((resolve, reject) => {
        calls.push({ said: `${to} ${JSON.stringify(Object.values(body)[0])}`, answer: (well) => (well ? resolve() : reject(new Error("no line"))) });
      }),
    (error) => error instanceof Error && error.message === "no line",
  );
  return { unsaid, calls, said: () => calls.map((one) => one.said) };
}

it("says what was meant last last, however fast somebody changes their mind", async () => {
  const { unsaid, calls, said } = inbox();
  unsaid.read(["a", "b"]);
  const first = unsaid.flush();
  unsaid.unread("a");
  await unsaid.flush();
  expect(said()).toEqual(['read ["a","b"]']);
  calls[0]?.answer(true);
  await expect.poll(said).toEqual(['read ["a","b"]', 'unread ["a"]']);
  calls[1]?.answer(true);
  await first;
  expect(calls.length).toBe(2);
});

it("says again what did not arrive, but for what was meant otherwise since", async () => {
  const { unsaid, calls, said } = inbox();
  unsaid.read(["a", "b"]);
  const first = unsaid.flush();
  unsaid.unread("a");
  calls[0]?.answer(false);
  await first;
  const again = unsaid.flush();
  calls[1]?.answer(true);
  await expect.poll(said).toEqual(['read ["a","b"]', 'read ["b"]', 'unread ["a"]']);
  calls[2]?.answer(true);
  await again;
});

it("names no more at once than the server takes, and leaves none out", async () => {
  const { unsaid, calls } = inbox();
  unsaid.read(Array.from({ length: 1_001 }, (_, n) => `${n}`));
  unsaid.readTask("WEB-1", []);
  const all = unsaid.flush();
  for (let n = 0; n < 3; n++) {
    await expect.poll(() => calls.length).toBe(n + 1);
    calls[n]?.answer(true);
  }
  await all;
  expect(calls.map(({ said }) => said.split(",").length)).toEqual([1_000, 1, 1]);
});
