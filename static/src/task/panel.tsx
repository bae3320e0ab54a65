import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Ellipsis, Link, Trash2, X } from "lucide-preact";
import type { Task } from "../api/types";
import { board, project, role, shown } from "../app/board";
import { remove } from "../app/commands";
import { toast } from "../app/notices";
import { explain } from "../app/problems";
import { leaveFor, projectPath } from "../app/router";
import { me } from "../app/session";
import { details, openTask, reloadTask } from "../app/task";
import { t } from "../app/text";
import { focusCard } from "../drag/keys";
import { Dialog } from "../parts/dialog";
import { Menu } from "../parts/menu";
import { useSlow } from "../parts/waiting";
import { CommentBox, Comments } from "./comments";
import { Description } from "./description";
import { Properties } from "./properties";
import { Title } from "./title";
import { WaitingComments } from "./waiting";

export function TaskPanel({ projectKey, number }: { projectKey: string; number: number }) {
  const ref = `${projectKey}-${number}`;
  const box = useRef<HTMLDivElement>(null);
  const close = () => leaveFor(projectPath(projectKey));
  useEffect(() => openTask(ref), [ref]);
  useLayoutEffect(() => {
    box.current?.focus({ preventScroll: true });
    // The card that opened it gets the focus back once the board can have it again.
    return () => void requestAnimationFrame(() => focusCard(ref));
  }, [ref]);
  useEffect(() => {
    const esc = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      close();
    };
    addEventListener("keydown", esc);
    return () => removeEventListener("keydown", esc);
  });

  const known = details.value?.ref === ref ? details.value : null;
  // A deletion of mine hides the task from the board before the server says so.
  const task = shown.value?.tasks.get(ref) ?? known?.task ?? null;
  const title = task?.title;
  useEffect(() => {
    document.title = title ? `${ref} ${title} · TaskHub` : `${ref} · TaskHub`;
  }, [ref, title]);

  return (
    <>
      <div class="scrim" onClick={close} />
      <div
        class="panel" ref={box} role="dialog" aria-modal="true" tabIndex={-1} data-panel={ref}
        aria-label={title ? `${ref} ${title}` : ref}
      >
        <header class="panel-head">
          <span class="panel-ref">{ref}</span>
          <span class="panel-in">{project.value ? t.inProject(project.value.name) : ""}</span>
          {task && <More task={task} close={close} />}
          <button type="button" class="icon-button" aria-label={t.close} title={t.closeEsc} onClick={close}>
            <X class="icon" aria-hidden="true" />
          </button>
        </header>
        <Body refName={ref} task={task} close={close} />
      </div>
    </>
  );
}

function Body({ refName, task, close }: { refName: string; task: Task | null; close(): void }) {
  const known = details.value?.ref === refName ? details.value : null;
  const trouble = known?.failure;
  const slow = useSlow(task === null && !trouble);
  if (trouble === "missing") {
    return (
      <div class="empty" role="alert">
        <p>{t.taskMissing(refName)}</p>
        <button type="button" class="button" onClick={close}>{t.toBoard}</button>
      </div>
    );
  }
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
  const may = role.value !== "viewer" && board.value !== null && !task.archived;
  return (
    <>
      <div class="panel-body">
        <Title task={task} may={may} />
        <Properties task={task} may={may} />
        {task.archived && <p class="note">{t.archived}</p>}
        <Description task={task} html={known?.task?.description_html ?? null} htmlFor={known?.task?.description ?? null} may={may} />
        <Comments comments={known?.comments ?? null} />
        <WaitingComments refName={task.ref} />
      </div>
      {may && <CommentBox refName={task.ref} />}
    </>
  );
}

function More({ task, close }: { task: Task; close(): void }) {
  const [asking, ask] = useState(false);
  const mayDelete = role.value === "owner" || (role.value === "member" && task.created_by === me.value?.id);
  const copy = async () => {
    await navigator.clipboard.writeText(location.href);
    toast(t.linkCopied);
  };
  return (
    <>
      <Menu
        class="icon-button" label={t.more} menuLabel={t.more} kind="action"
        button={<Ellipsis class="icon" aria-hidden="true" />}
        choices={[
          ...("clipboard" in navigator
            ? [{ id: "copy", name: t.copyLink, content: <span class="menu-line"><Link class="icon" aria-hidden="true" />{t.copyLink}</span>, choose: () => void copy() }]
            : []),
          ...(mayDelete
            ? [{ id: "delete", name: t.deleteTask, danger: true, content: <span class="menu-line"><Trash2 class="icon" aria-hidden="true" />{t.deleteTask}</span>, choose: () => ask(true) }]
            : []),
        ]}
      />
      {asking && (
        <Dialog title={t.deleteAsk(task.ref)} close={() => ask(false)}>
          <p class="dialog-text">{t.deleteText(task.title)}</p>
          <div class="form-foot">
            <button type="button" class="button" onClick={() => ask(false)}>{t.cancel}</button>
            <button
              type="button" class="button button-danger"
              onClick={() => {
                close();
                void remove(task.ref);
              }}
            >
              {t.deleteTask}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
