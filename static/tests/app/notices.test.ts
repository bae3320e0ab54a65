import { beforeEach, expect, it, vi } from "vitest";

vi.stubGlobal("document", { cookie: "", documentElement: { lang: "en" } });
const { mention, overheard } = await import("../../src/app/notices");
const { inPassing, t } = await import("../../src/app/text");

const person = (name: string) => ({ id: name, name });
const [ana, ben, dee] = [person("Ana Bell"), person("Ben Okafor"), person("Dee Kay")];
const changes = (n: number, who: readonly { id: string; name: string }[]) => t.others.many(n, inPassing(who));
const things = (n: number) => t.inbox.arrivedMany(n);

/** What is said in the next five seconds of what was mentioned. */
function said(): string {
  vi.advanceTimersByTime(5_000);
  return overheard.value;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(Date.now() + 60_000);
});

it("names people in passing, each once", () => {
  expect(inPassing([ana])).toBe("Ana");
  expect(inPassing([ana, ben, ana])).toBe("Ana and Ben");
  expect(inPassing([ana, ben, dee])).toBe("Ana and 2 others");
  expect(inPassing([ana, person("Ana Lind")])).toBe("Ana Bell and Ana Lind");
});

it("says a little in full, and in short with names what piles up", () => {
  for (const who of [ana, ben]) mention(`${who.name} did`, [who], changes);
  expect(said()).toBe("Ana Bell did. Ben Okafor did");
  for (const who of [ana, ben, dee]) mention(`${who.name} did`, [who], changes);
  expect(said()).toBe("3 changes by Ana and 2 others");
  // What stands for many counts as many.
  mention("40 changes by Ben", [ben], changes, 40);
  for (const n of [1, 2]) mention(`did ${n}`, [ana], changes);
  expect(said()).toBe("42 changes by Ben and Ana");
});

it("does not count one kind among another", () => {
  for (const n of [1, 2]) mention(`did ${n}`, [ana], changes);
  mention("New in your inbox", [], things);
  expect(said()).toBe("2 changes by Ana. New in your inbox");
});
