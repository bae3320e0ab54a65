import { useState } from "preact/hooks";
import { FlaskConical } from "lucide-preact";
import { explain } from "../app/problems";
import { go, projectPath } from "../app/router";
import { makeDemo, me } from "../app/session";
import { t } from "../app/text";
import { shortName } from "../store/people";
import { ImportPanel } from "./import";
import { askForProject, TEMPLATES } from "./ask";

interface Props {
  /** There are projects by now: only what is being brought along is still shown. */
  alone: boolean;
  /** Told whether something is being brought along. */
  bringing: (yes: boolean) => void;
}

/** Nothing is here yet: a project of one's own, something to look at, or what one has elsewhere. */
export function FirstRun({ alone, bringing }: Props) {
  return (
    <div class="first">
      <h2 class="first-title">{t.places.welcome(shortName(me.value?.name ?? ""))}</h2>
      {!alone && <p class="first-text">{t.projects.empty}</p>}
      {!alone && (
        <section class="first-part" aria-labelledby="first-new">
          <h3 id="first-new">{t.places.firstProject}</h3>
          <div class="first-templates">
            {TEMPLATES.map((id) => (
              <button key={id} type="button" class="first-template" onClick={() => askForProject(id)}>
                <b>{t.newProject.templates[id].name}</b>
                <span>{t.newProject.templates[id].about}</span>
              </button>
            ))}
          </div>
        </section>
      )}
      <section class="first-part" aria-labelledby="first-import">
        <h3 id="first-import">{t.places.importTitle}</h3>
        <ImportPanel busy={bringing} />
      </section>
      {!alone && (
        <section class="first-part" aria-labelledby="first-demo">
          <h3 id="first-demo">{t.places.demoTitle}</h3>
          <Demo />
        </section>
      )}
    </div>
  );
}

function Demo() {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const make = async () => {
    setBusy(true);
    setTrouble(null);
    try {
      go(projectPath((await makeDemo()).key));
    } catch (error) {
      setTrouble(explain(error).text);
      setBusy(false);
    }
  };
  return (
    <div class="first-demo">
      <p class="quiet">{t.places.demoAbout}</p>
      <button type="button" class="button" disabled={busy} onClick={() => void make()}>
        <FlaskConical class="icon" aria-hidden="true" />
        {t.places.makeDemo}
      </button>
      {trouble && <p class="trouble" role="alert">{trouble}</p>}
    </div>
  );
}
