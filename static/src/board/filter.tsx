import { ListFilter, Plus, X } from "lucide-preact";
import { filter, filtered, labels, members } from "../app/board";
import { me } from "../app/session";
import { anyOf, count, t } from "../app/text";
import { type Choice, Menu } from "../parts/menu";
import { PersonLine } from "../parts/person";
import { LabelPill } from "../parts/signs";
import { type Filter, isActive, NO_FILTER, toggled } from "../store/filter";
import { shortName } from "../store/people";

function change(part: Partial<Filter>): void {
  filter.value = { ...filter.value, ...part };
}

export function clearFilter(): void {
  filter.value = NO_FILTER;
}

export function FilterBar() {
  const now = filter.value;
  const people = now.people.map(personName);
  const names = now.labels.flatMap((id) => labels.value.get(id)?.name ?? []);
  const hidden = filtered.value?.hidden ?? 0;
  return (
    <div class="filter" role="search" aria-label={t.filter.label}>
      <ListFilter class="icon filter-sign" aria-hidden="true" />
      <input
        class="filter-text" type="search" value={now.text} placeholder={t.filter.text} aria-label={t.filter.text}
        onInput={(event) => change({ text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === "Escape") change({ text: "" });
        }}
      />
      {people.length > 0 && <Pill text={t.filter.assigneeIs(anyOf(people))} remove={() => change({ people: [] })} />}
      {names.length > 0 && <Pill text={t.filter.labelIs(anyOf(names))} remove={() => change({ labels: [] })} />}
      <AddFilter />
      {isActive(now) && (
        <span class="filter-rest">
          <span role="status" data-hidden={hidden}>{t.filter.hidden(hidden)}</span>
          <button type="button" class="link-button" onClick={clearFilter}>{t.filter.clear}</button>
        </span>
      )}
    </div>
  );
}

function personName(id: string): string {
  if (id === me.value?.id) return t.filter.me;
  return shortName(members.value.get(id)?.name ?? "?");
}

function Pill({ text, remove }: { text: string; remove(): void }) {
  return (
    <span class="pill">
      {text}
      <button type="button" class="pill-remove" aria-label={t.filter.remove(text)} title={t.filter.remove(text)} onClick={remove}>
        <X class="icon" aria-hidden="true" />
      </button>
    </span>
  );
}

function AddFilter() {
  const now = filter.value;
  const mine = me.value?.id;
  const sorted = [...members.value.values()].sort((a, b) => Number(b.id === mine) - Number(a.id === mine));
  const people = sorted.map((who, index): Choice => ({
    id: `person-${who.id}`,
    name: who.name,
    ...(index === 0 ? { heading: t.filter.people } : {}),
    content: <PersonLine who={who} />,
    checked: now.people.includes(who.id),
    choose: () => change({ people: toggled(filter.value.people, who.id) }),
  }));
  const tags = [...labels.value.values()].map((label, index): Choice => ({
    id: `label-${label.id}`,
    name: label.name,
    ...(index === 0 ? { heading: t.filter.labels } : {}),
    content: <LabelPill label={label} />,
    checked: now.labels.includes(label.id),
    choose: () => change({ labels: toggled(filter.value.labels, label.id) }),
  }));
  return (
    <Menu
      class="pill pill-add" menuLabel={t.filter.add} kind="many" choices={[...people, ...tags]}
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
