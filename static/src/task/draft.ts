/** Text being written into a field that others may change meanwhile. */
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../api/client";
import type { Task } from "../api/types";
import { onEvents } from "../app/board";
import { edit } from "../app/commands";
import { explain } from "../app/problems";
import { me } from "../app/session";
import { t } from "../app/text";
import { shortName } from "../store/people";

type Field = "title" | "description";

export interface Draft {
  text: string;
  /** Somebody else changed the field since: who, as a sentence. Saving again is then a choice, not an accident. */
  met: string | null;
  trouble: string | null;
  write(text: string): void;
  /** Answers whether it is saved; if not, `met` or `trouble` says why and the text is still here. */
  save(text: string): Promise<boolean>;
}

/** A draft that begins with the field as it is now; what comes later never replaces it. */
export function useDraft(task: Task, field: Field): Draft {
  const [text, write] = useState(task[field]);
  const [base, setBase] = useState(task.version);
  const [met, setMet] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const { ref } = task;

  useEffect(
    () =>
      onEvents((events) => {
        for (const event of events) {
          if (event.task?.ref !== ref || !(field in event.changes) || event.actor.id === me.value?.id) continue;
          setMet(t.met[field](shortName(event.actor.name)));
          setBase(event.seq);
        }
      }),
    [ref, field],
  );

  const save = async (value: string): Promise<boolean> => {
    setTrouble(null);
    try {
      await edit(ref, { [field]: value }, base);
      return true;
    } catch (error) {
      if (error instanceof Problem && error.code === "edit_conflict") {
        setMet(t.met[field](t.somebody));
        const current = error.body.current as Task | undefined;
        if (current) setBase(current.version);
      } else setTrouble(explain(error).text);
      return false;
    }
  };
  return { text, met, trouble, write, save };
}
