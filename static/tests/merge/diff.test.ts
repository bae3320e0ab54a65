import { describe, expect, it } from "vitest";
import { diff, lines, matches, merge, type Part, words } from "../../src/merge/diff";

const show = (parts: Part[]) => parts.map(({ kind, text }) => ({ same: text, old: `[-${text}-]`, new: `{+${text}+}` })[kind]).join("");

/** Mulberry32: the same course from the same seed. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe("words and lines", () => {
  it("join to the text", () => {
    const text = "One, two\n\n  三四 five_6 é\u0301 🙂\r\nlast";
    expect(words(text).join("")).toBe(text);
    expect(lines(text).join("")).toBe(text);
    expect(words("修复登录 now")).toEqual(["修", "复", "登", "录", " ", "now"]);
  });
});

describe("diff", () => {
  it("marks words", () => {
    expect(show(diff("the old text", "the new text"))).toBe("the [-old-]{+new+} text");
    expect(show(diff("", "a b"))).toBe("{+a b+}");
    expect(show(diff("a b", ""))).toBe("[-a b-]");
    expect(show(diff("same", "same"))).toBe("same");
    expect(show(diff("", ""))).toBe("");
  });

  it("reads neighbouring words as one change", () => {
    expect(show(diff("send it again now", "try that once now"))).toBe("[-send it again-]{+try that once+} now");
  });

  it("marks single signs of Chinese", () => {
    expect(show(diff("修复登录页面", "修复注册页面"))).toBe("修复[-登录-]{+注册+}页面");
  });

  it("keeps both texts, whatever they are", () => {
    const next = random(7);
    const text = (n: number) => Array.from({ length: Math.floor(next() * n) }, () => ["a", "b", " ", "\n", "cd"][Math.floor(next() * 5)]).join("");
    for (let n = 0; n < 500; n++) {
      const old = text(30);
      const fresh = text(30);
      const parts = diff(old, fresh);
      expect(parts.filter((part) => part.kind !== "new").map((part) => part.text).join("")).toBe(old);
      expect(parts.filter((part) => part.kind !== "old").map((part) => part.text).join("")).toBe(fresh);
    }
  });

  it("finds a longest common subsequence", () => {
    const next = random(11);
    const some = () => Array.from({ length: Math.floor(next() * 14) }, () => "abc"[Math.floor(next() * 3)] ?? "a");
    for (let n = 0; n < 300; n++) {
      const a = some();
      const b = some();
      const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
      for (let i = a.length - 1; i >= 0; i--)
        for (let j = b.length - 1; j >= 0; j--)
          table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
      const found = [...matches(a, b)].flatMap((to, from) => (to < 0 ? [] : [[from, to] as const]));
      expect(found).toHaveLength(table[0]![0]!);
      expect(found.every(([from, to]) => a[from] === b[to])).toBe(true);
      expect(found.map(([, to]) => to)).toEqual(found.map(([, to]) => to).sort((x, y) => x - y));
    }
  });

  it("gives up on texts with nothing in common without taking long", () => {
    const a = Array.from({ length: 6_000 }, (_, n) => `a${n}`);
    const b = Array.from({ length: 6_000 }, (_, n) => `b${n}`);
    expect([...matches(a, b)].every((to) => to === -1)).toBe(true);
  });
});

describe("merge", () => {
  it("takes what only one of them changed", () => {
    expect(merge("a\nb\nc\n", "a\nB\nc\n", "a\nb\nC\n")).toEqual({ text: "a\nB\nC\n", clashes: 0 });
    expect(merge("one two three", "one TWO three", "one two three four")).toEqual({ text: "one TWO three four", clashes: 0 });
    expect(merge("x", "x", "y")).toEqual({ text: "y", clashes: 0 });
    expect(merge("x", "y", "x")).toEqual({ text: "y", clashes: 0 });
    expect(merge("", "mine", "")).toEqual({ text: "mine", clashes: 0 });
  });

  it("takes the same change once", () => {
    expect(merge("a\nb", "a\nB", "a\nB")).toEqual({ text: "a\nB", clashes: 0 });
    expect(merge("a\nb\n", "x\nb\n1\n", "x\nb\n2\n").clashes).toBe(1);
  });

  it("lets both stand where both changed the same", () => {
    expect(merge("start\nold\nend\n", "start\nmine\nend\n", "start\ntheirs\nend\n")).toEqual({
      text: "start\nmine\ntheirs\nend\n",
      clashes: 1,
    });
    expect(merge("old", "mine", "theirs")).toEqual({ text: "mine\ntheirs", clashes: 1 });
  });

  it("loses no word that either of them added", () => {
    const next = random(3);
    const pick = () => ["red", "green", "blue", "\n", " "][Math.floor(next() * 5)] ?? "";
    for (let n = 0; n < 300; n++) {
      const base = Array.from({ length: 12 }, pick);
      const change = (mark: string) => {
        const copy = [...base];
        for (let k = 0; k < 3; k++) copy.splice(Math.floor(next() * copy.length), Math.floor(next() * 2), ` ${mark}${k} `);
        return copy.join("");
      };
      const mine = change("mine");
      const theirs = change("theirs");
      const { text } = merge(base.join(""), mine, theirs);
      for (const word of [...words(mine), ...words(theirs)]) if (/mine|theirs/.test(word)) expect(text).toContain(word);
    }
  });
});
