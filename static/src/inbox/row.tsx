import { BellOff, CalendarClock, Check, Ellipsis } from "lucide-preact";
import type { Notification } from "../api/types";
import { projectColour } from "../app/colours";
import { readThese, unreadThis } from "../app/inbox";
import { follow, projectPath, taskPath } from "../app/router";
import { ago, moment } from "../app/text";
import { minute } from "../app/clock";
import { type Choice, Menu } from "../parts/menu";
import { Avatar } from "../parts/person";
import { ProjectTile } from "../parts/signs";
import type { Group } from "../store/inbox";
import { mute } from "./muting";
import { sentence, w } from "./words";

/** Earlier ones about the same task that are told in a line of their own. */
const MOST_EARLIER = 3;

export function readGroup(group: Group): void {
  readThese(group.unread.map((one) => one.id));
}

/** Read all of it, or have the newest unread again. */
export function turnGroup(group: Group): void {
  if (group.unread.length > 0) readGroup(group);
  else unreadThis(group.newest.id);
}

export function Row({ group }: { group: Group }) {
  const { newest } = group;
  const isUnread = group.unread.length > 0;
  const name = newest.task ? `${newest.task} ${newest.title ?? ""}` : newest.project_name;
  const path = pathTo(newest);
  const kind = w.kinds[newest.reason];
  const others = newest.read ? 0 : newest.count - 1;
  const choices: Choice[] = [];
  const add = (id: string, words: string, choose: () => void) => choices.push({ id, name: words, content: words, choose });
  add("read", isUnread ? w.read : w.unread, () => turnGroup(group));
  add("here", w.muteIn(kind, newest.project_name), () => void mute(newest, "here"));
  add("everywhere", w.muteAll(kind), () => void mute(newest, "everywhere"));
  return (
    <li class={`inbox-row ${isUnread ? "inbox-unread" : ""}`} data-notification={group.id}>
      <button
        type="button" class="inbox-dot" aria-label={isUnread ? w.readOf(name) : w.unreadOf(name)}
        title={`${isUnread ? w.read : w.unread} (E)`} onClick={() => turnGroup(group)}
      >
        {isUnread && <Check class="icon" aria-hidden="true" />}
      </button>
      <span class="inbox-who">
        {newest.actor ? <Avatar who={newest.actor} size={28} quiet /> : <span class="inbox-clock"><CalendarClock class="icon" aria-hidden="true" /></span>}
      </span>
      <div class="inbox-text">
        <a
          class="inbox-link" href={path}
          onClick={(event) => {
            if (newest.task === null) readGroup(group);
            follow(event, path);
          }}
        >
          {isUnread && <span class="unseen">{w.isUnread} </span>}
          <span class="inbox-said">{sentence(newest)}{others > 0 && <span class="inbox-more"> {w.more(others)}</span>} </span>
          {newest.task && (
            <span class="inbox-task">
              <span class="inbox-ref">{newest.task} </span>
              <span class="inbox-title">{newest.title} </span>
            </span>
          )}
        </a>
        {newest.excerpt && <p class="inbox-excerpt">{newest.excerpt}</p>}
        {group.items.slice(1, 1 + MOST_EARLIER).map((one) => (
          <p key={one.id} class="inbox-earlier">{sentence(one)} · {ago(one.at, minute.value)}</p>
        ))}
        <p class="inbox-why">
          <ProjectTile name={newest.project_name} colour={projectColour(newest.project)} />
          <span class="inbox-project">{newest.project_name}</span>
          {newest.through && <span class="inbox-because">{w.why[newest.through]}</span>}
          <span class="inbox-acts">
            <button type="button" class="inbox-act" title={w.muteIn(kind, newest.project_name)} aria-label={w.muteIn(kind, newest.project_name)} onClick={() => void mute(newest, "here")}>
              <BellOff class="icon" aria-hidden="true" />
              {w.muteHere}
            </button>
            <button type="button" class="inbox-act" title={w.muteAll(kind)} aria-label={w.muteAll(kind)} onClick={() => void mute(newest, "everywhere")}>
              {w.muteEverywhere}
            </button>
          </span>
        </p>
      </div>
      <time class="inbox-when" dateTime={newest.at} title={moment(newest.at)}>{ago(newest.at, minute.value)}</time>
      <span class="inbox-menu">
        <Menu class="icon-button" label={w.actions(name)} menuLabel={w.actions(name)} kind="action" button={<Ellipsis class="icon" aria-hidden="true" />} choices={choices} />
      </span>
    </li>
  );
}

function pathTo(one: Notification): string {
  return one.task === null ? projectPath(one.project) : taskPath(one.project, Number(one.task.slice(one.task.lastIndexOf("-") + 1)));
}
