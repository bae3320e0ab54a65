/** Links under which the project's figures are shown on a screen without anybody signed in: made, listed, taken back. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { request } from "../api/client";
import { Reading } from "../api/reading";
import type { Wallboard, Wallboards as Page } from "../api/generated";
import { members } from "../app/board";
import { toast } from "../app/notices";
import { explain } from "../app/problems";
import { ago, dueText, t } from "../app/text";
import { newId } from "../queue/id";
import { Confirm, headingOf, Made, Sheet } from "./parts";
import { s } from "./words";

export function Wallboards({ projectKey }: { projectKey: string }) {
  const [list, setList] = useState<readonly Wallboard[] | null>(null);
  const [failed, setFailed] = useState(false);
  const [made, setMade] = useState<{ name: string; url: string } | null>(null);
  const [going, setGoing] = useState<Wallboard | null>(null);
  const part = useRef<HTMLDivElement>(null);
  const path = `/projects/${projectKey}/wallboards`;
  const reading = useMemo(() => new Reading(), [projectKey]);
  const read = async () => {
    setFailed(false);
    try {
      await reading.read(() => request<Page>("GET", `${path}?limit=200`), (page) => setList(page.items));
    } catch {
      setFailed(true);
    }
  };
  useEffect(() => {
    void read();
    return () => reading.stop();
  }, [reading]);
  const change = (how: (now: readonly Wallboard[]) => readonly Wallboard[]) => {
    reading.changed();
    setList((now) => now && how(now));
  };

  const revoke = async (one: Wallboard) => {
    const heading = headingOf(part.current);
    await request<undefined>("DELETE", `${path}/${one.id}`, { key: newId() });
    change((list) => list.filter(({ id }) => id !== one.id));
    setMade(null);
    setGoing(null);
    heading.focus();
    toast(s.walls.revoked(one.name));
  };
  const show = async (one: Wallboard, titles: boolean, box: HTMLInputElement) => {
    try {
      const now = await request<Wallboard>("PATCH", `${path}/${one.id}`, { body: { titles }, key: newId() });
      change((list) => list.map((was) => (was.id === now.id ? now : was)));
      toast(s.walls.titled(now.name, now.titles));
    } catch (error) {
      box.checked = one.titles;
      toast(explain(error).text);
    }
  };
  return (
    <Sheet title={s.walls.title}>
      <div ref={part}>
        <p class="sheet-text">{s.walls.about}</p>
        <MakeForm
          make={async (name) => {
            const one = await request<Wallboard>("POST", path, { body: { name }, key: newId() });
            setMade({ name, url: one.url ?? "" });
            change((list) => [...list, one]);
          }}
        />
        {made && (
          <Made url={made.url} name={s.walls.field} close={() => setMade(null)}>
            <strong>{s.walls.made(made.name)}</strong> {s.walls.madeText}
          </Made>
        )}
        {failed && <p class="sheet-empty">{s.walls.failed} <button type="button" class="link-button" onClick={() => void read()}>{t.tryAgain}</button></p>}
        {list?.length === 0 && <p class="sheet-empty">{s.walls.none}</p>}
        <ul class="rows">
          {list?.map((one) => (
            <li key={one.id} class="row" data-wallboard={one.id}>
              <span class="row-main">
                <span class="row-name">{one.name}</span>
                <small class="row-small">
                  {s.walls.by(members.value.get(one.created_by)?.name ?? t.somebody, dueText(one.created_at))} · {one.last_used_at ? s.walls.used(ago(one.last_used_at)) : s.walls.unused}
                </small>
              </span>
              <label class="switch wall-titles">
                <input
                  type="checkbox" role="switch" checked={one.titles} aria-label={s.walls.titlesOf(one.name)}
                  onChange={(event) => void show(one, event.currentTarget.checked, event.currentTarget)}
                />
                <span>{s.walls.titles}</span>
              </label>
              <button type="button" class="button button-small" aria-label={s.walls.revokeOf(one.name)} onClick={() => setGoing(one)}>{s.walls.revoke}</button>
            </li>
          ))}
        </ul>
      </div>
      {going && (
        <Confirm title={s.walls.revokeTitle(going.name)} action={s.walls.revoke} run={() => revoke(going)} close={() => setGoing(null)}>
          <p class="quiet">{s.walls.revokeText}</p>
        </Confirm>
      )}
    </Sheet>
  );
}

function MakeForm({ make }: { make(name: string): Promise<void> }) {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy || !name.trim()) return;
    setBusy(true);
    setTrouble(null);
    try {
      await make(name.trim());
      setName("");
    } catch (error) {
      setTrouble(explain(error).text);
    }
    setBusy(false);
  };
  return (
    <form class="add-line" onSubmit={(event) => void submit(event)}>
      <input
        class="input" required maxLength={100} value={name} autocomplete="off" aria-label={s.walls.name} placeholder={s.walls.example}
        onInput={(event) => {
          setName(event.currentTarget.value);
          setTrouble(null);
        }}
      />
      <button type="submit" class="button button-main" disabled={busy || !name.trim()}>{s.walls.make}</button>
      {trouble && <p class="trouble" role="alert">{trouble}</p>}
    </form>
  );
}
