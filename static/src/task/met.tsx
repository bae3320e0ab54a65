import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../app/text";
import { diff, merge, type Part } from "../merge/diff";
import { TextBox } from "../writing/box";
import type { Draft, Met } from "./draft";

interface NoteProps {
  met: Met;
  /** The sentence that says what was changed by whom. */
  said: string;
  draft: Draft;
  /** Saved, or given up: the editor is to close. */
  done(): void;
  /** Mine is kept, and can be written on. */
  goOn(): void;
  /** Both texts are to be laid side by side. */
  compare(): void;
}

/** Somebody changed what I am writing: both versions are kept until I choose. */
export function MetNote({ met, said, draft, done, goOn, compare }: NoteProps) {
  return (
    <div class="note met" role="status">
      <p><strong>{said}</strong></p>
      <p>{t.task.met.kept}</p>
      <div class="met-foot">
        <button type="button" class="button button-small" onClick={() => void draft.keepMine().then((saved) => (saved ? done() : goOn()))}>{t.task.met.keepMine}</button>
        <button
          type="button" class="button button-small"
          onClick={() => {
            draft.takeTheirs();
            done();
          }}
        >
          {t.task.met.take(met.who)}
        </button>
        <button type="button" class="button button-small button-main" onClick={compare}>{t.task.met.compare}</button>
      </div>
    </div>
  );
}

interface MergeProps {
  met: Met;
  mine: string;
  refName: string;
  label: string;
  busy: boolean;
  trouble: string | null;
  /** On one line, as a title is. */
  short?: boolean;
  save(text: string): void;
  back(): void;
}

/** What each of us changed, side by side, and the text that is to stand: what both changed is in it already. */
export function Merge({ met, mine, refName, label, busy, trouble, short = false, save, back }: MergeProps) {
  const proposal = useMemo(() => merge(met.from, mine, met.theirs), [met.from, mine, met.theirs]);
  const joined = short ? proposal.text.replace(/\s*\n\s*/g, " ").trim() : proposal.text;
  const [text, write] = useState(joined);
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => write(joined), [joined]);
  const all = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    box.current?.focus({ preventScroll: true });
    all.current?.scrollIntoView({ block: "start" });
  }, []);
  return (
    <div ref={all} class="merge" role="group" aria-label={t.task.met.compare}>
      <div class="merge-sides">
        <Side title={t.task.met.yours} parts={diff(met.from, mine)} />
        <Side title={t.task.met.theirs(met.who)} parts={diff(met.from, met.theirs)} />
      </div>
      <div class="merge-result">
        <p class="merge-head"><strong>{t.task.met.together}</strong> <span class="quiet">{proposal.clashes > 0 ? t.task.met.clashes(proposal.clashes) : t.task.met.noClash}</span></p>
        <TextBox
          boxRef={box} value={text} refName={refName} label={t.task.met.togetherLabel(label)} class={short ? "" : "description-input"}
          rows={short ? 2 : Math.min(18, Math.max(6, text.split("\n").length + 1))}
          write={(next) => write(short ? next.replace(/\n/g, " ") : next)}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Escape") {
              event.preventDefault();
              back();
            }
            if (event.key === "Enter" && (short || event.ctrlKey || event.metaKey) && !event.isComposing) {
              event.preventDefault();
              save(text);
            }
          }}
        />
      </div>
      {trouble && <p class="trouble" role="alert">{trouble}</p>}
      <div class="form-foot">
        <button type="button" class="button button-small" onClick={back}>{t.task.met.back}</button>
        <button type="button" class="button button-small button-main" disabled={busy || (short && !text.trim())} title={t.saveKeys} onClick={() => save(text)}>{t.task.met.saveMerged}</button>
      </div>
    </div>
  );
}

function Side({ title, parts }: { title: string; parts: readonly Part[] }) {
  return (
    <section class="merge-side" aria-label={title}>
      <h3>{title}</h3>
      {/* What scrolls has to be reachable by key. */}
      <div class="merge-text" tabIndex={0}>
        {parts.map((part, index) => {
          if (part.kind === "old") return <del key={index}>{part.text}</del>;
          return part.kind === "new" ? <ins key={index}>{part.text}</ins> : <span key={index}>{part.text}</span>;
        })}
      </div>
    </section>
  );
}
