/** In which projects I am: somebody adds or removes me, or another window of mine makes one. */
import { line, loadProjects } from "./session";

const TOPIC = "inbox";
const listeners = new Set<() => void>();

/** Be told after that has changed; until the answer is called. */
export function onMemberships(call: () => void): () => void {
  listeners.add(call);
  return () => listeners.delete(call);
}

/** Keep the list of my projects up with that. */
export function followMemberships(): void {
  line.listen(TOPIC, (events) => {
    // Without any nobody knows what was missed. Of the others only the inbox's own have such a type.
    if (events.length === 0 || events.some((event) => (event.type as string) === "membership.changed")) void readAnew();
  });
}

async function readAnew(): Promise<void> {
  await loadProjects();
  for (const call of listeners) call();
}
