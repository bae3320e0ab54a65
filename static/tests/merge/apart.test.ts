import { describe, expect, it } from "vitest";
import { apart, type Piece } from "../../src/merge/apart";

const show = (pieces: readonly Piece[]) => pieces.map(({ kind, text }) => ({ same: text, own: `[${text}]`, cut: " … " })[kind]).join("");
const both = (mine: string, theirs: string) => {
  const sides = apart(mine, theirs);
  return [show(sides.mine), show(sides.theirs)];
};
const PLENTY = "The same words again and again, for as long as it takes. ".repeat(20);

describe("what differs in two texts", () => {
  it("is marked in short ones, which stay whole", () => {
    expect(both("As Ana has it", "As Ben has it")).toEqual(["As [Ana] has it", "As [Ben] has it"]);
    expect(both("修复登录页面", "修复注册页面")).toEqual(["修复[登录]页面", "修复[注册]页面"]);
    expect(both("All", "")).toEqual(["[All]", ""]);
    expect(both("the same", "the same")).toEqual(["the same", "the same"]);
    expect(both("so very long", "so long")).toEqual(["so [very] long", "so long"]);
  });

  it("is what is left of long ones, wherever it stands", () => {
    const sides = apart(`${PLENTY}Mine. ${PLENTY}`, `${PLENTY}Theirs. ${PLENTY}`);
    expect(show(sides.mine)).toMatch(/^ … \S.*\S \[Mine\]\. \S.* … $/);
    expect(show(sides.theirs)).toMatch(/^ … \S.*\S \[Theirs\]\. \S.* … $/);
    for (const side of [sides.mine, sides.theirs]) expect(show(side).length).toBeLessThan(200);
  });

  it("leaves out between two places too", () => {
    const [mine] = both(`One. ${PLENTY}Two.`, `Ones. ${PLENTY}Twos.`);
    expect(mine).toMatch(/^\[One\]\. .* … .* \[Two\]\.$/);
  });

  it("takes one look at a run of blanks, however long", () => {
    const gap = " ".repeat(200_000);
    expect(apart(`a${gap}b`, "c").mine).toEqual([{ kind: "own", text: `a${gap}b` }]);
  });

  it("says where a line end differs", () => {
    expect(both("a\n\nb", "a\nb")).toEqual(["a\n[\n]b", "a\nb"]);
  });
});
