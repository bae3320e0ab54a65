import { useEffect, useState } from "preact/hooks";
import { Problem, request } from "../api/client";
import type { LogEvent, Project } from "../api/types";
import { board, members, onEvents, project, role } from "../app/board";
import { did } from "../app/deeds";
import { toast } from "../app/notices";
import { explain } from "../app/problems";
import { go } from "../app/router";
import { me } from "../app/session";
import { t } from "../app/text";
import { shortName } from "../store/people";
import { Confirm, ReadOnly, Sheet } from "./parts";
import { Wallboards } from "./wallboards";
import { s } from "./words";

export function General() {
  const owner = role.value === "owner";
  const here = project.value;
  if (!here) return null;
  return (
    <div class="settings-body">
      {!owner && <ReadOnly what="general" />}
      <Sheet title={s.general.project}>
        {owner ? <NameForm here={here} /> : <Fact name={s.general.name} value={here.name} />}
        <Fact name={s.general.key} value={here.key} help={s.general.keyHelp(here.key)} />
      </Sheet>
      {owner && <Wallboards projectKey={here.key} />}
      {owner && <Deletion here={here} />}
    </div>
  );
}

function Fact({ name, value, help }: { name: string; value: string; help?: string }) {
  return (
    <dl class="fact-line">
      <dt>{name}</dt>
      <dd>{value}{help && <small>{help}</small>}</dd>
    </dl>
  );
}

function NameForm({ here }: { here: Project }) {
  /** What I typed, and the version of the project that I typed it over; null: nothing. */
  const [draft, setDraft] = useState<{ name: string; base: number } | null>(null);
  const [who, setWho] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const name = draft?.name ?? here.name;
  const met = draft !== null && here.version > draft.base && here.name !== draft.name && !busy;

  useEffect(
    () => onEvents((events) => {
      const last = events.findLast((event: LogEvent) => event.type === "project.edited" && event.actor.id !== me.value?.id);
      if (last) setWho(shortName(last.actor.name));
    }),
    [],
  );

  const save = async (event: Event) => {
    event.preventDefault();
    const wanted = name.trim();
    if (!draft || !wanted || busy) return;
    setBusy(true);
    setTrouble(null);
    const id = crypto.randomUUID();
    try {
      // With the note before their eyes it is the new name that they replace.
      await request<Project>("PATCH", `/projects/${here.key}`, {
        body: { name: wanted, base_version: met ? here.version : draft.base },
        key: id,
      });
      const undo = did(id, s.general.saved);
      setDraft(null);
      toast(s.general.saved, "done", undefined, undo);
    } catch (error) {
      if (error instanceof Problem && error.code === "edit_conflict") {
        const current = error.body.current as unknown as Project;
        if (board.value && board.value.project.version < current.version) {
          board.value = { ...board.value, project: { ...board.value.project, name: current.name, version: current.version } };
        }
      } else setTrouble(explain(error).text);
    }
    setBusy(false);
  };

  return (
    <form class="form name-form" onSubmit={(event) => void save(event)}>
      <label class="field">
        <span>{s.general.name}</span>
        <input
          class="input" required maxLength={100} value={name} autocomplete="off" aria-describedby={met ? "name-met" : undefined}
          onInput={(event) => {
            const text = event.currentTarget.value;
            setDraft(text === here.name ? null : { name: text, base: draft?.base ?? here.version });
          }}
        />
      </label>
      {met && (
        <div class="note" id="name-met" role="alert">
          {s.general.met(who ?? t.somebody, here.name)}{" "}
          <button type="button" class="link-button" onClick={() => setDraft(null)}>{s.general.useTheirs}</button>
        </div>
      )}
      {trouble && <p class="trouble" role="alert">{trouble}</p>}
      <div class="form-start">
        <button type="submit" class="button button-main" disabled={!draft || !name.trim() || busy}>{t.save}</button>
        {draft && <button type="button" class="button" onClick={() => setDraft(null)}>{t.cancel}</button>}
      </div>
    </form>
  );
}

function Deletion({ here }: { here: Project }) {
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState("");
  const run = async () => {
    await request<undefined>("DELETE", `/projects/${here.key}`, { key: crypto.randomUUID() });
    go("/");
    toast(s.general.deleted(here.name));
  };
  return (
    <Sheet title={s.general.danger} class="sheet-danger">
      <p class="sheet-text">{s.general.dangerText}</p>
      <button type="button" class="button button-warn" onClick={() => setAsking(true)}>{s.general.delete}</button>
      {asking && (
        <Confirm
          title={s.general.deleteTitle(here.name)} action={s.general.delete} blocked={typed.trim() !== here.key} run={run}
          close={() => {
            setAsking(false);
            setTyped("");
          }}
        >
          <p class="quiet">{s.general.deleteText(board.value?.tasks.size ?? 0, members.value.size)} {s.general.deleteKey(here.key)}</p>
          <label class="field">
            <span>{s.general.typeKey(here.key)}</span>
            <input class="input input-key" value={typed} autofocus autocomplete="off" spellcheck={false} onInput={(event) => setTyped(event.currentTarget.value)} />
          </label>
        </Confirm>
      )}
    </Sheet>
  );
}
