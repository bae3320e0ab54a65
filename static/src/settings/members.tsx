import { useMemo, useRef, useState } from "preact/hooks";
import { ChevronDown, LogOut, UserMinus } from "lucide-preact";
import type { Member, Role } from "../api/types";
import { board, members, openKey, project, role } from "../app/board";
import { toast } from "../app/notices";
import { go } from "../app/router";
import { me } from "../app/session";
import { dueText } from "../app/text";
import { type Choice, Menu } from "../parts/menu";
import { Avatar } from "../parts/person";
import { Invites, LetIn } from "./invites";
import { attempt, Confirm, headingOf, ReadOnly, Sheet } from "./parts";
import { changeRole, emails, removeMember, ROLES, usePeople } from "./people";
import { s } from "./words";

export function Members() {
  const owner = role.value === "owner";
  usePeople(openKey.value ?? "", owner);
  const list = useMemo(() => [...members.value.values()].sort((a, b) => a.name.localeCompare(b.name)), [members.value]);
  const owners = list.filter((one) => one.role === "owner").length;
  return (
    <div class="settings-body">
      {!owner && <ReadOnly what="members" />}
      {owner && <LetIn />}
      <Sheet title={s.members.title} aside={<span class="quiet">{s.members.count(list.length)}</span>}>
        <ul class="rows">
          {list.map((member) => (
            <Row key={member.id} member={member} owner={owner} last={member.role === "owner" && owners === 1} />
          ))}
        </ul>
      </Sheet>
      {owner && <Invites />}
    </div>
  );
}

function Row({ member, owner, last }: { member: Member; owner: boolean; last: boolean }) {
  const [asking, setAsking] = useState<"remove" | Role | null>(null);
  const row = useRef<HTMLLIElement>(null);
  const mine = member.id === me.value?.id;
  const email = emails.value.get(member.id);
  const key = openKey.value ?? "";
  const close = () => setAsking(null);

  const change = async (to: Role) => {
    await changeRole(key, member, to);
    toast(s.members.changed(member.name, s.asRole[to]));
  };
  const choices = ROLES.map((id): Choice => ({
    id,
    name: s.roles[id],
    content: <span class="menu-two"><span>{s.roles[id]}</span><small>{s.rolesAbout[id]}</small></span>,
    checked: id === member.role,
    refused: last && id !== "owner" ? s.members.lastOwner : undefined,
    choose: () => {
      if (id === member.role) return;
      if (mine) setAsking(id);
      else void attempt(() => change(id));
    },
  }));
  return (
    <li class="row row-member" ref={row} data-member={member.id}>
      <Avatar who={member} size={28} quiet />
      <span class="row-main">
        <span class="row-name">{member.name}{mine && " "}{mine && <span class="row-me">{s.you}</span>}</span>
        <small class="row-small">{member.placeholder ? s.members.placeholder : (email ?? s.members.joined(dueText(member.joined_at)))}</small>
      </span>
      {owner ? (
        <Menu
          class="role-button" menuLabel={s.members.roleOf(member.name, s.roles[member.role])} kind="one" choices={choices}
          label={s.members.roleOf(member.name, s.roles[member.role])}
          button={<>{s.roles[member.role]}<ChevronDown class="icon" aria-hidden="true" /></>}
        />
      ) : (
        <span class="row-aside">{s.roles[member.role]}</span>
      )}
      {(owner || mine) && <Remove member={member} mine={mine} last={last} ask={() => setAsking("remove")} />}
      {asking === "remove" && <AskRemove member={member} mine={mine} close={close} heading={() => headingOf(row.current)} />}
      {asking !== null && asking !== "remove" && (
        <Confirm
          title={s.members.stepDownTitle} action={s.members.stepDownDo(s.asRole[asking])} close={close}
          run={async () => {
            await change(asking);
            close();
          }}
        >
          <p class="quiet">{s.members.stepDownText(s.asRole[asking])}</p>
        </Confirm>
      )}
    </li>
  );
}

/** Where it can't be done it stays, and says why. */
function Remove({ member, mine, last, ask }: { member: Member; mine: boolean; last: boolean; ask(): void }) {
  const name = mine ? s.members.leave : s.members.remove(member.name);
  const Sign = mine ? LogOut : UserMinus;
  return (
    <span class="row-actions">
      <button
        type="button" class="icon-button" aria-label={last ? `${name}. ${s.members.lastOwner}` : name} title={last ? s.members.lastOwner : name}
        aria-disabled={last || undefined}
        onClick={() => {
          if (last) toast(s.members.lastOwner, "refused");
          else ask();
        }}
      >
        <Sign class="icon" aria-hidden="true" />
      </button>
    </span>
  );
}

function AskRemove({ member, mine, close, heading }: { member: Member; mine: boolean; close(): void; heading(): { focus(): void } }) {
  const assigned = [...(board.value?.tasks.values() ?? [])].filter((task) => task.assignees.includes(member.id)).length;
  const name = project.value?.name ?? "";
  const run = async () => {
    const back = heading();
    await removeMember(openKey.value ?? "", member);
    if (mine) go("/");
    else {
      close();
      back.focus();
    }
    toast(mine ? s.members.left(name) : s.members.removed(member.name));
  };
  return (
    <Confirm
      title={mine ? s.members.leaveTitle(name) : s.members.removeTitle(member.name)} action={mine ? s.members.leaveDo : s.members.removeDo}
      close={close} run={run}
    >
      <p class="quiet">{mine ? s.members.leaveText(assigned) : s.members.removeText(assigned)}</p>
    </Confirm>
  );
}
