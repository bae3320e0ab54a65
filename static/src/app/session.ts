/** Who I am, which projects I see, and the line to the server. */
import { signal } from "@preact/signals";
import { request, whenSignedOut } from "../api/client";
import type { Me, Page, Project } from "../api/types";
import { newId } from "../queue/id";
import { queueOffline, wakeQueue } from "./queue";
import { Line, type Status } from "../live/line";
import { Presence } from "../live/presence";

export const me = signal<Me | null>(null);
export const projects = signal<readonly Project[] | null>(null);
/** The projects could not be read; the reason, until the next try. */
export const projectsFailure = signal<unknown>(null);
export const status = signal<Status>({ kind: "connecting" });

export const line = new Line({
  open: () => new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/live`, "taskhub.v1"),
  now: () => Date.now(),
  random: () => Math.random(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  status: (value) => {
    const back = value.kind === "live" && status.value.kind !== "live";
    status.value = value;
    if (value.kind === "offline") queueOffline();
    else if (back) wakeQueue();
    if (back && projectsFailure.value) void loadProjects();
  },
  signedOut: toSignIn,
});

/** Who is in the open project, and where; `presence.here` says where this window is. */
export const presence = new Presence({
  say: (topic, at) => line.present(topic, at),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
});

export function toSignIn(): void {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
}

export function startSession(): void {
  whenSignedOut(toSignIn);
  addEventListener("online", () => {
    line.wake();
    wakeQueue();
  });
  addEventListener("offline", () => line.interrupted());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) line.wake();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) line.wake();
  });
  line.start();
  void loadMe();
  void loadProjects();
}

async function loadMe(): Promise<void> {
  me.value = await request<Me>("GET", "/me");
}

export async function loadProjects(): Promise<void> {
  projectsFailure.value = null;
  try {
    const all: Project[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const page: Page<Project> = await request("GET", `/projects?limit=200${query}`);
      all.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor);
    projects.value = all;
  } catch (error) {
    projectsFailure.value = error;
  }
}

export async function createProject(name: string, key: string, template: string): Promise<Project> {
  const project = await request<Project>("POST", "/projects", {
    body: { name, key, template },
    key: newId(),
  });
  return joined(project);
}

/** A project with some weeks of a small team's story in it, to try things out. */
export async function makeDemo(): Promise<Project> {
  return joined(await request<Project>("POST", "/projects/demo", { body: {}, key: crypto.randomUUID() }));
}

function joined(project: Project): Project {
  projects.value = [...(projects.value ?? []), project].sort((a, b) => (a.key < b.key ? -1 : 1));
  return project;
}

/** A form does it, so that it works like any other page: the server clears the cookie and shows the sign-in. */
export function signOut(): void {
  // Else its end would send the person to sign in to come back here.
  line.stop();
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/sign-out";
  document.body.append(form);
  form.submit();
}
