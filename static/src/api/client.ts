/** One way to the server: JSON over fetch, refusals as `Problem`, a lost line as `NoLine`. */
import type { ProblemDetails } from "./types";

/** A refusal as it comes: from TaskHub itself whole, from what stands before it perhaps without a word. */
export type ProblemBody = Partial<ProblemDetails>;

/** The server said no. `body` is its `application/problem+json`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly body: ProblemBody,
  ) {
    super(body.detail || body.title || `HTTP ${status}`);
  }

  get code(): string {
    return this.body.code ?? "";
  }
}

/** The server could not be reached, or not in time. */
export class NoLine extends Error {}

interface Options {
  body?: unknown;
  /** The command's id. With one, a try that got no answer is repeated: the server does it once. */
  key?: string;
  /** Gives the answer up: what was asked then throws NoLine. */
  signal?: AbortSignal;
  /** Who asks, if not whose page it is (null: whoever is signed in). Under anybody else's session it is refused as not signed in. */
  user?: string | null;
  /** How long one try may take, where that is not as ever; in ms. */
  patience?: number;
}

const TRIES = [300, 1_200, 3_000];
const PASSING = new Set([502, 503, 504]);

let onSignedOut: () => void = () => {};

/** What to do when the server no longer knows the session. */
export function whenSignedOut(call: () => void): void {
  onSignedOut = call;
}

let actor: string | null = null;

/** Whose page this is: what it asks is asked for them, whoever signs in beside it. */
export function actAs(user: string | null): void {
  actor = user;
}

/** How long one try may take before it counts as unanswered. */
const PATIENCE = 30_000;

/** One try to ask the API. Answers the parsed body (undefined for 204). Throws Problem, or NoLine without an answer. */
export async function attempt<T>(method: string, path: string, { body, key, user = actor, signal, patience = PATIENCE }: Options = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  if (user) headers["TaskHub-User"] = user;
  const limit = AbortSignal.timeout(patience);
  const init: RequestInit = { method, headers, credentials: "same-origin", signal: signal ? AbortSignal.any([signal, limit]) : limit };
  if (body !== undefined) init.body = JSON.stringify(body);
  let response: Response;
  let text: string;
  try {
    response = await fetch(`/api/v1${path}`, init);
    text = await response.text();
  } catch {
    throw new NoLine();
  }
  return answer<T>(response, text);
}

/** Whether what stands before TaskHub answered for it, or TaskHub for its database: later it may go well. */
export function isPassing(error: unknown): boolean {
  return error instanceof Problem && PASSING.has(error.status);
}

/** Ask the API, again where there was no answer. Answers the parsed body (undefined for 204). Throws Problem or NoLine. */
export async function request<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const safe = method === "GET" || options.key !== undefined;
  for (let n = 0; ; n++) {
    const again = safe ? TRIES[n] : undefined;
    try {
      return await attempt<T>(method, path, options);
    } catch (error) {
      // The browser itself says that there is no network: who waits for the answer is told at once.
      if (again === undefined || navigator.onLine === false || !(error instanceof NoLine || isPassing(error))) throw error;
    }
    await new Promise((resume) => setTimeout(resume, again));
  }
}

function answer<T>(response: Response, text: string): T {
  if (response.status === 204) return undefined as T;
  const type = response.headers.get("Content-Type") ?? "";
  const body: unknown = type.includes("json") ? JSON.parse(text) : {};
  if (response.ok) return body as T;
  if (response.status === 401) onSignedOut();
  throw new Problem(response.status, body as ProblemBody);
}
