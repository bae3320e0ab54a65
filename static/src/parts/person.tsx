import { personColour } from "../app/colours";
import { listOf } from "../app/text";
import { initials, shortName } from "../store/people";

interface Who {
  id: string;
  name: string;
}

/** A person's mark. The name is in it for screen readers and as a tooltip unless it stands beside it anyway. */
export function Avatar({ who, size = 20, quiet = false }: { who: Who; size?: 20 | 24 | 28; quiet?: boolean }) {
  return (
    <span class={`avatar avatar-${size}`} style={{ background: personColour(who.id) }} title={quiet ? undefined : who.name}>
      <span aria-hidden="true">{initials(who.name)}</span>
      {!quiet && <span class="unseen">{who.name} </span>}
    </span>
  );
}

const MOST = 4;

export function People({ people }: { people: readonly Who[] }) {
  const shown = people.length > MOST ? people.slice(0, MOST - 1) : people;
  const rest = people.slice(shown.length);
  return (
    <span class="people">
      {shown.map((who) => (
        <Avatar key={who.id} who={who} />
      ))}
      {rest.length > 0 && (
        <span class="avatar avatar-20 avatar-rest" title={listOf(rest.map((who) => who.name))}>
          <span aria-hidden="true">+{rest.length}</span>
          <span class="unseen">{listOf(rest.map((who) => who.name))} </span>
        </span>
      )}
    </span>
  );
}

export function PersonLine({ who }: { who: Who }) {
  return (
    <span class="person-line">
      <Avatar who={who} quiet />
      {shortName(who.name)}
    </span>
  );
}
