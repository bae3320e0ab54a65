import type { BoardSnapshot, LogEvent, Task } from "../src/api/types";

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

export function snapshot(over: Partial<BoardSnapshot> = {}): BoardSnapshot {
  return {
    log: "L1",
    seq: 10,
    project: { key: "WEB", name: "Website" },
    workflow: {
      version: 1,
      states: [
        { id: "todo", name: "To do", category: "todo", wip_limit: null },
        { id: "doing", name: "In progress", category: "doing", wip_limit: 2 },
        { id: "done", name: "Done", category: "done", wip_limit: null },
      ],
      transitions: null,
    },
    members: [{ id: "u1", name: "Ana", role: "owner", placeholder: false }],
    labels: [{ id: "l1", name: "bug", color: "#e5484d" }],
    tasks: [task(1), task(2), task(3, { state: "doing" })],
    ...over,
  };
}

export function event(seq: number, type: string, body: Partial<LogEvent> = {}): LogEvent {
  return {
    v: 1,
    seq,
    type,
    at: "2026-11-21T10:00:00Z",
    actor: { id: "u2", name: "Ben" },
    project: "WEB",
    command_id: `c${seq}`,
    changes: {},
    ...body,
  };
}
