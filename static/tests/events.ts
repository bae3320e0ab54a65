import type { BoardSnapshot, Label, LogEvent, Member, Project, Role, Task } from "../src/api/types";

export function task(number: number, over: Partial<Task> = {}): Task {
  return {
    ref: `WEB-${number}`,
    project: "WEB",
    number,
    title: `Task ${number}`,
    description: "",
    state: "todo",
    position: `a${number}`,
    priority: "none",
    due: null,
    assignees: [],
    labels: [],
    archived: false,
    comment_count: 0,
    checklist: null,
    version: number,
    created_at: "2026-11-01T09:00:00Z",
    updated_at: "2026-11-01T09:00:00Z",
    created_by: "u1",
    ...over,
  };
}

const SINCE = "2026-11-01T09:00:00Z";

export function project(name: string): Project {
  return { key: "WEB", name, version: 1, created_at: SINCE };
}

export function member(id: string, name: string, role: Role): Member {
  return { id, name, role, placeholder: false, version: 1, joined_at: SINCE };
}

export function label(id: string, name: string): Label {
  return { id, name, color: "red", version: 1 };
}

export function snapshot(over: Partial<BoardSnapshot> = {}): BoardSnapshot {
  return {
    log: "L1",
    seq: 10,
    project: project("Website"),
    workflow: {
      version: 1,
      states: [
        { id: "todo", name: "To do", category: "todo", wip_limit: null },
        { id: "doing", name: "In progress", category: "doing", wip_limit: 2 },
        { id: "done", name: "Done", category: "done", wip_limit: null },
      ],
      transitions: null,
    },
    members: [member("u1", "Ana", "owner")],
    labels: [label("l1", "bug")],
    tasks: [task(1), task(2), task(3, { state: "doing" })],
    ...over,
  };
}

/** Of any type: a newer server may send some that are not known here. */
export function event(seq: number, type: string, body: Partial<LogEvent> = {}): LogEvent {
  return {
    v: 1,
    seq,
    type: type as LogEvent["type"],
    at: "2026-11-21T10:00:00Z",
    actor: { id: "u2", name: "Ben" },
    project: "WEB",
    command_id: `c${seq}`,
    changes: {},
    ...body,
  };
}
