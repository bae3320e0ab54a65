/** Who may do a move and what the task needs for it, in a small window beside it. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Requirement, Role, State, Transition } from "../../api/types";
import { allOf, beside, t } from "../../app/text";
import { place, useDismissed } from "../../parts/floating";
import { rolesOf } from "../../store/workflow/changes";
import { conditionStep } from "../../store/workflow/draft";
import { s } from "../words";
import { change } from "./desk";

const REQUIREMENTS: readonly Requirement[] = ["assignee", "description", "due", "priority", "checklist"];

type Who = "all" | "owner" | "member";

function whoOf(step: Transition): Who {
  const roles = rolesOf(step);
  const [member, owner] = [roles.includes("member"), roles.includes("owner")];
  return member && owner ? "all" : owner ? "owner" : "member";
}

const ROLES: Record<Who, readonly Role[] | null> = { all: null, owner: ["owner"], member: ["member"] };

/** The conditions of a move in short; "" where it has none. */
export function conditionWords(step: Transition): string {
  const who = whoOf(step);
  const words = who === "all" ? [] : [who === "owner" ? s.workflow.ownersOnly : s.workflow.membersOnly];
  if (step.requires?.length) words.push(s.workflow.needsWhat(allOf(step.requires.map((need) => s.workflow.needsShort[need]))));
  return beside(words);
}

interface Props {
  from: State;
  to: State;
  step: Transition;
  anchor: HTMLElement | null;
  close(refocus: boolean): void;
}

export function Conditions({ from, to, step, anchor, close }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const window_ = box.current;
    if (!window_ || !anchor) return;
    window_.showPopover();
    place(window_, anchor, "below");
    window_.querySelector<HTMLElement>("input:checked, input")?.focus({ preventScroll: true });
  }, [anchor]);
  useDismissed(box, anchor, close);

  const who = whoOf(step);
  const requires = step.requires ?? [];
  const put = (next: { who?: Who; requires?: readonly Requirement[] }) =>
    change((now) =>
      conditionStep(now, from.id, to.id, { roles: ROLES[next.who ?? who], requires: REQUIREMENTS.filter((one) => (next.requires ?? requires).includes(one)) }),
    );
  const choices: [Who, string][] = [["all", s.workflow.whoAll], ["owner", s.workflow.whoOwners], ["member", s.workflow.whoMembers]];
  return (
    <div
      ref={box} class="menu conditions" role="dialog" popover="manual" aria-label={s.workflow.conditionsOf(from.name, to.name)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape" || event.key === "Enter") {
          event.preventDefault();
          close(true);
        }
      }}
      onFocusOut={(event) => {
        const next = event.relatedTarget as Node | null;
        if (next && !box.current?.contains(next)) close(false);
      }}
    >
      <fieldset>
        <legend>{s.workflow.who}</legend>
        {choices.map(([id, name]) => (
          <label key={id} class="tick">
            <input type="radio" name={`who-${from.id}-${to.id}`} checked={who === id} onChange={() => put({ who: id })} />
            {name}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>{s.workflow.needs}</legend>
        {REQUIREMENTS.map((need) => (
          <label key={need} class="tick">
            <input
              type="checkbox" checked={requires.includes(need)}
              onChange={() => put({ requires: requires.includes(need) ? requires.filter((one) => one !== need) : [...requires, need] })}
            />
            {s.workflow.requirements[need]}
          </label>
        ))}
      </fieldset>
      <button type="button" class="button button-small" onClick={() => close(true)}>{t.close}</button>
    </div>
  );
}
