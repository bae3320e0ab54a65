import "../styles/task.css";
import "../styles/writing.css";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Archive, ArchiveRestore, ChevronDown, ChevronUp, Copy, Ellipsis, Link, Trash2, X } from "lucide-preact";
import type { Task } from "../api/types";
import { board, filtered, project, role, shown } from "../app/board";
import { archive, isNew, remove, restore } from "../app/commands";
import { say, toast } from "../app/notices";
import { explain } from "../app/problems";
import { noteGone, noteSeen } from "../app/recent";
import { leaveFor, pathOf, projectPath, stepTo, taskPath } from "../app/router";
import { me } from "../app/session";
import { details, openTask, reloadTask } from "../app/task";
import { t } from "../app/text";
import { setTitle } from "../app/title";
import { focusCard } from "../drag/keys";
import { signOf } from "../keys/letter";
import { letters } from "../keys/table";
import { type Choice, Menu } from "../parts/menu";
import { useSlow } from "../parts/waiting";
import { Chip, RefusedHere } from "../shell/chip";
import { shortName } from "../store/people";
import { CommentBox } from "./comments";
import { Description } from "./description";
import { hereAt } from "./here";
import { Orphans } from "./leftover";
import { isWriting } from "./opened";
import { OthersHere } from "./others";
import { Properties } from "./properties";
import { Activity } from "./stream";
import { Title } from "./title";
import { Watch } from "./watch";

export function TaskPanel({ projectKey, number }: { projectKey: string; number: number | string }) {
  const ref = typeof number === "string" ? number : `${projectKey}-${number}`;
  const box = useRef<HTMLDivElement>(null);
  const last = useRef(ref);
  last.current = ref;
  const close = () => leaveFor(projectPath(projectKey));
  useEffect(() => openTask(ref), [ref]);
  useEffect(() => hereAt(ref), [ref]);
  useLayoutEffect(() => {
    // An editor in it may have opened by itself.
    if (!isWriting() || !box.current?.contains(document.activeElement)) box.current?.focus({ preventScroll: true });
  }, [ref]);
  // The card of the task that was open last gets the focus once the board can have it again.
  useLayoutEffect(() => () => void requestAnimationFrame(() => focusCard(last.current)), []);
  const { before, after } = neighbours(ref);
  const step = (to: Task | undefined, end: string) => {
    if (to) stepTo(pathOf(to));
    else say(end);
  };
  const previous = () => step(before, t.task.first);
  const next = () => step(after, t.task.last);
  // Gone with the panel: an effect would still hear the first key that is meant for what is shown then.
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (event.key === "Escape") close();
      else if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event.target) || !letters.value) return;
      else if (signOf(event) === "j") next();
      else if (signOf(event) === "k") previous();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });

  const known = details.value?.ref === ref ? details.value : null;
  const gone = known?.failure === "missing";
  // A deletion of mine hides the task from the board before the server says so.
  const task = gone ? null : (shown.value?.tasks.get(ref) ?? known?.task ?? null);
  const title = task?.title;
  useEffect(() => {
    setTitle(title ? `${ref} ${title}` : ref);
  }, [ref, title]);
  const who = me.value?.id;
  useEffect(() => {
    if (who === undefined || isNew(ref)) return;
    if (gone) noteGone(who, ref);
    else if (task) noteSeen(who, task);
  }, [who, ref, title, gone]);

  return (
    <>
      <div class="scrim" onClick={close} />
      <div
        class="panel" ref={box} role="dialog" aria-modal="true" tabIndex={-1} data-panel={ref}
        aria-label={title ? `${ref} ${title}` : ref}
      >
        <header class="panel-head">
          <span class="panel-ref">{isNew(ref) ? t.line.newTask : ref}</span>
          <span class="panel-in">{project.value ? t.inProject(project.value.name) : ""}</span>
          <OthersHere />
          <span class="panel-refused"><RefusedHere /></span>
          <span class="panel-steps">
            <button type="button" class="icon-button" aria-label={t.task.previous} title={t.task.previousKey} aria-keyshortcuts="k" aria-disabled={!before} onClick={previous}>
              <ChevronUp class="icon" aria-hidden="true" />
            </button>
            <button type="button" class="icon-button" aria-label={t.task.next} title={t.task.nextKey} aria-keyshortcuts="j" aria-disabled={!after} onClick={next}>
              <ChevronDown class="icon" aria-hidden="true" />
            </button>
          </span>
          {task && !isNew(ref) && <Watch refName={ref} />}
          {task && <More task={task} close={close} />}
          <button type="button" class="icon-button" aria-label={t.close} title={t.closeEsc} onClick={close}>
            <X class="icon" aria-hidden="true" />
          </button>
          <span class="panel-line"><RefusedHere /><Chip /></span>
        </header>
        <Body key={ref} refName={ref} task={task} close={close} />
      </div>
    </>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [role=menu], [role=listbox], [contenteditable], dialog") !== null;
}

/** The tasks above and below in its column, as the board shows it. */
function neighbours(ref: string): { before: Task | undefined; after: Task | undefined } {
  for (const list of filtered.value?.columns.values() ?? []) {
    const at = list.findIndex((task) => task.ref === ref);
    if (at < 0) continue;
    const settled = (task: Task) => !isNew(task.ref);
    return { before: list.slice(0, at).findLast(settled), after: list.slice(at + 1).find(settled) };
  }
  return { before: undefined, after: undefined };
}

function Body({ refName, task, close }: { refName: string; task: Task | null; close(): void }) {
  const known = details.value?.ref === refName ? details.value : null;
  const trouble = known?.failure;
  const slow = useSlow(task === null && !trouble);
  if (trouble === "missing") return <Gone refName={refName} close={close} />;
  if (trouble && !task) {
    return (
      <div class="empty" role="alert">
        <p>{explain(trouble.error).text}</p>
        <button type="button" class="button" onClick={() => reloadTask(refName)}>{t.tryAgain}</button>
      </div>
    );
  }
  if (!task) {
    return slow ? <div class="panel-body" aria-hidden="true"><span class="bone bone-title" /><span class="bone bone-line" /><span class="bone bone-line" /></div> : null;
  }
  const writes = role.value !== "viewer" && board.value !== null;
  const may = writes && !task.archived;
  return (
    <>
      <div class="panel-body">
        <Title task={task} may={may} />
        <Properties task={task} may={may} />
        {task.archived && (
          <div class="note in-archive">
            <p>{t.archived}</p>
            {writes && <button type="button" class="button button-small" onClick={() => void restore(task.ref, task)}>{t.task.restore}</button>}
          </div>
        )}
        <Description task={task} may={may} />
        <Activity task={task} may={may} />
      </div>
      {may && <CommentBox refName={task.ref} />}
    </>
  );
}

/** There is no such task (any more). What I was writing about it is still here. */
function Gone({ refName, close }: { refName: string; close(): void }) {
  const by = details.value?.ref === refName ? details.value.deletedBy : null;
  return (
    <div class="empty" role="alert">
      <p>{by && by.id !== me.value?.id ? t.task.deletedBy(shortName(by.name), refName) : t.taskMissing(refName)}</p>
      <div class="met-foot">
        {by && role.value !== "viewer" && <button type="button" class="button" onClick={() => void restore(refName, details.value?.task ?? null)}>{t.task.restore}</button>}
        <button type="button" class="button" onClick={close}>{t.toBoard}</button>
      </div>
      <Orphans refName={refName} of={() => true} />
    </div>
  );
}

function More({ task, close }: { task: Task; close(): void }) {
  const mayWrite = role.value === "owner" || role.value === "member";
  const mayDelete = role.value === "owner" || (role.value === "member" && task.created_by === me.value?.id);
  const copy = async (text: string, said: string) => {
    await navigator.clipboard.writeText(text);
    toast(said);
  };
  const line = (Icon: typeof Link, words: string) => <span class="menu-line"><Icon class="icon" aria-hidden="true" />{words}</span>;
  const choices: Choice[] = [];
  const add = (id: string, Icon: typeof Link, name: string, choose: () => void, danger = false) =>
    choices.push({ id, name, content: line(Icon, name), choose, danger });
  if ("clipboard" in navigator) {
    add("copy-ref", Copy, t.task.copyRef(task.ref), () => void copy(task.ref, t.task.refCopied(task.ref)));
    add("copy", Link, t.copyLink, () => void copy(new URL(taskPath(task.project, task.number), location.origin).href, t.linkCopied));
  }
  if (mayWrite && task.archived) add("restore", ArchiveRestore, t.task.restore, () => void restore(task.ref, task));
  else if (mayWrite) add("archive", Archive, t.task.archive, () => void archive(task.ref));
  if (mayDelete) {
    add("delete", Trash2, t.deleteTask, () => {
      close();
      void remove(task.ref);
    }, true);
  }
  return (
    <Menu
      class="icon-button" label={t.more} menuLabel={t.more} kind="action"
      button={<Ellipsis class="icon" aria-hidden="true" />} choices={choices}
    />
  );
}
