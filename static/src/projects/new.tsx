import { useState } from "preact/hooks";
import { Upload } from "lucide-preact";
import { Problem } from "../api/client";
import { explain } from "../app/problems";
import { follow, go, projectPath } from "../app/router";
import { createProject, projects } from "../app/session";
import { t } from "../app/text";
import { Dialog } from "../parts/dialog";
import { KEY, suggestKey } from "../store/key";
import { asking, type Template, TEMPLATES } from "./ask";

export default function NewProject() {
  return asking.value ? <Form first={asking.value} close={() => (asking.value = null)} /> : null;
}

function Form({ first, close }: { first: Template; close(): void }) {
  const [name, setName] = useState("");
  const [ownKey, setOwnKey] = useState<string | null>(null);
  const [template, setTemplate] = useState<Template>(first);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const key = ownKey ?? suggestKey(name, projects.value?.map((one) => one.key));

  const submit = async (event: Event) => {
    event.preventDefault();
    if (!KEY.test(key)) {
      setTrouble(t.newProject.keyRule);
      return;
    }
    setBusy(true);
    setTrouble(null);
    try {
      const project = await createProject(name.trim(), key, template);
      close();
      go(projectPath(project.key));
    } catch (error) {
      const taken = error instanceof Problem && error.code === "duplicate";
      setTrouble(taken ? t.newProject.keyTaken(key) : explain(error).text);
      setBusy(false);
    }
  };

  return (
    <Dialog title={t.projects.create} close={close}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <label class="field">
          <span>{t.newProject.name}</span>
          <input
            class="input" required maxLength={100} value={name} autofocus autocomplete="off"
            placeholder={t.newProject.nameExample} onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{t.newProject.key}</span>
          <input
            class="input input-key" required maxLength={10} value={key} autocomplete="off" spellcheck={false}
            aria-describedby="key-help" onInput={(event) => setOwnKey(event.currentTarget.value.toUpperCase())}
          />
          <small id="key-help">{t.newProject.keyHelp(key || "WEB")}</small>
        </label>
        <fieldset class="field">
          <legend>{t.newProject.template}</legend>
          {TEMPLATES.map((id) => (
            <label key={id} class="option">
              <input type="radio" name="template" value={id} checked={template === id} onChange={() => setTemplate(id)} />
              <span>
                {t.newProject.templates[id].name}
                <small>{t.newProject.templates[id].about}</small>
              </span>
            </label>
          ))}
        </fieldset>
        {trouble && <p class="trouble" role="alert">{trouble}</p>}
        <a
          class="button new-import" href="/import"
          onClick={(event) => {
            close();
            follow(event, "/import");
          }}
        >
          <Upload class="icon" aria-hidden="true" />
          {t.places.importTitle}
        </a>
        <div class="form-foot">
          <button type="button" class="button" onClick={close}>{t.cancel}</button>
          <button type="submit" class="button button-main" disabled={busy}>{t.newProject.create}</button>
        </div>
      </form>
    </Dialog>
  );
}
