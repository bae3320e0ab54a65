import "../styles/operating.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { Check, CircleDashed, Copy, X } from "lucide-preact";
import { close } from "../app/extras";
import { build } from "../app/page";
import { count, t } from "../app/text";
import { Dialog } from "../parts/dialog";
import { type Outcome, type Outcomes, type Surroundings, tryWays, type TrialSocket, verdict, type Way } from "./trial";
import { o } from "./words";

const WAYS: readonly Way[] = ["http", "stream", "socket"];

const surroundings: Surroundings = {
  fetch: (path, init) => fetch(path, init),
  socket: () => new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/live`, "taskhub.v1") as unknown as TrialSocket,
  now: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

function inWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case "good":
      return o.trial.good(count(Math.max(1, Math.round(outcome.ms))));
    case "status":
      return o.trial.status(outcome.status);
    default:
      return o.trial[outcome.kind];
  }
}

/** The self-test of the line: what is open between this browser and the server, and what that means. */
export default function Connection() {
  const [outcomes, setOutcomes] = useState<Outcomes>({});
  const [done, setDone] = useState(false);
  const [copied, setCopied] = useState(false);
  const run = useRef(0);
  const begin = () => {
    const mine = ++run.current;
    const told = (now: Outcomes) => mine === run.current && setOutcomes(now);
    setOutcomes({});
    setDone(false);
    setCopied(false);
    void tryWays(surroundings, told).then(() => mine === run.current && setDone(true));
  };
  useEffect(() => {
    begin();
    return () => void run.current++;
  }, []);
  const now = done ? verdict(outcomes) : null;
  const copy = () => {
    const lines = WAYS.map((way) => `${o.trial.ways[way]}: ${outcomes[way] ? inWords(outcomes[way]) : "–"}`);
    const told = [`TaskHub ${build}`, location.origin, navigator.userAgent, new Date().toISOString(), ...lines];
    void navigator.clipboard.writeText(told.join("\n")).then(() => setCopied(true));
  };
  return (
    <Dialog title={o.trial.title} close={close}>
      <div class="trial" data-verdict={now ?? undefined}>
        <ul class="trial-ways">
          {WAYS.map((way) => <Row key={way} way={way} outcome={outcomes[way]} skipped={done && !outcomes[way]} />)}
        </ul>
        <div class="trial-verdict" role="status">
          {now === null ? <p class="quiet">{o.trial.trying}</p> : (
            <>
              <p class="trial-what">{o.trial.verdicts[now]}</p>
              <p class="quiet">{o.trial.means[now]}</p>
            </>
          )}
        </div>
        <div class="trial-foot">
          {"clipboard" in navigator && (
            <button type="button" class="button" disabled={!done} onClick={copy}>
              <Copy class="icon" aria-hidden="true" /> {copied ? o.trial.copied : o.trial.copy}
            </button>
          )}
          <button type="button" class="button" disabled={!done} onClick={begin}>{o.trial.again}</button>
          <button type="button" class="button button-main" onClick={close}>{t.close}</button>
        </div>
      </div>
    </Dialog>
  );
}

function Row({ way, outcome, skipped }: { way: Way; outcome: Outcome | undefined; skipped: boolean }) {
  const kind = outcome?.kind ?? (skipped ? "skipped" : "waits");
  const good = kind === "good";
  return (
    <li class={`trial-way ${outcome ? (good ? "is-good" : "is-bad") : ""}`} data-way={way} data-outcome={kind}>
      <span class="trial-sign" aria-hidden="true">
        {outcome ? good ? <Check class="icon" /> : <X class="icon" /> : <CircleDashed class="icon" />}
      </span>
      <span class="trial-name">{o.trial.ways[way]} <span class="quiet">{o.trial.about[way]}</span></span>
      <span class="trial-said">{outcome ? inWords(outcome) : skipped ? "–" : o.trial.waits}</span>
    </li>
  );
}
