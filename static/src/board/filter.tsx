import { useComputed } from "@preact/signals";
import { ListFilter, Plus, X } from "lucide-preact";
import { filtered, labels, members, states } from "../app/board";
import { minute } from "../app/clock";
import { clearFilter, filter, setFilter } from "../app/filter";
import { news } from "../app/looked";
import { me } from "../app/session";
import { ago, anyOf, count, t } from "../app/text";
import { hint, shortcuts } from "../keys/table";
import { type Choice, Menu } from "../parts/menu";
import { PersonLine } from "../parts/person";
import { LabelPill } from "../parts/signs";
import { type Due, isActive, ME, toggled } from "../store/filter";
import { inOrder, shortName } from "../store/people";

const DUE: readonly Due[] = ["late", "week", "none"];

export function FilterBar() {
  const now = filter.value;
  const people = now.people.map(personName);
  const names = now.labels.flatMap((id) => labels.value.get(id)?.name ?? []);
  const hidden = useComputed(() => filtered.value?.hidden ?? 0).value;
  return (
    <div class="filter" role="search" aria-label={t.filter.label}>
      <ListFilter class="icon filter-sign" aria-hidden="true" />
      <input
        class="filter-text" type="search" value={now.text} placeholder={t.filter.text} aria-label={t.filter.text}
        title={hint("filter")} aria-keyshortcuts={shortcuts("filter")}
        onInput={(event) => setFilter({ text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === "Escape" && now.text !== "") setFilter({ text: "" });
        }}
      />
      {people.length > 0 && <Pill text={t.filter.assigneeIs(anyOf(people))} remove={() => setFilter({ people: [] })} />}
      {names.length > 0 && <Pill text={t.filter.labelIs(anyOf(names))} remove={() => setFilter({ labels: [] })} />}
      {now.due && <Pill text={t.work.dueIs[now.due]} remove={() => setFilter({ due: null })} />}
      {now.since !== null && <Pill text={t.work.changedSince} remove={() => setFilter({ since: null })} />}
      <AddFilter />
      {now.since === null && <SinceLastLook />}
      {isActive(now) && (
        <span class="filter-rest">
          <span role="status" data-hidden={hidden}>{t.filter.hidden(hidden)}</span>
          <button type="button" class="link-button" onClick={clearFilter}>{t.filter.clear}</button>
        </span>
      )}
    </div>
  );
}

function SinceLastLook() {
  void minute.value;
  const found = news.value;
  if (!found) return null;
  const told = t.work.changedMeanwhile(found.tasks, ago(found.at), found.who);
  return (
    <span class="filter-rest filter-news" data-news={found.tasks}>
      <span class="filter-told" title={told}>{told}</span>
      <button type="button" class="link-button" onClick={() => show(found.seq)}>{t.work.show}</button>
    </span>
  );
}

/** Only what changed after that seq, from the first column that has any of it on. */
function show(since: number): void {
  setFilter({ since });
  const first = states.value.find((state) => (filtered.value?.columns.get(state.id)?.length ?? 0) > 0);
  const column = first && document.querySelector(`.board [data-state="${CSS.escape(first.id)}"]`);
  column?.scrollIntoView({ inline: "nearest", block: "nearest" });
}

function personName(id: string): string {
  if (id === ME || id === me.value?.id) return t.filter.me;
  return shortName(members.value.get(id)?.name ?? "?");
}

function Pill({ text, remove }: { text: string; remove(): void }) {
  return (
    <span class="pill">
      <span class="pill-text">{text}</span>
      <button type="button" class="pill-remove" aria-label={t.filter.remove(text)} title={t.filter.remove(text)} onClick={remove}>
        <X class="icon" aria-hidden="true" />
      </button>
    </span>
  );
}

function AddFilter() {
  const now = filter.value;
  const mine = me.value?.id;
  const people = inOrder(members.value.values(), mine).map((who, index): Choice => {
    // As `me` it means the same to each who is sent the address.
    const id = who.id === mine ? ME : who.id;
    return {
      id: `person-${who.id}`,
      name: who.name,
      ...(index === 0 ? { heading: t.filter.people } : {}),
      content: <PersonLine who={who} />,
      checked: now.people.includes(id),
      choose: () => setFilter({ people: toggled(filter.value.people, id) }),
    };
  });
  const due = DUE.map((one, index): Choice => ({
    id: `due-${one}`,
    name: t.work.dueIs[one],
    ...(index === 0 ? { heading: t.due } : {}),
    content: <span class="menu-capital">{t.work.dueIs[one]}</span>,
    checked: now.due === one,
    choose: () => setFilter({ due: filter.value.due === one ? null : one }),
  }));
  const tags = inOrder(labels.value.values()).map((label, index): Choice => ({
    id: `label-${label.id}`,
    name: label.name,
    ...(index === 0 ? { heading: t.filter.labels } : {}),
    content: <LabelPill label={label} />,
    checked: now.labels.includes(label.id),
    choose: () => setFilter({ labels: toggled(filter.value.labels, label.id) }),
  }));
  return (
    <Menu
      class="pill pill-add" menuLabel={t.filter.add} kind="many" choices={[...people, ...due, ...tags]}
      button={
        <>
          <Plus class="icon" aria-hidden="true" />
          {t.filter.add}
        </>
      }
    />
  );
}

export function NothingMatches() {
  const hidden = filtered.value?.hidden ?? 0;
  return (
    <div class="empty">
      <p>{t.filter.nothing(count(hidden))}</p>
      <button type="button" class="button" onClick={clearFilter}>{t.filter.clear}</button>
    </div>
  );
}
