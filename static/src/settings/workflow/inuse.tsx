/** Dropped states on which tasks stand: where those go. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { allOf } from "../../api/pages";
import type { Task } from "../../api/types";
import { openKey } from "../../app/board";
import { explain } from "../../app/problems";
import { t } from "../../app/text";
import { Dialog } from "../../parts/dialog";
import { s } from "../words";
import { nameIn } from "./describe";
import { base, draft, inUse, save, saving, tasksIn } from "./desk";

export function InUse() {
  const ids = inUse.value;
  return ids.length > 0 && draft.value && base.value ? <Ask key={ids.join(" ")} ids={ids} /> : null;
}

function Ask({ ids }: { ids: readonly string[] }) {
  const [found, setFound] = useState<readonly Task[] | null>(null);
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  const [trouble, setTrouble] = useState<string | null>(null);
  const states = draft.value?.states ?? [];

  useEffect(() => {
    tasksOf(ids).then(setFound, (error: unknown) => setTrouble(explain(error).text));
  }, [ids]);

  const live = (id: string) => found?.filter((task) => task.state === id && !task.archived).length ?? tasksIn(id);
  const archived = (id: string) => found?.filter((task) => task.state === id && task.archived).length ?? 0;
  /** Why a state has no room for the tasks of another; "" where it has. */
  const full = (from: string, to: string) => {
    const state = states.find((one) => one.id === to);
    if (!state || state.wip_limit === null) return "";
    const others = ids.reduce((sum, id) => sum + (id !== from && target(id) === to ? live(id) : 0), 0);
    const room = state.wip_limit - tasksIn(to) - others;
    return live(from) > 0 && live(from) > room ? s.workflow.inUseFull(state.name, state.wip_limit, tasksIn(to) + others) : "";
  };
  const target = (id: string): string => states.find((state) => state.id === chosen.get(id))?.id ?? "";
  const ready = found !== null && ids.every((id) => target(id) !== "" && full(id, target(id)) === "");

  // The nearest state to the left that has room is most often meant, else the nearest to the right.
  const guess = useMemo(() => {
    const order = base.value?.states.map((state) => state.id) ?? [];
    return (id: string) => {
      const at = order.indexOf(id);
      const near = [...order.slice(0, at).reverse(), ...order.slice(at + 1)];
      return near.find((one) => states.some((state) => state.id === one) && full(id, one) === "") ?? states.find((state) => full(id, state.id) === "")?.id;
    };
  }, [found]);
  useEffect(() => {
    if (!found) return;
    setChosen((now) => new Map(ids.map((id) => [id, now.get(id) ?? guess(id) ?? ""])));
  }, [found]);

  const close = () => {
    if (!saving.value) inUse.value = [];
  };
  const run = async (event: Event) => {
    event.preventDefault();
    if (!ready || saving.value) return;
    setTrouble(null);
    try {
      await save(new Map(ids.map((id) => [id, target(id)])));
    } catch (error) {
      const { text, more } = explain(error);
      setTrouble(more ? `${text} ${more}` : text);
      tasksOf(ids).then(setFound, () => {});
    }
  };
  return (
    <Dialog title={s.workflow.inUseTitle(ids.length)} close={close}>
      <form class="form" onSubmit={(event) => void run(event)}>
        <p class="quiet">{s.workflow.inUseText}</p>
        {ids.map((id) => {
          const name = base.value ? nameIn(base.value, id) : id;
          return (
            <label key={id} class="field">
              <span>{s.workflow.inUseRow(name, live(id), archived(id))}</span>
              <select
                class="input select" value={target(id)} disabled={saving.value} aria-label={s.workflow.inUseTo(name)}
                onChange={(event) => setChosen(new Map(chosen).set(id, event.currentTarget.value))}
              >
                {target(id) === "" && <option value="" />}
                {states.map((state) => {
                  const why = full(id, state.id);
                  return <option key={state.id} value={state.id} disabled={why !== ""}>{why || state.name || s.workflow.unnamed}</option>;
                })}
              </select>
            </label>
          );
        })}
        {trouble && <p class="trouble" role="alert">{trouble}</p>}
        <div class="form-foot">
          <span class="quiet" role="status">
            {found === null && !trouble ? s.workflow.counting : ""}
          </span>
          <button type="button" class="button" disabled={saving.value} onClick={close}>{t.cancel}</button>
          <button type="submit" class="button button-main" disabled={!ready || saving.value}>{s.workflow.inUseDo}</button>
        </div>
      </form>
    </Dialog>
  );
}

/** Every task in these states, archived ones too. Throws what the server or the line said. */
async function tasksOf(states: readonly string[]): Promise<Task[]> {
  const all = await allOf<Task>(`/projects/${openKey.value}/tasks`);
  return all.filter((task) => states.includes(task.state));
}
