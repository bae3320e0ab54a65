import { describe, expect, test } from "vitest";
import { did, didAgain, failed, find, heard, leftDone, NO_DEEDS, tookBack } from "../../src/store/deeds";
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
    const back = tookBack(first, find(first)!, came(6));
    expect([back.past.length, back.undone[0]?.seqs]).toEqual([0, [6]]);
    const again = didAgain(back, back.undone[0]!, came(7));
    expect([again.undone.length, find(again)?.seqs]).toEqual([0, [7]]);
    expect(did(back, deed("b")).undone).toEqual([]);
  });

  test("what had nothing to take back is just forgotten", () => {
    const first = heard(did(NO_DEEDS, deed("a")), [told(5, "a")]);
    expect(tookBack(first, find(first)!, came())).toEqual(NO_DEEDS);
  });

  test("what is done again lies before what was done after it, though its answer came later", () => {
    const first = heard(did(NO_DEEDS, deed("a")), [told(5, "a")]);
    const back = tookBack(first, find(first)!, came(6));
    const other = { past: [{ ...deed("b"), seqs: [8] }, deed("c")], undone: back.undone };
    expect(didAgain(other, back.undone[0]!, came(7)).past.map(({ key }) => key)).toEqual(["a", "b", "c"]);
  });

  test("what waits to be taken back is done again by its events, once they came, or left as it is", () => {
    const first = heard(did(NO_DEEDS, deed("a")), [told(5, "a")]);
    const back = tookBack(first, find(first)!, waits("u"));
    expect([back.past.length, heard(back, [told(6, "u")]).undone[0]?.seqs]).toEqual([0, [6]]);
    expect(failed(back, "u").undone).toEqual([]);
    expect(leftDone(back, back.undone[0]!)).toEqual(first);
  });
});
