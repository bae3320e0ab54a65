import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Pencil, Trash2 } from "lucide-preact";
import type { Label } from "../api/types";
import { board, labels, role } from "../app/board";
import { explain } from "../app/problems";
import { t } from "../app/text";
import { Menu } from "../parts/menu";
import { LabelPill } from "../parts/signs";
import { addLabel, COLOURS, deleteLabel, editLabel } from "./labelling";
import { attempt, Confirm, headingOf, ReadOnly, Sheet } from "./parts";
import { s } from "./words";

const NAME_MAX = 50;

export function Labels() {
  const may = role.value !== "viewer";
  const list = useMemo(() => [...labels.value.values()].sort((a, b) => a.name.localeCompare(b.name)), [labels.value]);
  const used = useMemo(() => uses(), [board.value?.tasks]);
  return (
    <div class="settings-body">
      {!may && <ReadOnly what="labels" />}
      <Sheet title={s.labels.title}>
        {may && <NewLabel list={list} />}
        {list.length === 0 && <p class="sheet-empty">{may ? s.labels.empty : s.labels.emptyRead}</p>}
        <ul class="rows">
          {list.map((label) => (
            <Row key={label.id} label={label} used={used.get(label.id) ?? 0} may={may} />
          ))}
        </ul>
      </Sheet>
    </div>
  );
}

/** How many tasks of the board have each label. */
function uses(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const task of board.value?.tasks.values() ?? []) for (const id of task.labels) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** The colour that fewest labels have. */
function freshColour(list: readonly Label[]): string {
  const taken = (colour: string) => list.filter((label) => label.color === colour).length;
  const [first = "grey", ...rest] = [...COLOURS.slice(1), ...COLOURS.slice(0, 1)];
  return rest.reduce((best, one) => (taken(one) < taken(best) ? one : best), first);
}

function NewLabel({ list }: { list: readonly Label[] }) {
  const [name, setName] = useState("");
  const [own, setOwn] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const colour = own ?? freshColour(list);
  const add = async (event: Event) => {
    event.preventDefault();
    if (!name.trim() || busy) return;
    setBusy(true);
    setTrouble(null);
    try {
      await addLabel(name.trim(), colour);
      setName("");
      setOwn(null);
    } catch (error) {
      setTrouble(explain(error).text);
    }
    setBusy(false);
    field.current?.focus();
  };
  return (
    <form class="add-line" onSubmit={(event) => void add(event)} aria-label={s.labels.new}>
      <ColourMenu colour={colour} label={s.labels.colour} choose={setOwn} />
      <input
        ref={field} class="input" value={name} maxLength={NAME_MAX} placeholder={s.labels.new} aria-label={s.labels.name} autocomplete="off"
        aria-invalid={trouble !== null || undefined} aria-describedby={trouble ? "label-trouble" : undefined}
        onInput={(event) => {
          setName(event.currentTarget.value);
          setTrouble(null);
        }}
      />
      <button type="submit" class="button button-main" disabled={!name.trim() || busy}>{s.labels.add}</button>
      {trouble && <p class="trouble" id="label-trouble" role="alert">{trouble}</p>}
    </form>
  );
}

function ColourMenu({ colour, label, choose }: { colour: string; label: string; choose(colour: string): void }) {
  const name = (id: string) => s.labels.colours[id] ?? id;
  return (
    <Menu
      class="swatch-button" menuLabel={label} label={`${label}: ${name(colour)}`} kind="one"
      button={<span class="swatch" style={{ "--c": colour }} />}
      choices={COLOURS.map((id) => ({
        id,
        name: name(id),
        content: <span class="menu-line"><span class="swatch" style={{ "--c": id }} />{name(id)}</span>,
        checked: id === colour,
        choose: () => choose(id),
      }))}
    />
  );
}

function Row({ label, used, may }: { label: Label; used: number; may: boolean }) {
  const [renaming, setRenaming] = useState(false);
  const [asking, setAsking] = useState(false);
  const row = useRef<HTMLLIElement>(null);
  const pencil = useRef<HTMLButtonElement>(null);
  const close = () => {
    setRenaming(false);
    requestAnimationFrame(() => pencil.current?.focus());
  };
  return (
    <li class="row row-label" ref={row} data-label={label.id}>
      {may && (
        <ColourMenu
          colour={label.color} label={s.labels.colourOf(label.name)}
          choose={(color) => void attempt(() => editLabel(label, { color }, s.labels.recoloured(label.name, (s.labels.colours[color] ?? color).toLocaleLowerCase())))}
        />
      )}
      {renaming ? <Rename label={label} close={close} /> : (
        <>
          <span class="row-main"><LabelPill label={label} /></span>
          <span class="row-aside">{used === 0 ? s.labels.unused : s.labels.tasks(used)}</span>
          {may && (
            <span class="row-actions">
              <button ref={pencil} type="button" class="icon-button" aria-label={s.labels.rename(label.name)} title={s.labels.rename(label.name)} onClick={() => setRenaming(true)}>
                <Pencil class="icon" aria-hidden="true" />
              </button>
              <button type="button" class="icon-button" aria-label={s.labels.delete(label.name)} title={s.labels.delete(label.name)} onClick={() => setAsking(true)}>
                <Trash2 class="icon" aria-hidden="true" />
              </button>
            </span>
          )}
        </>
      )}
      {asking && (
        <Confirm
          title={s.labels.deleteTitle(label.name)} action={s.labels.deleteDo} close={() => setAsking(false)}
          run={async () => {
            const heading = headingOf(row.current);
            await deleteLabel(label);
            setAsking(false);
            heading.focus();
          }}
        >
          <p class="quiet">{s.labels.deleteText(used)}</p>
        </Confirm>
      )}
    </li>
  );
}

function Rename({ label, close }: { label: Label; close(): void }) {
  const [name, setName] = useState(label.name);
  const [trouble, setTrouble] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.select(), []);
  const save = async (event: Event) => {
    event.preventDefault();
    const wanted = name.trim();
    if (!wanted) return;
    if (wanted === label.name) {
      close();
      return;
    }
    try {
      await editLabel(label, { name: wanted }, s.labels.renamed(wanted));
      close();
    } catch (error) {
      setTrouble(explain(error).text);
    }
  };
  return (
    <form class="row-form" onSubmit={(event) => void save(event)}>
      <input
        class="input" value={name} maxLength={NAME_MAX} ref={field} aria-label={s.labels.newName(label.name)} autocomplete="off"
        aria-invalid={trouble !== null || undefined}
        onInput={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          close();
        }}
      />
      <button type="submit" class="button button-small button-main" disabled={!name.trim()}>{t.save}</button>
      <button type="button" class="button button-small" onClick={close}>{t.cancel}</button>
      {trouble && <p class="trouble" role="alert">{trouble}</p>}
    </form>
  );
}
