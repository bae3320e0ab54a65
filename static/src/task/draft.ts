/** Text being written into something that others may change meanwhile. */
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Comment, Task } from "../api/types";
import { Problem } from "../api/client";
import { whoChanged } from "../activity/stream";
import { board, members } from "../app/board";
import { type Base, baseOf, conflictOf, edit } from "../app/commands";
import { type MetText, metTextOf, settleMet } from "../app/met";
import { toast } from "../app/notices";
import { explain } from "../app/problems";
import { waiting } from "../app/queue";
import { drafts as kept } from "../app/drafts";
import { me } from "../app/session";
import { details, editComment, ownOf, reloadTask } from "../app/task";
import { t } from "../app/text";
import type { Drafts } from "../store/drafts";
import { shortName } from "../store/people";

/** Grows whenever a draft is begun or dropped elsewhere than in the box it is written in. */
const changed = signal(0);

const user = (): string => me.value?.id ?? "";

/** The drafts of a task that were not sent, by field. */
export const draftsOf = (ref: string): ReturnType<Drafts["of"]> => {
  void changed.value;
  return kept.of(user(), ref);
};

export function dropDraft(ref: string, field: string): void {
  kept.drop(user(), ref, field);
  changed.value++;
}

/** The text in the comment box of a task, kept while it is not sent. */
export function useCommentDraft(ref: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => kept.get(user(), ref, "comment")?.text ?? "");
  const write = (next: string) => {
    setText(next);
    kept.put(user(), ref, "comment", { text: next, from: "", base: 0 });
  };
  return [text, write];
}

/** A text of somebody that can be edited: a field of a task, or a comment. */
export interface Subject {
  ref: string;
  /** Under which its draft is kept. */
  field: string;
  /** As I see it, with what of mine is on its way. */
  mine: string;
  /** As the server last said it; undefined where it is gone. */
  now: string | undefined;
  /** Something of mine is on its way that changes it: what the server said is not the last word. */
  settling: boolean;
  base(): Base;
  /** `from`: what it was made from. Throws what the server said. */
  save(text: string, base: Base, from: string): Promise<unknown>;
  /** Who changed it last; null for me, in another window. */
  who(): string | null;
}

export function taskField(task: Task, field: "title" | "description"): Subject {
  const { ref } = task;
  return {
    ref,
    field,
    mine: task[field],
    now: board.value?.tasks.get(ref)?.[field] ?? task[field],
    settling: waiting.value.some(({ action }) => action.kind === "edit" && action.ref === ref && field in action.patch),
    base: () => baseOf(ref),
    save: (text, base, from) => edit(ref, { [field]: text }, base, { [field]: from }),
    who: () => nameOf(whoChanged(details.value?.events ?? [], field)?.id),
  };
}

export function commentText(one: Comment): Subject {
  const own = ownOf(one.id);
  return {
    ref: one.task,
    field: `comment:${one.id}`,
    mine: one.body,
    now: details.value?.comments?.find((other) => other.id === one.id)?.body,
    settling: own.length > 0,
    base: () => ({ version: one.version, own }),
    save: (text, base, from) => editComment(one, text, base, from),
    who: () => nameOf(one.author),
  };
}

/** How they are called in a sentence; null for me. */
function nameOf(id: string | undefined): string | null {
  if (id !== undefined && id === me.value?.id) return null;
  const name = id === undefined ? undefined : members.value.get(id)?.name;
  return name ? shortName(name) : t.somebody;
}

/** Somebody changed the text since mine was begun: both are kept until I choose. */
export interface Met {
  /** Null: it was me, in another window. */
  who: string | null;
  from: string;
  theirs: string;
}

export interface Draft {
  text: string;
  busy: boolean;
  met: Met | null;
  /** Mine waited without a line when they changed it. */
  waited: boolean;
  trouble: string | null;
  write(text: string): void;
  /** Answers whether it is saved. If not, `trouble` or `met` says why and the text is still here. */
  save(text?: string): Promise<boolean>;
  /** Mine is to stand over theirs. Answers whether it is saved already: it is where saving was what met theirs. */
  keepMine(): Promise<boolean>;
  /** This text, made of both, is to stand. Answers whether it is saved. */
  mergeInto(text: string): Promise<boolean>;
  /** Theirs is to stand; mine can be brought back. */
  takeTheirs(): void;
  /** Mine goes. */
  drop(): void;
}

interface Begun {
  from: string;
  base: Base;
}

const startOf = ({ from, base }: MetText): Begun => ({ from, base: { version: base, own: [] } });

/** A draft that goes on where it was left, or begins with the text as it is; what comes later never replaces it. */
export function useDraft(subject: Subject): Draft {
  const { ref, field, now } = subject;
  // What waited without a line and then met theirs is what goes on here, with what was written on it since.
  const waited = metTextOf(ref, field);
  const [begun, begin] = useState<Begun>(() => {
    const left = kept.get(user(), ref, field);
    if (waited && (!left || left.from === waited.mine)) return startOf(waited);
    return left ? { from: left.from, base: { version: left.base, own: [] } } : { from: subject.mine, base: subject.base() };
  });
  const [text, setText] = useState(() => kept.get(user(), ref, field)?.text ?? waited?.mine ?? subject.mine);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState(false);

  useEffect(() => {
    if (waited && begun.from === waited.mine) begin(startOf(waited));
  }, [waited?.one.id]);
  const put = (next: string, { from, base } = begun) => kept.put(user(), ref, field, { text: next, from, base: base.version });
  const meets = now !== undefined && !subject.settling && !busy && now !== begun.from && now !== text;
  const met = meets ? { who: subject.who(), from: begun.from, theirs: now } : null;

  const write = (next: string) => {
    setText(next);
    put(next);
  };
  const rebase = (): Begun => {
    const next = { from: now ?? begun.from, base: subject.base() };
    begin(next);
    put(text, next);
    return next;
  };
  const done = () => {
    dropDraft(ref, field);
    settleMet(ref, field);
  };
  const send = async (value: string, { from, base }: Begun): Promise<boolean> => {
    setTrouble(null);
    setBusy(true);
    try {
      await subject.save(value, base, from);
      done();
      return true;
    } catch (error) {
      if (!isConflict(error)) setTrouble(explain(error).text);
      else if (theirsIn(error, field) === from) {
        // The log does not reach back to my base; what it would have told is that nothing changed.
        const version = (error as Problem).body.current?.["version"];
        if (typeof version === "number" && version !== base.version) return await send(value, { from, base: { version, own: [] } });
        setTrouble(explain(error).text);
      } else {
        setRefused(true);
        // It knows who it was.
        if (!field.startsWith("comment:")) reloadTask(ref);
      }
      return false;
    } finally {
      setBusy(false);
    }
  };
  return {
    text,
    busy,
    met,
    waited: waited !== null,
    trouble,
    write,
    save: async (value = text) => {
      if (value !== text) write(value);
      if (value === now && !subject.settling) {
        done();
        return true;
      }
      return send(value, begun);
    },
    keepMine: async () => {
      const next = rebase();
      if (!refused && !waited) return false;
      setRefused(false);
      return send(text, next);
    },
    mergeInto: async (value) => {
      const next = { from: now ?? begun.from, base: subject.base() };
      begin(next);
      setText(value);
      put(value, next);
      if (value !== now) return send(value, next);
      done();
      return true;
    },
    takeTheirs: () => {
      const mine = text;
      const next = { from: now ?? begun.from, base: subject.base() };
      done();
      toast(t.task.tookTheirs, "done", undefined, {
        name: t.task.bringMineBack,
        run: () => {
          put(mine, next);
          changed.value++;
        },
      });
    },
    drop: () => dropDraft(ref, field),
  };
}

function isConflict(error: unknown): boolean {
  return conflictOf(error) !== undefined;
}

function theirsIn(error: unknown, field: string): unknown {
  return error instanceof Problem ? error.body.current?.[field.startsWith("comment:") ? "body" : field] : undefined;
}

