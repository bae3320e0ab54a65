/** What I muted, and muting more of it. */
import { signal } from "@preact/signals";
import { request } from "../api/client";
import { Reading } from "../api/reading";
import type { NamedMute, Notification, Reason } from "../api/types";
import { toast } from "../app/notices";
import { explain } from "../app/problems";
import { t } from "../app/text";
import { w } from "./words";

/** null until they were read. */
export const mutes = signal<readonly NamedMute[] | null>(null);
const reading = new Reading();

const path = (reason: Reason, project: string | null): string => (project === null ? `/inbox/mutes/${reason}` : `/projects/${project}/mutes/${reason}`);

export async function loadMutes(): Promise<void> {
  await attempt(() =>
    reading.read(
      () => request<{ items: NamedMute[] }>("GET", "/inbox/mutes"),
      ({ items }) => {
        mutes.value = items;
      },
    ));
}

/** Let nothing more come for the reason of this one: in its project, or everywhere. The toast takes it back. */
export async function mute(one: Notification, where: "here" | "everywhere"): Promise<void> {
  const project = where === "here" ? one.project : null;
  const kind = w.kinds[one.reason];
  await attempt(async () => {
    await request("PUT", path(one.reason, project));
    reading.changed();
    toast(where === "here" ? w.mutedIn(kind, one.project_name) : w.mutedAll(kind), "done", undefined, {
      name: t.task.undo,
      run: () => void unmute(one.reason, project),
    });
  });
}

export async function unmute(reason: Reason, project: string | null): Promise<void> {
  await attempt(async () => {
    await request("DELETE", path(reason, project));
    reading.changed();
    mutes.value = mutes.value?.filter((one) => one.reason !== reason || one.project !== project) ?? null;
  });
}

async function attempt(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const { text, more } = explain(error);
    toast(text, "refused", more);
  }
}
