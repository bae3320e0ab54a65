/**
 * The service worker: keeps the app's files and its empty page, so that it opens without a line. It keeps nothing of
 * anybody's: what the API answers never passes through here, and neither do the pages to sign in and out.
 */
import type { Fetched, Scope } from "./scope";

const worker = self as unknown as Scope;
const SHELL = "/shell";
const PREFIX = "taskhub-";
const CACHE = PREFIX + worker.taskhub.build;
/** Drawn by the server, or no pages at all. */
const NOT_THE_APP = /^\/(api|static|sign-in|sign-out|register|invite|shell|healthz|readyz|metrics|service-worker\.js)(\/|$)/;
/** Longer than this nobody waits for the server to say what the app can show by itworker. */
const PATIENCE = 6_000;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll([new Request(SHELL, { cache: "reload" }), ...worker.taskhub.files]);
      await worker.skipWaiting();
    })(),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const mine = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
      // Windows of the build before may still ask for parts of it.
      await Promise.all(mine.slice(0, -1).map((name) => caches.delete(name)));
      await worker.registration.navigationPreload?.enable();
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (url.pathname.startsWith("/static/assets/") || url.pathname === "/static/icon.svg") {
    event.respondWith(file(request));
  } else if (request.mode === "navigate" && !NOT_THE_APP.test(url.pathname)) {
    event.respondWith(page(event));
  }
});

/** The names of built files tell what is in them: one that is here is right. */
async function file(request: Request): Promise<Response> {
  const known = await caches.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(CACHE)).put(request, answer.clone());
  return answer;
}

/** The server's page, else the empty one in which the app shows what it has kept. */
async function page(event: Fetched): Promise<Response> {
  const fromServer = (async () => {
    const answer = await event.preloadResponse;
    return answer ?? fetch(event.request);
  })();
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE));
  const answer = await Promise.race([fromServer.catch(() => null), late]);
  const away = answer === null || answer.status === 502 || answer.status === 503 || answer.status === 504;
  if (!away) return answer;
  return (await caches.match(SHELL)) ?? answer ?? fromServer;
}
