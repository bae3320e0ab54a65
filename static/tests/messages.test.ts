import { parseAst } from "vite";
import { describe, expect, it } from "vitest";

type Text = string | ((...args: never[]) => string);

/** Every text of a catalogue under its path, as `filter.hidden`. */
function texts(catalogue: object, path = ""): Map<string, Text> {
  return new Map(
    Object.entries(catalogue).flatMap(([key, value]: [string, Text | object]) =>
      typeof value === "object" ? [...texts(value, `${path}${key}.`)] : [[`${path}${key}`, value] as [string, Text]],
    ),
  );
}

/** What each argument is, and how it would be seen in the text. */
const GIVEN = [41, 52, 63, 74];
const asWritten = (text: Text): string => (typeof text === "string" ? text : text(...(GIVEN as never[])));
const shown = (text: Text): number[] => GIVEN.filter((given) => asWritten(text).includes(String(given)));

/** Every catalogue there is, each in its two languages; what a module of them exports is one object. */
const MODULES = import.meta.glob<Record<string, object>>("../src/messages/**/{en,zh-CN}.ts", { eager: true });
const read = (path: string): Map<string, Text> => new Map(Object.values(MODULES[path] ?? {}).flatMap((catalogue) => [...texts(catalogue)]));
const FOLDERS = [...new Set(Object.keys(MODULES).map((path) => path.slice(0, path.lastIndexOf("/"))))];
const CATALOGUES = FOLDERS.map((folder) => ({ name: folder, english: read(`${folder}/en.ts`), chinese: read(`${folder}/zh-CN.ts`) }));
/** Texts that are the same wherever one is. */
const SAME = new Set(["markdownHelp"]);

it("finds the catalogues", () => expect(FOLDERS.length).toBeGreaterThan(5));

describe.each(CATALOGUES)("the catalogues in $name", ({ english, chinese }) => {
  it("have the same texts", () => expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort()));

  it("say something in every text", () => {
    const empty = [...english, ...chinese].filter(([, text]) => asWritten(text).trim() === "").map(([path]) => path);
    expect(empty).toEqual([]);
  });

  it("say in each language what they are given in the other", () => {
    const differ = [...english].filter(([path, text]) => {
      const other = chinese.get(path);
      return other === undefined || typeof other !== typeof text || String(shown(text)) !== String(shown(other));
    });
    expect(differ.map(([path]) => path)).toEqual([]);
  });

  it("are in Chinese where they should be, and nowhere else", () => {
    const of = (text: Text | undefined, script: RegExp) => text !== undefined && script.test(asWritten(text));
    const wrong = [...english.keys()].filter((path) => {
      const isLeft = of(chinese.get(path), /[A-Za-z]{2}/) && !of(chinese.get(path), /\p{Script=Han}/u) && !SAME.has(path);
      return isLeft || of(english.get(path), /\p{Script=Han}/u);
    });
    expect(wrong).toEqual([]);
  });
});

interface Node {
  type: string;
  [key: string]: unknown;
}

/** Attributes that people read or hear. */
const READ = new Set(["aria-label", "aria-description", "aria-roledescription", "title", "placeholder", "alt", "label"]);
const NAMES = new Set(["TaskHub", "Markdown"]);
const isText = (text: unknown): boolean => typeof text === "string" && /\p{L}{2}/u.test(text) && !NAMES.has(text.trim());

/** Texts for people that stand in the source itself. */
function literals(node: unknown, into: string[] = []): string[] {
  if (Array.isArray(node)) for (const one of node) literals(one, into);
  else if (node !== null && typeof node === "object" && "type" in node) {
    const { type, ...rest } = node as Node;
    const name = (rest.name as Node | undefined)?.name;
    const value = rest.value as Node | undefined;
    if (type === "JSXText" && isText(rest.value)) into.push(String(rest.value).trim());
    if (type === "JSXAttribute" && READ.has(String(name)) && value) into.push(...strings(value));
    if (type === "JSXExpressionContainer") into.push(...strings(rest.expression as Node, true));
    for (const [key, below] of Object.entries(rest)) {
      // An attribute's expression is looked at above, where it is read at all.
      if (!(type === "JSXAttribute" && key === "value" && value?.type === "JSXExpressionContainer" && !holdsElement(value))) literals(below, into);
    }
  }
  return into;
}

const holdsElement = (node: Node): boolean => JSON.stringify(node).includes('"JSXElement"');

/** The strings that an expression may come to: `a ? "b" : "c"`, `x && "d"`, `e`. */
function strings(node: Node, child = false): string[] {
  switch (node.type) {
    case "Literal":
      return isText(node.value) ? [String(node.value)] : [];
    case "TemplateLiteral":
      return (node.quasis as { value: { cooked: string } }[]).map((one) => one.value.cooked).filter(isText);
    case "ConditionalExpression":
      return [...strings(node.consequent as Node, child), ...strings(node.alternate as Node, child)];
    case "LogicalExpression":
      return strings(node.right as Node, child);
    case "JSXExpressionContainer":
      return strings(node.expression as Node, child);
    default:
      return [];
  }
}

const SOURCES = import.meta.glob<string>("../src/**/*.tsx", { query: "?raw", import: "default", eager: true });

describe("the source of the screens", () => {
  it("has no text of its own", () => {
    const found = Object.entries(SOURCES).flatMap(([path, source]) =>
      literals(parseAst(source, { lang: "tsx" }, path)).map((text) => `${path}: ${text}`),
    );
    expect(Object.keys(SOURCES).length).toBeGreaterThan(10);
    expect(found).toEqual([]);
  });

  it("would be caught with one", () => {
    const source = 'const A = () => <p title={b ? "Why so" : t.c} class="quiet"><i>Hello</i> {d && "there"}<b title={t.e}>{t.f}</b></p>;';
    expect(literals(parseAst(source, { lang: "tsx" }, "a.tsx"))).toEqual(["Why so", "Hello", "there"]);
  });
});
