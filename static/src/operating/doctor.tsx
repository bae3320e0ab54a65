import "../styles/operating.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-preact";
import { request } from "../api/client";
import type { Examination } from "../api/types";
import { explain } from "../app/problems";
import { language, timeOfDay } from "../app/text";
import { setTitle } from "../app/title";
import { useSlow } from "../parts/waiting";
import { StatusBanner } from "../shell/chip";
import { o } from "./words";

type Found = Examination["findings"][number];

const SIGNS = { ok: CircleCheck, warning: TriangleAlert, problem: CircleAlert };

/** As the server has it: taskhub/doctor/views.py. */
const LONGEST = 310_000;

/** What `taskhub doctor` finds, for administrators of the instance. It runs when it is asked to. */
export function DoctorScreen() {
  const [found, setFound] = useState<Examination | null>(null);
  const [at, setAt] = useState(0);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const given = useRef<AbortController | null>(null);
  useEffect(() => {
    setTitle(o.doctor.title);
    return () => given.current?.abort();
  }, []);
  const run = async () => {
    const limit = (given.current = new AbortController());
    setBusy(true);
    setTrouble(null);
    try {
      setFound(await request<Examination>("POST", `/admin/doctor?lang=${language}`, { signal: limit.signal, patience: LONGEST }));
      setAt(Date.now());
    } catch (error) {
      const { text, more } = explain(error);
      if (!limit.signal.aborted) setTrouble(more ? `${text} ${more}` : text);
    }
    setBusy(false);
  };
  const slow = useSlow(busy && found === null);
  return (
    <main class="page">
      <header class="bar">
        <h1 class="bar-title">{o.doctor.title}</h1>
        <button type="button" class="button button-main" aria-disabled={busy} onClick={() => !busy && void run()}>
          {found ? o.doctor.again : o.doctor.run}
        </button>
      </header>
      <StatusBanner />
      <div class="page-body" tabIndex={0} role="region" aria-label={o.doctor.title}>
        <div class="doctor" aria-busy={busy}>
          <div class="doctor-told" role="status">
            {busy ? <p>{o.doctor.running}</p> : found ? <Summary found={found} at={at} /> : <p class="quiet">{o.doctor.intro}</p>}
          </div>
          {trouble && <p class="trouble" role="alert">{trouble}</p>}
          {found && <Findings findings={found.findings} />}
          {slow && (
            <div class="doctor-list" aria-hidden="true">
              {[0, 1, 2].map((n) => <div key={n} class="doctor-row"><span class="bone bone-line" /></div>)}
            </div>
          )}
          {found && <p class="quiet doctor-foot">{o.doctor.onServer}</p>}
        </div>
      </div>
    </main>
  );
}

function Summary({ found, at }: { found: Examination; at: number }) {
  const of = (level: Found["level"]) => found.findings.filter((one) => one.level === level).length;
  return (
    <p class="doctor-summary">
      <strong>{o.doctor.summary(of("problem"), of("warning"))}</strong> <span class="quiet">{o.doctor.at(timeOfDay(at))}</span>
    </p>
  );
}

/** What needs somebody first; within a level as they came. */
function Findings({ findings }: { findings: readonly Found[] }) {
  return (
    <>
      {(["problem", "warning", "ok"] as const).map((level) => {
        const these = findings.filter((one) => one.level === level);
        if (these.length === 0) return null;
        return (
          <section key={level} class="doctor-part" data-level={level}>
            <h2>{o.doctor.levels[level]}</h2>
            <ul class="doctor-list">
              {these.map((one, n) => <Row key={`${one.code}-${n}`} found={one} />)}
            </ul>
          </section>
        );
      })}
    </>
  );
}

function Row({ found }: { found: Found }) {
  const Sign = SIGNS[found.level];
  return (
    <li class={`doctor-row is-${found.level}`} data-code={found.code}>
      <Sign class="icon doctor-sign" aria-hidden="true" />
      <span class="unseen">{o.doctor.sign[found.level]}: </span>
      <span class="doctor-name">{found.name}</span>
      <span class="doctor-what">
        {found.what}
        {found.do && <span class="doctor-do">{found.do}</span>}
      </span>
    </li>
  );
}
