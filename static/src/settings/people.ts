/** Who belongs to the open project beyond what the board knows of them, and who is invited. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { request } from "../api/client";
import { allOf } from "../api/pages";
import { Reading } from "../api/reading";
import type { AddedOrInvited, Invite } from "../api/generated";
import type { Member, Role } from "../api/types";
import { onEvents, openKey, role } from "../app/board";
import { newId } from "../queue/id";

export const ROLES: readonly Role[] = ["viewer", "member", "owner"];

/** The e-mail addresses of members, by user id, as far as they were read. */
export const emails = signal<ReadonlyMap<string, string>>(new Map());
/** The open invites; null before they were read, and for who may not see them. */
export const invites = signal<readonly Invite[] | null>(null);
export const invitesFailed = signal(false);

/** Keep both fresh while it is shown: who comes by an invite uses it up. */
export function usePeople(key: string, owner: boolean): void {
  useEffect(() => {
    const read = () => {
      void readEmails(key);
      // What just came may have taken that away from me.
      if (owner && role.value === "owner") void readInvites(key);
    };
    read();
    const stop = onEvents((events) => {
      if (events.some((event) => event.type.startsWith("member."))) read();
    });
    return () => {
      stop();
      emails.value = new Map();
      invites.value = null;
    };
  }, [key, owner]);
}

const ofEmails = new Reading();
const ofInvites = new Reading();

async function readEmails(key: string): Promise<void> {
  try {
    await ofEmails.read(
      () => allOf<Member>(`/projects/${key}/members`),
      (members) => {
        if (openKey.value === key) emails.value = new Map(members.flatMap(({ id, email }) => (email ? [[id, email]] : [])));
      },
    );
  } catch {
    // The list stands without addresses: who is here, and as what, came with the board.
  }
}

export async function readInvites(key: string): Promise<void> {
  invitesFailed.value = false;
  try {
    await ofInvites.read(
      () => allOf<Invite>(`/projects/${key}/invites`),
      (found) => {
        if (openKey.value === key) invites.value = found;
      },
    );
  } catch {
    invitesFailed.value = true;
  }
}

/** Let somebody in: a member, or an invite with its link where nobody has that address yet. */
export async function letIn(key: string, email: string, role: Role): Promise<AddedOrInvited> {
  return request<AddedOrInvited>("POST", `/projects/${key}/members`, { body: { email, role }, key: newId() });
}

/** A link that lets in whoever opens it first. */
export async function makeLink(key: string, role: Role): Promise<Invite> {
  return request<Invite>("POST", "/invites", { body: { project: key, role }, key: newId() });
}

export async function withdraw(invite: Invite): Promise<void> {
  await request<undefined>("DELETE", `/invites/${invite.id}`, { key: newId() });
  ofInvites.changed();
  invites.value = invites.value?.filter((one) => one.id !== invite.id) ?? null;
}

export async function changeRole(key: string, member: Member, role: Role): Promise<void> {
  await request<Member>("PATCH", `/projects/${key}/members/${member.id}`, {
    body: { role, base_version: member.version },
    key: newId(),
  });
}

export async function removeMember(key: string, member: Member): Promise<void> {
  await request<undefined>("DELETE", `/projects/${key}/members/${member.id}`, { key: newId() });
}
