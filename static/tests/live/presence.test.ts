import { beforeEach, describe, expect, it } from "vitest";
import { type At, Presence, SAY_AGAIN } from "../../src/live/presence";

const AT: At = { task: "WEB-42", field: "title", typing: true };

let said: { topic: string; at: At | null }[];
let timers: { ms: number; call: () => void }[];
let presence: Presence;

beforeEach(() => {
  said = [];
  timers = [];
  presence = new Presence({
    say: (topic, at) => said.push({ topic, at }),
    after: (ms, call) => {
      const timer = { ms, call };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  });
});

function pass(): void {
  const due = timers;
  timers = [];
  for (const timer of due) timer.call();
}

describe("where this window is", () => {
  it("is said when the server has confirmed the topic, and again every 15 s", () => {
    presence.here(AT);
    expect(said).toEqual([]);
    presence.joined("project:WEB");
    expect(said).toEqual([{ topic: "project:WEB", at: AT }]);
    expect(timers.map((timer) => timer.ms)).toEqual([SAY_AGAIN]);
    pass();
    expect(said).toHaveLength(2);
    expect(timers).toHaveLength(1);
  });

  it("is said when it changes, and not when it is the same", () => {
    presence.joined("project:WEB");
    presence.here(AT);
    presence.here({ ...AT });
    presence.here(null);
    expect(said.map((one) => one.at)).toEqual([null, AT, null]);
    expect(timers).toHaveLength(1);
  });

  it("is said again after a lost line, and never over one that is gone", () => {
    presence.joined("project:WEB");
    presence.here(AT);
    presence.lost();
    pass();
    expect(said).toHaveLength(2);
    presence.joined("project:WEB");
    expect(said.at(-1)?.at).toEqual(AT);
  });

  it("is not told to another project", () => {
    presence.here(AT);
    presence.joined("project:WE");
    expect(said).toEqual([{ topic: "project:WE", at: null }]);
  });

  it("is not said after the project was left", () => {
    presence.joined("project:WEB");
    presence.left("project:WEB");
    presence.here(AT);
    pass();
    expect(said).toHaveLength(1);
  });
});

describe("who is here", () => {
  const ben = { id: "u2", name: "Ben", at: [AT] };

  it("is what the server said last of the open project", () => {
    presence.joined("project:WEB");
    presence.heard("project:WEB", [ben]);
    expect(presence.people.value).toEqual([ben]);
    presence.heard("project:OPS", []);
    expect(presence.people.value).toEqual([ben]);
  });

  it("is not known without a line, nor of a project that was left", () => {
    presence.joined("project:WEB");
    presence.heard("project:WEB", [ben]);
    presence.lost();
    expect(presence.people.value).toEqual([]);
    presence.heard("project:WEB", [ben]);
    presence.left("project:WEB");
    expect(presence.people.value).toEqual([]);
  });
});
