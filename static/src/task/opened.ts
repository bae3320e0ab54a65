/** Editors that open by themselves, where what waited without a line met somebody else's. */
import { useEffect, useState } from "preact/hooks";
import { comparing, metTextOf } from "../app/met";

/** Whether the editor of a text is open: the person opened it, or there is something to put together. */
export function useOpened(ref: string, field: string): [boolean, (open: boolean) => void] {
  const met = metTextOf(ref, field)?.one.id;
  const wanted = comparing.value?.ref === ref && comparing.value.field === field;
  const [open, setOpen] = useState(met !== undefined);
  useEffect(() => {
    if (met !== undefined || wanted) setOpen(true);
  }, [met, wanted]);
  return [open, setOpen];
}

/** Whether both texts are to be laid side by side: by the person here, or in the list of what was refused. */
export function useComparing(ref: string, field: string): [boolean, (on: boolean) => void] {
  const wanted = comparing.value?.ref === ref && comparing.value.field === field;
  const [on, set] = useState(wanted);
  useEffect(() => {
    if (!wanted) return;
    set(true);
    comparing.value = null;
  }, [wanted]);
  return [on, set];
}

/** Whether the person is writing somewhere: what opens by itself leaves them there. */
export function isWriting(): boolean {
  return document.activeElement instanceof HTMLTextAreaElement || document.activeElement instanceof HTMLInputElement;
}
