/** Which colour a person or a project wears: among those seen together no two wear the same. */
import { computed } from "@preact/signals";
import { colourOf, coloursOf } from "../store/people";
import { members } from "./board";
import { projects } from "./session";

const ofMembers = computed(() => coloursOf(members.value.keys()));
const ofProjects = computed(() => coloursOf((projects.value ?? []).map((project) => project.key)));

export function personColour(id: string): string {
  return ofMembers.value.get(id) ?? colourOf(id);
}

export function projectColour(key: string): string {
  return ofProjects.value.get(key) ?? colourOf(key);
}
