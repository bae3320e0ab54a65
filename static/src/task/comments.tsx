import { useRef, useState } from "preact/hooks";
import type { Comment } from "../api/types";
import { members } from "../app/board";
import { minute } from "../app/clock";
import { explain } from "../app/problems";
import { me } from "../app/session";
import { comment } from "../app/task";
import { ago, moment, t } from "../app/text";
import { Avatar } from "../parts/person";

export function Comments({ comments }: { comments: readonly Comment[] | null }) {
  if (!comments || comments.length === 0) return null;
  return (
    <section class="comments" aria-labelledby="comments-heading">
      <h3 id="comments-heading">{t.comments}</h3>
      <ul>
        {comments.map((one) => (
          <OneComment key={one.id} comment={one} />
        ))}
      </ul>
    </section>
  );
}

function OneComment({ comment: one }: { comment: Comment }) {
  const who = members.value.get(one.author) ?? { id: one.author, name: t.somebody };
  return (
    <li class="comment" data-comment={one.id}>
      <Avatar who={who} quiet />
      <div class="comment-body">
        <p class="comment-head">
          <strong>{who.name}</strong>{" "}
          <time dateTime={one.created_at} title={moment(one.created_at)}>{ago(one.created_at, minute.value)}</time>
          {one.edited_at && <span> · {t.edited}</span>}
        </p>
        {one.body_html === undefined ? (
          <div class="prose prose-plain">{one.body}</div>
        ) : (
          <div class="prose" dangerouslySetInnerHTML={{ __html: one.body_html }} />
        )}
      </div>
    </li>
  );
}

export function CommentBox({ refName }: { refName: string }) {
  const [text, setText] = useState("");
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const who = me.value;

  const send = async () => {
    if (!text.trim() || busy) return;
    setBusy(true);
    setTrouble(null);
    try {
      await comment(refName, text.trim());
      setText("");
      requestAnimationFrame(() => {
        document.querySelector(".comment:last-child")?.scrollIntoView({ block: "nearest" });
        box.current?.focus();
      });
    } catch (error) {
      setTrouble(explain(error).text);
    } finally {
      setBusy(false);
    }
  };
  return (
    <footer class="comment-box">
      {who && <Avatar who={who} size={24} quiet />}
      <div class="comment-write">
        <textarea
          ref={box} class="input comment-input" rows={text.includes("\n") || text.length > 60 ? 4 : 1} value={text}
          maxLength={20_000} aria-label={t.writeComment} placeholder={t.writeComment}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape" && text.trim()) event.stopPropagation();
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              void send();
            }
          }}
        />
        {trouble && <p class="trouble" role="alert">{trouble}</p>}
        {text.trim() && (
          <div class="form-foot">
            <span class="quiet">{t.markdownHelp}</span>
            <button type="button" class="button button-main button-small" title={t.sendKeys} disabled={busy} onClick={() => void send()}>{t.send}</button>
          </div>
        )}
      </div>
    </footer>
  );
}
