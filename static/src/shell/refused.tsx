import "../styles/refused.css";
import { useEffect, useMemo } from "preact/hooks";
import { labels, members, onEvents } from "../app/board";
import { minute } from "../app/clock";
import { restore } from "../app/commands";
import { meant } from "../app/meant";
import { comparing, metChoice, metText, type MetText } from "../app/met";
import { toast } from "../app/notices";
import { dropRefused, refusals, retry } from "../app/queue";
import { deedOf, isGone, isPast, listOpen, whyRefused } from "../app/refused";
import { go, taskPath } from "../app/router";
import { me, status } from "../app/session";
import { ago, language, moment, t } from "../app/text";
import { apart, type Piece } from "../merge/apart";
import { en, type RefusedMessages } from "../messages/refused/en";
import { Dialog } from "../parts/dialog";
import { refOf, textOf } from "../queue/queue";
import type { Refused } from "../queue/shelf";
import { shortName } from "../store/people";
import { askFate, type Fate, fateOf, mayWrite } from "./fate";

/** The words of the list in the page's language. */
let r: RefusedMessages = en;

/** Fetch them. Before this is done the list is not drawn. */
export async function loadRefusedWords(): Promise<void> {
  if (language === "zh-CN") r = (await import("../messages/refused/zh-CN")).zhCN;
}

/** What the server did not take, with its reason and the person's text, until they have seen to each. */
export default function RefusedList() {
  const list = refusals.value;
  useEffect(() => {
    if (list.length === 0) listOpen.value = false;
  }, [list]);
  return (
    <Dialog title={list.every((one) => one.why.kind === "expired") ? r.titleDropped : r.title} close={() => (listOpen.value = false)}>
      <ul class="refusals">
        {list.map((one) => (
          <OneRefused key={one.id} refused={one} />
        ))}
      </ul>
    </Dialog>
  );
}

function OneRefused({ refused }: { refused: Refused }) {
  const gone = isGone(refused);
  const fate = useFate(refused, gone);
  const { text: why, more } = gone ? { text: fated(refused, fate), more: undefined } : whyRefused(refused);
  const met = metText(refused);
  const choice = metChoice(refused);
  const text = [textOf(refused.change), met || choice ? "" : meant(refused.change, r.set, members.value, labels.value).join("\n")].filter(Boolean).join("\n\n");
  const at = new Date(refused.change.at).toISOString();
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    toast(r.copied);
  };
  return (
    <li class="refusal" data-refused={refused.change.action.kind}>
      <p class="refusal-head">
        {headOf(refused, met, choice?.name)}
        <time dateTime={at} title={moment(at)}>{r.at(ago(at, minute.value))}</time>
      </p>
      {met || choice ? (
        <Sides mine={(met ?? choice)?.mine ?? ""} theirs={(met ?? choice)?.theirs ?? ""} written={met !== null} />
      ) : (
        text && <pre class="refusal-text" tabIndex={0}>{text}</pre>
      )}
      <p class="refusal-why">{why}{more && ` ${more}`}</p>
      <div class="refusal-foot">
        <button type="button" class="button button-small" onClick={() => void dropRefused(refused)}>{met || choice ? r.keepTheirs : r.drop}</button>
        {text && "clipboard" in navigator && (
          <button type="button" class="button button-small" onClick={() => void copy()}>{r.copy}</button>
        )}
        {isPast(refused) ? <Look refName={refOf(refused.change)} /> : (
          <Again refused={refused} met={met !== null} choice={choice !== null} fate={gone ? fate : { kind: "there" }} />
        )}
        {met && <button type="button" class="button button-main button-small" onClick={() => compare(met)}>{r.compare}</button>}
      </div>
    </li>
  );
}

/** What became of what a change is about, where it is not there; asked again as soon as something may be known. */
function useFate(refused: Refused, gone: boolean): Fate | undefined {
  const { change } = refused;
  const live = status.value.kind === "live";
  useEffect(() => {
    if (gone && live) void askFate(change);
  }, [gone, live, change]);
  useEffect(() => {
    if (!gone) return;
    return onEvents((events) => {
      if (events.some(({ type, task }) => task?.ref === refOf(change) && /deleted|restored|created/.test(type))) void askFate(change);
    });
  }, [gone, change]);
  return fateOf(change);
}

/** Who took away what a change is about, and when; or that it came back. */
function fated({ change }: Refused, fate: Fate | undefined): string {
  const ref = refOf(change);
  if (fate?.kind === "there") return r.thereAgain(ref);
  if (fate?.kind !== "deleted") return "comment" in change.action ? t.line.refused.goneComment : t.line.refused.gone(ref);
  const who = fate.by.id === me.value?.id ? t.task.you : shortName(fate.by.name);
  return (fate.what === "task" ? r.deletedBy : r.deletedComment)(who, ref, ago(fate.at, minute.value));
}

/** What makes a refused change good, if anything does: nothing brings it to what is gone. */
function Again({ refused, met, choice, fate }: { refused: Refused; met: boolean; choice: boolean; fate: Fate | undefined }) {
  const { change } = refused;
  const main = `button button-small ${met ? "" : "button-main"}`;
  if (fate?.kind === "there") {
    return <button type="button" class={main} onClick={() => void retry(refused)}>{met || choice ? r.keepMine : r.again}</button>;
  }
  if (fate?.kind !== "deleted" || fate.what !== "task" || !mayWrite(change.project)) return null;
  const bringBack = async () => {
    if (await restore(refOf(change), fate.task)) await askFate(change);
  };
  return <button type="button" class={main} onClick={() => void bringBack()}>{r.bringBack(refOf(change))}</button>;
}

/** To try again is of no use: what is left is to see the task as it is now. What is of the project has none. */
function Look({ refName }: { refName: string }) {
  if (!refName) return null;
  return <button type="button" class="button button-small button-main" onClick={() => openTask(refName)}>{r.open(refName)}</button>;
}

/** Mine and theirs: of what was `written` the places in which they differ. */
function Sides({ mine, theirs, written }: { mine: string; theirs: string; written: boolean }) {
  const both = useMemo(() => {
    const whole = (text: string): readonly Piece[] => [{ kind: "same", text }];
    return written ? apart(mine, theirs) : { mine: whole(mine), theirs: whole(theirs) };
  }, [mine, theirs, written]);
  return (
    <dl class="refusal-sides">
      <Side name={r.yours} pieces={both.mine} />
      <Side name={r.theirs} pieces={both.theirs} />
    </dl>
  );
}

function Side({ name, pieces }: { name: string; pieces: readonly Piece[] }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd tabIndex={0}>
        {pieces.map(({ kind, text }, index) => {
          if (kind === "cut") return <span key={index} class="refusal-cut" title={r.leftOut}>{index > 0 && " "}{text}{index < pieces.length - 1 && " "}</span>;
          if (kind === "same") return <span key={index}>{text}</span>;
          // A line end that differs would not be seen. What is read out before and after is in the style.
          return <mark key={index} data-begin={r.differs} data-end={r.differsEnd}>{text.trim() ? text : text.replace(/\n/g, "↵\n")}</mark>;
        })}
        {pieces.length === 0 && <span class="quiet">{r.empty}</span>}
      </dd>
    </div>
  );
}

/** A field by its name, anything else by what was done. */
function headOf({ change }: Refused, met: MetText | null, choice: string | undefined): string {
  const name = choice ?? (met?.field === "title" ? t.title : met?.field === "description" ? t.description : null);
  return name && "ref" in change.action ? r.field(name, change.action.ref) : deedOf(change);
}

/** Where it was written both are laid side by side, and what both changed is put together. */
function compare({ ref, field }: MetText): void {
  comparing.value = { ref, field };
  openTask(ref);
}

function openTask(ref: string): void {
  listOpen.value = false;
  const at = ref.lastIndexOf("-");
  go(taskPath(ref.slice(0, at), Number(ref.slice(at + 1))));
}
