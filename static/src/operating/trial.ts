/** Tries the three ways to the server, one after the other, and says what each came to. Knows no page. */

export type Way = "http" | "stream" | "socket";

export type Outcome =
  | { kind: "good"; ms: number }
  /** Something else than TaskHub answered, or TaskHub said no. */
  | { kind: "status"; status: number }
  /** No answer at all. */
  | { kind: "none" }
  /** Not in time, though it was let in. */
  | { kind: "silent" }
  /** The messages came in one piece. */
  | { kind: "collected" }
  /** The server takes this page for another site's. */
  | { kind: "foreign" }
  | { kind: "signedOut" };

/** What was tried so far; a way that is missing was not tried yet. */
export type Outcomes = Partial<Record<Way, Outcome>>;

/** What all of it means, in one word. */
export type Verdict = "good" | "noLine" | "signedOut" | "foreign" | "onlyStreams" | "onlySocket" | "neither";

export interface TrialSocket {
  onopen: (() => void) | null;
  onmessage: (() => void) | null;
  onclose: ((close: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Surroundings {
  fetch(path: string, init: RequestInit): Promise<Response>;
  socket(): TrialSocket;
  now(): number;
  after(ms: number, call: () => void): () => void;
}

/** How long each way may take. */
export const PATIENCE = 8_000;
/** As the server has it: taskhub/doctor/address.py. */
const BETWEEN = 1_500;
/** Messages closer than this came in one piece; an uneven line makes the first late, and the time between them shorter. */
const TOGETHER = BETWEEN / 10;
const SIGNED_OUT = 4401;
const FOREIGN = 4403;

/** Try all three; `told` hears of each outcome as it is known. Without HTTP nothing else is tried. */
export async function tryWays(env: Surroundings, told: (outcomes: Outcomes) => void): Promise<Outcomes> {
  let outcomes: Outcomes = {};
  const tell = (way: Way, outcome: Outcome) => {
    outcomes = { ...outcomes, [way]: outcome };
    told(outcomes);
  };
  const http = await tryHttp(env);
  tell("http", http);
  if (http.kind !== "good") return outcomes;
  await Promise.all([tryStream(env).then((one) => tell("stream", one)), trySocket(env).then((one) => tell("socket", one))]);
  return outcomes;
}

export function verdict({ http, stream, socket }: Outcomes): Verdict {
  if ([http, stream, socket].some((one) => one?.kind === "signedOut")) return "signedOut";
  if (http?.kind !== "good") return "noLine";
  if (socket?.kind === "foreign") return "foreign";
  const [streams, sockets] = [stream?.kind === "good", socket?.kind === "good"];
  if (streams) return sockets ? "good" : "onlyStreams";
  return sockets ? "onlySocket" : "neither";
}

async function ask(env: Surroundings, path: string, limit: AbortController): Promise<Response | Outcome> {
  try {
    const response = await env.fetch(`/api/v1${path}`, { cache: "no-store", credentials: "same-origin", signal: limit.signal });
    if (response.ok) return response;
    return response.status === 401 ? { kind: "signedOut" } : { kind: "status", status: response.status };
  } catch {
    return { kind: "none" };
  }
}

async function tryHttp(env: Surroundings): Promise<Outcome> {
  const begun = env.now();
  const limit = new AbortController();
  const stop = env.after(PATIENCE, () => limit.abort());
  const answer = await ask(env, "/probe", limit);
  if ("kind" in answer) {
    stop();
    return answer;
  }
  try {
    // A sign-in page of the network, say, is no answer of TaskHub's.
    const said = (await answer.json()) as { build?: unknown };
    return typeof said.build === "string" ? { kind: "good", ms: env.now() - begun } : { kind: "status", status: answer.status };
  } catch {
    return { kind: "status", status: answer.status };
  } finally {
    stop();
  }
}

async function tryStream(env: Surroundings): Promise<Outcome> {
  const begun = env.now();
  const limit = new AbortController();
  const stop = env.after(PATIENCE, () => limit.abort());
  const answer = await ask(env, "/probe/stream", limit);
  let first: number | null = null;
  try {
    if ("kind" in answer) return answer;
    if (!answer.headers.get("Content-Type")?.startsWith("text/event-stream") || answer.body === null) return { kind: "status", status: answer.status };
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      text += decoder.decode(value, { stream: !done });
      if (first === null && text.includes("event: hello")) first = env.now();
      if (text.includes("event: bye")) {
        return first !== null && env.now() - first > TOGETHER ? { kind: "good", ms: first - begun } : { kind: "collected" };
      }
      if (done) return { kind: "none" };
    }
  } catch {
    // It was let in, and nothing whole came.
    return first === null && limit.signal.aborted ? { kind: "collected" } : { kind: "none" };
  } finally {
    stop();
  }
}

function trySocket(env: Surroundings): Promise<Outcome> {
  return new Promise((resolve) => {
    const begun = env.now();
    const socket = env.socket();
    let open = false;
    const stop = env.after(PATIENCE, () => end({ kind: open ? "silent" : "none" }));
    const end = (outcome: Outcome) => {
      stop();
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
      resolve(outcome);
    };
    socket.onopen = () => {
      open = true;
      socket.send('{"op":"ping"}');
    };
    socket.onmessage = () => end({ kind: "good", ms: env.now() - begun });
    socket.onclose = ({ code }) => end({ kind: code === FOREIGN ? "foreign" : code === SIGNED_OUT ? "signedOut" : "none" });
  });
}
