/** Who I am, which projects I see, and the line to the server. */
import { batch, effect, signal } from "@preact/signals";
import { actAs, attempt, NoLine, Problem, request, whenSignedOut } from "../api/client";
import { allOf } from "../api/pages";
import { Reading } from "../api/reading";
import type { Me, Project } from "../api/types";
import { newId } from "../queue/id";
import { drafts } from "./drafts";
import { build, given } from "./page";
import { forgetRecent } from "./recent";
import { kept, keptFor, queueOffline, stopQueue, waiting, wakeQueue } from "./queue";
import { Line, type Status } from "../live/line";
import { openWire, restTabs } from "./wires";
import { Presence } from "../live/presence";

export const me = signal<Me | null>(null);
export const projects = signal<readonly Project[] | null>(null);
/** The projects could not be read; the reason, until the next try. */
export const projectsFailure = signal<unknown>(null);
export const status = signal<Status>({ kind: "connecting" });

/** What carries the line: over event streams nobody's presence is known. */
export const carrier = signal<"socket" | "stream">("socket");
/** The server runs another build of TaskHub than this page came from. */
export const newBuild = signal(false);
/** How many changes and texts were not sent, while a person is asked whether to sign out all the same; else 0. */
export const leaving = signal(0);

const after = (ms: number, call: () => void): (() => void) => {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
};

export const line = new Line({
  open: openWire,
  now: () => Date.now(),
  random: () => Math.random(),
  after,
  status: (value) => {
    const back = value.kind === "live" && status.value.kind !== "live";
    status.value = value;
    if (value.kind === "offline") queueOffline();
    else if (back) wakeQueue();
    if (back && projectsFailure.value) void loadProjects();
    if (back && unknown) {
      unknown = false;
      void loadMe();
    }
  },
  met: (its, via) => {
    carrier.value = via;
    if (its !== undefined) newBuild.value = its !== build;
  },
  signedOut: () => void signedOut(),
});

/** Who is in the open project, and where; `presence.here` says where this window is. */
export const presence = new Presence({
  say: (topic, at) => line.present(topic, at),
  after,
});

export function toSignIn(): void {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** The session ended, and so many changes of this person stay in the browser; null while it lasts. */
export const ended = signal<{ who: Me; left: number } | null>(null);

let over = false;

/** Where a browser notes that somebody signed out: another value each time. */
const LEFT = "taskhub.left";

/** Nothing of this person is to be kept any more. */
export const isOver = (): boolean => over;

/**
 * The session ended elsewhere. What was seen is forgotten; what waits stays for this person alone, and is told of
 * before they are led to sign in. Where somebody else signed in in this browser, the page is theirs from now on.
 */
async function signedOut(): Promise<void> {
  if (over) return;
  over = true;
  try {
    await request<Me>("GET", "/me", { user: null });
    location.reload();
    return;
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) {
      // Nobody knows yet.
      over = false;
      after(3_000, () => void signedOut());
      return;
    }
  }
  line.stop();
  stopQueue();
  const who = me.value;
  const shelf = await kept();
  const left = who ? await keptFor(who.id) : 0;
  await shelf.clear(null);
  forgetRecent();
  localStorage.setItem(LEFT, newId());
  if (who && left > 0) ended.value = { who, left };
  else toSignIn();
}

/** Windows tell each other whose they are: a session is the whole browser's. */
const windows = "BroadcastChannel" in globalThis ? new BroadcastChannel("taskhub.session") : null;

effect(() => {
  const id = me.value?.id ?? null;
  actAs(id);
  if (id !== null) windows?.postMessage(id);
});

export async function startSession(): Promise<void> {
  whenSignedOut(() => void signedOut());
  windows?.addEventListener("message", ({ data }) => {
    if (me.value && data !== me.value.id) void signedOut();
  });
  addEventListener("online", () => {
    if (!document.hidden) line.wake();
    wakeQueue();
  });
  addEventListener("offline", () => line.interrupted());
  restWhenHidden();
  line.start();
  const known = given("me");
  if (known) void knowMe(known);
  else {
    // The page came from this browser: who was here last is here now, until the server says otherwise.
    const last = await (await kept()).last();
    batch(() => {
      me.value = last?.me ?? null;
      projects.value = last?.projects ?? null;
    });
    void loadMe();
  }
  const page = given("projects");
  if (page && page.next_cursor === null) projects.value = page.items;
  else void loadProjects();
  effect(() => {
    const [who, all] = [me.value, projects.value];
    // What is answered while somebody signs out comes too late to be kept.
    if (who && all) void kept().then((shelf) => (over ? undefined : shelf.putLast({ me: who, projects: all })));
  });
}

/** A window that nobody looks at gives its line up after a while, and catches up when it is shown again. */
const HIDDEN = 60_000;
/** Milliseconds for which a page that was kept waits for the word whose it is. */
const PATIENCE = 1_500;

function restWhenHidden(): void {
  let cancel = () => {};
  const rest = () => {
    line.rest();
    restTabs();
  };
  document.addEventListener("visibilitychange", () => {
    cancel();
    if (document.hidden) cancel = after(HIDDEN, rest);
    else line.wake();
  });
  const left = localStorage.getItem(LEFT);
  addEventListener("pagehide", () => {
    rest();
    // A browser may keep the page as it is, to show it to who goes back: not before it is known for whom.
    if (over) document.body.replaceChildren();
    else document.documentElement.style.opacity = "0";
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    // Somebody signed out here, or in another window: whoever goes back may be somebody else.
    if (over || localStorage.getItem(LEFT) !== left) {
      location.reload();
      return;
    }
    void isSomebodyElse().then((other) => {
      if (other) return location.reload();
      document.documentElement.style.opacity = "";
      line.wake();
    });
  });
}

/** Whether the server knows whoever is here by another name, or by none; what other windows stored may come late. */
async function isSomebodyElse(): Promise<boolean> {
  try {
    return (await attempt<Me>("GET", "/me", { user: null, patience: PATIENCE })).id !== me.value?.id;
  } catch (error) {
    // Without a line, or with a slow one, the page is for who was here last.
    return error instanceof Problem && error.status === 401;
  }
}

/** What was kept of somebody else who was here is none of this person's business. */
async function knowMe(who: Me): Promise<void> {
  me.value = who;
  const shelf = await kept();
  const last = await shelf.last();
  if (last && last.me.id !== who.id) await shelf.clear(null);
}

async function loadMe(): Promise<void> {
  try {
    const who = await request<Me>("GET", "/me", { user: null });
    if (me.value && me.value.id !== who.id) {
      await (await kept()).clear(null);
      location.reload();
    } else me.value = who;
  } catch (error) {
    // Without a line the one who was here last stays; the line says that there is none, and asks again.
    if (error instanceof NoLine) unknown = true;
    else if (!(error instanceof Problem) || error.status !== 401) throw error;
  }
}

/** Who I am could not be asked yet. */
let unknown = false;

const reading = new Reading();

export async function loadProjects(): Promise<void> {
  projectsFailure.value = null;
  try {
    await reading.read(
      () => allOf<Project>("/projects"),
      (all) => {
        projects.value = all;
      },
    );
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
  return joined(await request<Project>("POST", "/demo", { body: {}, key: newId() }));
}

function joined(project: Project): Project {
  reading.changed();
  // It may have been read already: another window of mine, and this one too, are told of it as it is made.
  const others = (projects.value ?? []).filter((one) => one.key !== project.key);
  projects.value = [...others, project].sort((a, b) => (a.key < b.key ? -1 : 1));
  return project;
}

/**
 * Sign out; asks first where changes wait or texts were not sent, unless `sure`. A form does it, so that it works like any other page: the
 * server clears the cookie and shows the sign-in. What this browser kept of the person is forgotten.
 */
export async function signOut(sure = false): Promise<void> {
  const person = me.value?.id ?? "";
  const unsent = waiting.value.length + drafts.count(person);
  if (!sure && unsent > 0) {
    leaving.value = unsent;
    return;
  }
  // Else its end would send the person to sign in to come back here.
  over = true;
  line.stop();
  stopQueue();
  drafts.forget(person);
  forgetRecent();
  localStorage.setItem(LEFT, newId());
  await (await kept()).clear(person || null);
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/sign-out";
  document.body.append(form);
  form.submit();
}
