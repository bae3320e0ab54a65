import { describe, expect, test } from "vitest";
import { did, doingAgain, failed, find, heard, leftDone, NO_DEEDS, settled, takingBack, unsaid } from "../../src/store/deeds";
import { event } from "../events";

const deed = (...ids: string[]) => ({ key: ids[0] ?? "", ids, text: ids.join(), seqs: [] });
const told = (seq: number, command_id: string) => event(seq, "task.moved", { command_id });
const came = (...done: number[]) => ({ done, waits: [] });
const waits = (...ids: string[]) => ({ done: [], waits: ids });

describe("what a window did", () => {
  test("is known by its events, in the order of the log, each once", () => {
    let deeds = did(did(NO_DEEDS, deed("a")), deed("b", "c"));
    deeds = heard(deeds, [told(7, "c"), told(5, "b"), told(6, "somebody else's")]);
    deeds = heard(deeds, [told(5, "b"), told(8, "a")]);
    expect(find(deeds)?.seqs).toEqual([5, 7]);
    expect(find(deeds, "a")?.seqs).toEqual([8]);
  });

  test("others' events change nothing", () => {
    const deeds = did(NO_DEEDS, deed("a"));
    expect(heard(deeds, [told(5, "x")])).toBe(deeds);
  });

  test("is gone where all of it was refused, and stays where some was done", () => {
    expect(failed(did(NO_DEEDS, deed("a")), "a").past).toEqual([]);
    const deeds = heard(did(NO_DEEDS, deed("a", "b")), [told(5, "a")]);
    expect(find(failed(deeds, "b"))?.seqs).toEqual([5]);
    expect(find(failed(failed(deeds, "b"), "a"))?.seqs).toEqual([5]);
  });

  test("is taken back and done again under new events; something new ends that", () => {
    const first = heard(did(NO_DEEDS, deed("a")), [told(5, "a")]);
    const back = settled(takingBack(first, find(first)!, ["u"]), "a", came(6));
    expect([back.past.length, back.undone[0]?.seqs, back.undone[0]?.ids]).toEqual([0, [6], []]);
    const again = settled(doingAgain(back, back.undone[0]!, ["r"]), "a", came(7));
    expect([again.undone.length, find(again)?.seqs]).toEqual([0, [7]]);
    expect(did(back, deed("b")).undone).toEqual([]);
  });

  test("what had nothing to take back is just forgotten", () => {
    const first = heard(did(NO_DEEDS, deed("a")), [told(5, "a")]);
    expect(settled(takingBack(first, find(first)!, ["u"]), "a", came())).toEqual(NO_DEEDS);
  });

  test("what is done again lies before what is done after it, whenever its answer or its events come", () => {
    const first = heard(did(NO_DEEDS, deed("a")), [told(5, "a")]);
    const back = settled(takingBack(first, find(first)!, ["u"]), "a", came(6));
    let deeds = did(doingAgain(back, back.undone[0]!, ["r"]), deed("b"));
    deeds = settled(heard(deeds, [told(8, "b"), told(7, "r")]), "a", came(7));
    expect(deeds.past.map(({ key, seqs }) => [key, seqs])).toEqual([["a", [7]], ["b", [8]]]);
  });

  test("what waits to be taken back is done again by its events, once they came, or left as it is", () => {
    const first = heard(did(NO_DEEDS, deed("a")), [told(5, "a")]);
    const back = settled(takingBack(first, find(first)!, ["u"]), "a", waits("u"));
    expect([back.past.length, heard(back, [told(6, "u")]).undone[0]?.seqs]).toEqual([0, [6]]);
    expect(failed(back, "u").undone).toEqual([]);
    expect(leftDone(back, back.undone[0]!)).toEqual(first);
  });

  test("what is left as it is lies where it lay", () => {
    let deeds = heard(did(did(NO_DEEDS, deed("a")), deed("b")), [told(5, "a"), told(6, "b")]);
    deeds = settled(takingBack(deeds, find(deeds, "a")!, ["u"]), "a", waits("u"));
    expect(leftDone(deeds, deeds.undone[0]!).past.map(({ key }) => key)).toEqual(["a", "b"]);
  });

  test("what was never sent is kept to be done again; what was, is taken back by its events", () => {
    const action = { kind: "archive", ref: "A-2" } as const;
    const whole = unsaid(did(NO_DEEDS, deed("a")), "a", ["a"], [action]);
    expect([whole.past.length, whole.undone[0]?.unsent, whole.undone[0]?.ids]).toEqual([0, [action], []]);
    const part = unsaid(heard(did(NO_DEEDS, deed("a", "b")), [told(5, "a")]), "a", ["b"], [action]);
    expect([find(part)?.ids, find(part)?.seqs]).toEqual([["a"], [5]]);
    const back = settled(takingBack(part, find(part)!, ["u"]), "a", came(6));
    expect([back.undone[0]?.seqs, back.undone[0]?.unsent]).toEqual([[6], [action]]);
    const again = settled(doingAgain(back, back.undone[0]!, ["r", "n"]), "a", { done: [7], waits: ["n"] });
    expect(heard(again, [told(8, "n")]).past).toEqual([{ key: "a", text: "a,b", ids: ["n"], seqs: [7, 8] }]);
  });
});
