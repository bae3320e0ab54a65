/** What a service worker has around it, as far as this one uses it: TypeScript's own names of it clash with a page's. */
interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Fetched extends Extendable {
  readonly request: Request;
  readonly preloadResponse: Promise<Response | undefined>;
  respondWith(answer: Promise<Response>): void;
}

export interface Scope {
  /** What the server wrote before the worker's code: this build, and the addresses of its files. */
  readonly taskhub: { readonly build: string; readonly files: readonly string[] };
  readonly location: Location;
  readonly registration: ServiceWorkerRegistration;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", call: (event: Extendable) => void): void;
  addEventListener(type: "fetch", call: (event: Fetched) => void): void;
}

export type { Fetched };
