import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Clock, Ellipsis } from "lucide-preact";
import type { Comment } from "../api/types";
import { members, projectOf, role } from "../app/board";
import { minute } from "../app/clock";
import { toast } from "../app/notices";
import { explain } from "../app/problems";
import { waitingOf } from "../app/queue";
import { me } from "../app/session";
import { comment, deleteComment, editComment, ownOf } from "../app/task";
import { ago, moment, t } from "../app/text";
import { undo } from "../app/undo";
import { type Choice, Menu } from "../parts/menu";
import { Avatar } from "../parts/person";
import { TextBox } from "../writing/box";
import { foresee, render } from "../writing/html";
import { tick } from "../writing/marks";
import { Prose } from "../writing/prose";
import { commentText, useCommentDraft, useDraft } from "./draft";
import { inField, typed } from "./here";
import { Leftover } from "./leftover";
import { Merge, MetNote } from "./met";
import { Typing } from "./others";
import { isWriting, useComparing, useOpened } from "./opened";
import { useSteady } from "./steady";

export function OneComment({ comment: one, may }: { comment: Comment; may: boolean }) {
  const [editing, setEditing] = useOpened(one.task, `comment:${one.id}`);
  const waits = waitingOf.value.get(one.task)?.some(({ action }) => action.kind === "editComment" && action.comment === one.id);
  const who = members.value.get(one.author) ?? { id: one.author, name: t.somebody };
  const mine = one.author === me.value?.id;
  const choices: Choice[] = [
    ...(may && mine ? [{ id: "edit", name: t.task.editComment, content: t.task.editComment, choose: () => setEditing(true) }] : []),
    ...(may && (mine || role.value === "owner")
      ? [{ id: "delete", name: t.task.deleteComment, danger: true, content: t.task.deleteComment, choose: () => void remove(one) }]
      : []),
  ];
  const tickBox = async (line: number, on: boolean) => {
    const text = tick(one.body, line, on);
    if (text === null) return;
    foresee(one.body, text, line, on);
    try {
      await editComment(one, text, { version: one.version, own: ownOf(one.id) }, one.body);
    } catch (error) {
      toast(explain(error).text, "refused");
    }
  };
  return (
    <li class="comment" data-comment={one.id}>
      <Avatar who={who} quiet />
      <div class="comment-body">
        <div class="comment-head">
          <p>
            <strong>{who.name}</strong>
            {" · "}
            <time dateTime={one.created_at} title={moment(one.created_at)}>{ago(one.created_at, minute.value)}</time>
            {one.edited_at && <span title={moment(one.edited_at)}> · {t.edited}</span>}
            {waits && <span class="comment-waits" data-waits="editComment"> <Clock class="icon" aria-hidden="true" /> {t.line.waitsWord}</span>}
          </p>
          {choices.length > 0 && !editing && (
            <Menu
              class="icon-button comment-more" label={t.task.commentMore(who.name)} menuLabel={t.more} kind="action"
              button={<Ellipsis class="icon" aria-hidden="true" />} choices={choices}
            />
          )}
        </div>
        {may && mine && !editing && <Leftover refName={one.task} what="comment" field={`comment:${one.id}`} now={one.body} goOn={() => setEditing(true)} />}
        {editing ? <Editor comment={one} close={() => setEditing(false)} /> : <Prose text={one.body} tick={may && mine ? (line, on) => void tickBox(line, on) : undefined} />}
      </div>
    </li>
  );
}

async function remove(one: Comment): Promise<void> {
  try {
    const find = await deleteComment(one);
    const bringBack = async () => {
      const seq = await find();
      if (seq === null) toast(t.task.commentBack);
      else await undo({ project: projectOf(one.task), ref: one.task }, [seq], { what: t.task.commentDeleted, said: t.task.commentBack });
    };
    toast(t.task.commentDeleted, "done", undefined, {
      name: t.task.undo,
      run: () => void bringBack().catch((error: unknown) => toast(explain(error).text, "refused")),
    });
  } catch (error) {
    toast(explain(error).text, "refused");
  }
}

function Editor({ comment: one, close }: { comment: Comment; close(): void }) {
  const draft = useDraft(commentText(one));
  const [comparing, compare] = useComparing(one.task, `comment:${one.id}`);
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    if (isWriting()) return;
    box.current?.focus();
    box.current?.setSelectionRange(draft.text.length, draft.text.length);
  }, []);
  useEffect(() => () => inField(null), []);
  const { met } = draft;
  useSteady(box, met !== null && !comparing);
  const finish = async (save: () => Promise<boolean>, text: string) => {
    void render(text).catch(() => undefined);
    if (await save()) close();
  };
  const save = () => {
    if (draft.text.trim()) void finish(() => draft.save(draft.text.trim()), draft.text.trim());
  };
  if (met && comparing) {
    return (
      <Merge
        met={met} mine={draft.text} refName={one.task} label={t.task.editComment} busy={draft.busy} trouble={draft.trouble}
        back={() => compare(false)} save={(text) => void finish(() => draft.mergeInto(text), text)}
      />
    );
  }
  return (
    <div class="comment-editor">
      {met && <MetNote met={met} said={draft.waited ? t.line.metMeanwhile(met.who) : t.task.met.comment(met.who)} draft={draft} done={close} goOn={() => box.current?.focus()} compare={() => compare(true)} />}
      <TextBox
        boxRef={box} value={draft.text} refName={one.task} label={t.task.editComment} rows={Math.min(14, Math.max(3, draft.text.split("\n").length + 1))}
        write={(text) => {
          draft.write(text);
          typed("comment");
        }}
        onFocus={() => inField("comment")} onBlur={() => inField(null)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") {
            event.preventDefault();
            close();
          }
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            if (!met) save();
          }
        }}
      />
      {draft.trouble && <p class="trouble" role="alert">{draft.trouble}</p>}
      <div class="form-foot">
        <button
          type="button" class="button button-small"
          onClick={() => {
            draft.drop();
            close();
          }}
        >
          {t.cancel}
        </button>
        <button type="button" class="button button-main button-small" disabled={draft.busy || met !== null || !draft.text.trim()} title={t.saveKeys} onClick={save}>{t.save}</button>
      </div>
    </div>
  );
}

export function CommentBox({ refName }: { refName: string }) {
  const [text, write] = useCommentDraft(refName);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [inside, setInside] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const who = me.value;
  useEffect(() => () => inField(null), []);

  const send = async () => {
    if (!text.trim() || busy) return;
    setBusy(true);
    setTrouble(null);
    try {
      await comment(refName, text.trim());
      write("");
      // What was written is sent: nobody waits for more of it.
      inField(inside ? "comment" : null);
      requestAnimationFrame(() => {
        document.querySelector(".stream > :last-child")?.scrollIntoView({ block: "nearest" });
        box.current?.focus();
      });
    } catch (error) {
      setTrouble(explain(error).text);
    } finally {
      setBusy(false);
    }
  };
  const lines = text.split("\n").length;
  return (
    <footer class="comment-box">
      {who && <Avatar who={who} size={24} quiet />}
      <div class="comment-write">
        <Typing field="comment" />
        <TextBox
          boxRef={box} class="comment-input" rows={lines > 1 || text.length > 60 ? Math.min(12, Math.max(4, lines + 1)) : 1} value={text}
          refName={refName} label={t.writeComment} placeholder={t.task.commentExample}
          write={(next) => {
            write(next);
            typed("comment");
          }}
          onFocus={() => {
            setInside(true);
            inField("comment");
          }}
          onBlur={() => {
            setInside(false);
            inField(null);
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape" && text.trim() !== "") {
              // Out of the box first; what was written stays in it. Only then does Esc close the task.
              event.preventDefault();
              event.stopPropagation();
              document.querySelector<HTMLElement>("[data-panel]")?.focus({ preventScroll: true });
            }
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              void send();
            }
          }}
        />
        {trouble && <p class="trouble" role="alert">{trouble}</p>}
        {(text.trim() || inside) && (
          <div class="form-foot">
            <span class="quiet">{t.task.helpLine}</span>
            {text.trim() && (
              <button type="button" class="button button-main button-small" title={t.sendKeys} disabled={busy} onPointerDown={(event) => event.preventDefault()} onClick={() => void send()}>{t.send}</button>
            )}
          </div>
        )}
      </div>
    </footer>
  );
}
