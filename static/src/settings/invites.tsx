/** Letting people into the project: by address, or by a link; and the invites that are still open. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Invite } from "../api/generated";
import type { Role } from "../api/types";
import { members, openKey } from "../app/board";
import { toast } from "../app/notices";
import { explain } from "../app/problems";
import { dueText, t } from "../app/text";
import { attempt, headingOf, Made, Sheet } from "./parts";
import { invites, invitesFailed, letIn, makeLink, readInvites, ROLES, withdraw } from "./people";
import { s } from "./words";

export function LetIn() {
  const [email, setEmail] = useState("");
  const [as, setAs] = useState<Role>("member");
  const [trouble, setTrouble] = useState<string | null>(null);
  const [made, setMade] = useState<Invite | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const key = openKey.value ?? "";
  // Once it was used or withdrawn its link leads nowhere.
  const listed = useRef(false);
  useEffect(() => {
    const open = made !== null && invites.value?.some((one) => one.id === made.id) === true;
    if (listed.current && !open) setMade(null);
    listed.current = open;
  }, [made, invites.value]);

  const run = async (call: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    setTrouble(null);
    setMade(null);
    try {
      await call();
    } catch (error) {
      setTrouble(explain(error).text);
    }
    setBusy(false);
  };
  const invited = (invite: Invite) => {
    setMade(invite);
    void readInvites(key);
  };
  const add = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const answer = await letIn(key, email.trim(), as);
      setEmail("");
      if ("invite" in answer) invited(answer.invite);
      else {
        toast(s.members.added(answer.name));
        field.current?.focus();
      }
    });
  };
  return (
    <Sheet title={s.members.add}>
      <form class="add-line add-member" onSubmit={add}>
        <label class="field">
          <span>{s.members.email}</span>
          <input
            ref={field} class="input" type="email" required maxLength={320} value={email} autocomplete="off"
            aria-invalid={trouble !== null || undefined}
            onInput={(event) => {
              setEmail(event.currentTarget.value);
              setTrouble(null);
            }}
          />
        </label>
        <label class="field">
          <span>{s.members.role}</span>
          <select class="input select" value={as} onChange={(event) => setAs(event.currentTarget.value as Role)}>
            {ROLES.map((id) => <option key={id} value={id}>{s.roles[id]}</option>)}
          </select>
        </label>
        <button type="submit" class="button button-main" disabled={busy}>{s.members.addDo}</button>
        <p class="add-more">
          <button type="button" class="link-button" disabled={busy} onClick={() => void run(async () => invited(await makeLink(key, as)))}>{s.members.link}</button>
          <span class="quiet">{s.members.linkHelp}</span>
        </p>
        {trouble && <p class="trouble" role="alert">{trouble}</p>}
      </form>
      {made?.url && (
        <Made url={made.url} name={s.members.linkField} close={() => setMade(null)}>
          <strong>{made.email ? s.members.invitedTitle(made.email) : s.members.linkTitle}</strong>{" "}
          {made.email ? s.members.invitedText(made.email) : s.members.linkText(s.asRole[made.role ?? "member"])}
        </Made>
      )}
    </Sheet>
  );
}

export function Invites() {
  const list = invites.value;
  if (invitesFailed.value) {
    return (
      <Sheet title={s.members.invites}>
        <p class="sheet-empty">
          {s.members.invitesFailed}{" "}
          <button type="button" class="link-button" onClick={() => void readInvites(openKey.value ?? "")}>{t.tryAgain}</button>
        </p>
      </Sheet>
    );
  }
  if (!list) return null;
  return (
    <Sheet title={s.members.invites}>
      {list.length === 0 && <p class="sheet-empty">{s.members.invitesNone}</p>}
      <ul class="rows">
        {list.map((invite) => (
          <Row key={invite.id} invite={invite} />
        ))}
      </ul>
    </Sheet>
  );
}

function Row({ invite }: { invite: Invite }) {
  const whom = invite.email ?? s.members.anybody;
  const maker = members.value.get(invite.created_by)?.name ?? t.somebody;
  return (
    <li class="row">
      <span class="row-main">
        <span class="row-name">{whom}</span>
        <small class="row-small">{s.members.inviteAbout(s.asRole[invite.role ?? "member"], maker, dueText(invite.expires_at))}</small>
      </span>
      <button
        type="button" class="button button-small" aria-label={s.members.withdrawOf(whom)}
        onClick={(event) => {
          const heading = headingOf(event.currentTarget);
          void attempt(async () => {
            await withdraw(invite);
            heading.focus();
            toast(s.members.withdrawn);
          });
        }}
      >
        {s.members.withdraw}
      </button>
    </li>
  );
}
