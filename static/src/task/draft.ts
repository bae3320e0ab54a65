/** Text being written into a field that others may change meanwhile. */
import { useEffect, useState } from "preact/hooks";
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
  /** Somebody else changed the field since: who, as a sentence. Saving is then a choice, not an accident. */
  met: string | null;
  trouble: string | null;
  write(text: string): void;
  /** Answers whether it is saved; if not, `trouble` says why and the text is still here. */
  save(text: string): Promise<boolean>;
}

/** A draft that begins with the field as it is now; what comes later never replaces it. */
export function useDraft(task: Task, field: Field): Draft {
  const [text, write] = useState(task[field]);
  const [met, setMet] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const { ref } = task;

  useEffect(
    () =>
      onEvents((events) => {
        for (const event of events) {
          if (event.task?.ref !== ref || !(field in event.changes) || event.actor.id === me.value?.id) continue;
          setMet(t.met[field](shortName(event.actor.name)));
        }
      }),
    [ref, field],
  );

  const save = async (value: string): Promise<boolean> => {
    setTrouble(null);
    try {
      await edit(ref, { [field]: value });
      return true;
    } catch (error) {
      setTrouble(explain(error).text);
      return false;
    }
  };
  return { text, met, trouble, write, save };
}
