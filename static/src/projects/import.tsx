import "../styles/places.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { FileUp } from "lucide-preact";
import type { ImportReport } from "../api/types";
import { explain } from "../app/problems";
import { follow, projectPath } from "../app/router";
import { loadProjects } from "../app/session";
import { count, t } from "../app/text";
import { setTitle } from "../app/title";
import { StatusBanner } from "../shell/chip";
import { KEY } from "../store/key";
import { send } from "./sending";
import { w } from "./words";

export function ImportScreen() {
  useEffect(() => {
    setTitle(t.places.importTitle);
  }, []);
  return (
    <main class="page">
      <header class="bar"><h1 class="bar-title">{t.places.importTitle}</h1></header>
      <StatusBanner />
      <div class="page-body">
        <div class="import-page"><ImportPanel /></div>
      </div>
    </main>
  );
}

/** As the server has it: taskhub/imports/views.py. */
const LARGEST = 32 * 1024 * 1024;

type Step = { at: "asking" | "looking" | "done" } | { at: "sending"; phase: "up" | "work"; part: number; dry: boolean };

interface Props {
  /** Told whether a board is on its way or what came of it is shown. Until it is over, the panel has to stay. */
  busy?: (yes: boolean) => void;
}

/** A board that Trello exported: dropped here or chosen, looked through, and brought over. */
export function ImportPanel({ busy }: Props) {
  const [step, setStep] = useState<Step>({ at: "asking" });
  const [file, setFile] = useState<File | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [key, setKey] = useState("");
  const [trouble, setTrouble] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => busy?.(step.at !== "asking"), [step.at]);

  const run = async (from: File, into: string, dry: boolean) => {
    setTrouble(null);
    setStep({ at: "sending", phase: "up", part: 0, dry });
    const query = new URLSearchParams({ dry_run: String(dry), ...(into ? { key: into } : {}) });
    try {
      const answer = await send<ImportReport>(`/imports/trello?${query}`, from, (phase, part) =>
        setStep({ at: "sending", phase, part, dry }),
      );
      setKey(answer.key);
      setReport(answer);
      setStep({ at: dry ? "looking" : "done" });
      if (!dry) void loadProjects();
    } catch (error) {
      const { text, more } = explain(error);
      setTrouble(more ? `${text} ${more}` : text);
      setStep({ at: dry ? "asking" : "looking" });
    }
  };

  const take = (files: FileList | null | undefined) => {
    const one = files?.[0];
    if (!one) return;
    if (one.size > LARGEST) {
      setTrouble(w.tooLarge(LARGEST >> 20));
      return;
    }
    setFile(one);
    void run(one, "", true);
  };

  if (step.at === "sending") {
    const { phase, part, dry } = step;
    const words = phase === "up" ? w.sending : dry ? w.reading : w.importing;
    return (
      <div class="import-box">
        <p role="status">{words}</p>
        <progress class="progress" max={1} {...(phase === "work" && part === 0 ? {} : { value: part })} aria-label={words} />
      </div>
    );
  }
  if (step.at === "done" && report) {
    const path = projectPath(report.key);
    return (
      <div class="import-box">
        <p role="status"><b>{w.imported(report.board, report.key)}</b></p>
        <ReportList report={report} />
        <div class="import-foot">
          {busy && <button type="button" class="button" onClick={() => busy(false)}>{t.toProjects}</button>}
          <a class="button button-main" href={path} onClick={(event) => follow(event, path)}>{w.openProject}</a>
        </div>
      </div>
    );
  }
  if (step.at === "looking" && file && report) {
    const wrong = !KEY.test(key);
    return (
      <form
        class="import-box form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong) void run(file, key, false);
        }}
      >
        <p role="status"><b>{w.wouldImport(report.board)}</b></p>
        <ReportList report={report} />
        <label class="field">
          <span>{w.intoProject}</span>
          <input
            class="input input-key" required maxLength={10} value={key} autocomplete="off" spellcheck={false}
            aria-describedby="import-key" onInput={(event) => setKey(event.currentTarget.value.toUpperCase())}
          />
          <small id="import-key">{wrong && key ? t.newProject.keyRule : w.intoHelp}</small>
        </label>
        {trouble && <p class="trouble" role="alert">{trouble}</p>}
        <div class="form-foot">
          <button type="button" class="button" onClick={() => setStep({ at: "asking" })}>{t.cancel}</button>
          <button type="submit" class="button button-main" disabled={wrong}>{w.doImport}</button>
        </div>
      </form>
    );
  }
  return (
    <div
      class={`drop ${over ? "drop-over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <FileUp class="drop-icon" aria-hidden="true" />
      <p>{w.drop}</p>
      <p class="quiet">{w.dropHow}</p>
      <button type="button" class="button" onClick={() => input.current?.click()}>{w.choose}</button>
      <input
        ref={input} type="file" accept=".json,application/json" hidden
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
      {trouble && <p class="trouble" role="alert">{trouble}</p>}
    </div>
  );
}

function ReportList({ report }: { report: ImportReport }) {
  const came = report.came.filter((one) => one.count > 0);
  return (
    <div class="report">
      {came.length > 0 || report.there_already > 0 ? (
        <ul>
          {came.map((one) => (
            <li key={one.what}><b>{count(one.count)}</b> {words(w.came, one.what, one.words, one.count)}</li>
          ))}
          {report.there_already > 0 && <li><b>{count(report.there_already)}</b> {w.thereAlready(report.there_already)}</li>}
        </ul>
      ) : (
        <p>{w.nothingNew}</p>
      )}
      {(report.left.length > 0 || report.notes.length > 0) && (
        <details>
          <summary>{w.notTaken}</summary>
          <ul>
            {report.left.map((one) => (
              <li key={one.what}><b>{count(one.count)}</b> {words(w.left, one.what, one.words, one.count)}</li>
            ))}
            {report.notes.map((note) => <li key={note}>{note}</li>)}
          </ul>
        </details>
      )}
    </div>
  );
}

/** What the catalogue calls a thing; one that a newer server counts is told in the server's words. */
function words(catalogue: Record<string, (n: number) => string>, what: string, others: string, n: number): string {
  return catalogue[what]?.(n) ?? others;
}
