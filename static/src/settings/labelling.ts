/** What a person can do to the labels of the open project. Each throws what the server or the line said. */
import { request } from "../api/client";
import type { Label } from "../api/types";
import { onEvents, openKey } from "../app/board";
import { did } from "../app/deeds";
import { toast } from "../app/notices";
import { undo } from "../app/undo";
import { s } from "./words";

/** Those of the API; the style gives each its shades. */
export const COLOURS = ["grey", "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink"] as const;

export async function addLabel(name: string, color: string): Promise<void> {
  const id = crypto.randomUUID();
  await request<Label>("POST", `/projects/${openKey.value}/labels`, { body: { name, color }, key: id });
  toast(s.labels.added(name), "done", undefined, did(id, s.labels.added(name)));
}

/** Change the name or the colour; `said` tells so. */
export async function editLabel(label: Label, patch: Partial<Pick<Label, "name" | "color">>, said: string): Promise<void> {
  const id = crypto.randomUUID();
  await request<Label>("PATCH", `/projects/${openKey.value}/labels/${label.id}`, { body: { ...patch, base_version: label.version }, key: id });
  toast(said, "done", undefined, did(id, said));
}

/** Take it off every task, then away; the toast offers to bring it back to all of them. */
export async function deleteLabel(label: Label): Promise<void> {
  const key = openKey.value ?? "";
  const id = crypto.randomUUID();
  const gone = seqOf(id, "label.deleted");
  try {
    await request<undefined>("DELETE", `/projects/${key}/labels/${label.id}`, { key: id });
  } catch (error) {
    gone.stop();
    throw error;
  }
  const said = s.labels.deleted(label.name);
  // The event of the label alone: undoing it puts the label back on the tasks that the same command took it off.
  const run = () => void gone.seq.then((seq) => undo({ project: key, ref: "" }, [seq], { what: said, said: s.labels.restored(label.name) }));
  toast(said, "done", undefined, { name: s.labels.undo, run });
}

/** The seq of a command's event of this type, as soon as it came. */
function seqOf(command: string, type: string): { seq: Promise<number>; stop(): void } {
  let stop = () => {};
  const seq = new Promise<number>((resolve) => {
    stop = onEvents((events) => {
      const found = events.find((event) => event.command_id === command && event.type === type);
      if (!found) return;
      stop();
      resolve(found.seq);
    });
  });
  return { seq, stop: () => stop() };
}
