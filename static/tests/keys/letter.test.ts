import { describe, expect, test } from "vitest";
import { signOf } from "../../src/keys/letter";

const pressed = (key: string, code: string, more: { composing?: boolean; altGraph?: boolean } = {}) => ({
  key, code, isComposing: more.composing ?? false, getModifierState: (name: string) => name === "AltGraph" && (more.altGraph ?? false),
});

describe("the sign of a key", () => {
  test.each([
    ["a Latin letter is itself, wherever it stands", "a", "KeyQ", "a"],
    ["with Shift too", "M", "Semicolon", "m"],
    ["Russian", "с", "KeyC", "c"],
    ["Russian with Shift", "Ь", "KeyM", "m"],
    ["Greek", "ψ", "KeyC", "c"],
    ["Hebrew", "ה", "KeyV", "v"],
    ["Arabic", "م", "KeyL", "l"],
    ["Korean", "ㅊ", "KeyC", "c"],
    ["a letter that no Latin one is beside", "ж", "Semicolon", "ж"],
    ["a Latin letter that English has not", "é", "Digit2", "é"],
    ["nor is the key it stands on meant", "ş", "KeyC", "ş"],
    ["other signs", "?", "Slash", "?"],
    ["names", "ArrowUp", "ArrowUp", "ArrowUp"],
  ])("%s", (_, key, code, sign) => expect(signOf(pressed(key, code))).toBe(sign));

  test.each([
    ["composed", pressed("c", "KeyC", { composing: true })],
    ["begun by an input method", pressed("Process", "KeyC")],
    ["an accent that waits for its letter", pressed("Dead", "KeyE")],
    ["a third sign", pressed("µ", "KeyM", { altGraph: true })],
  ])("%s is somebody's writing", (_, event) => expect(signOf(event)).toBe(""));
});
