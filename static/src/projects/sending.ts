/** Sending a large file, with how far it is: first up the line, then what the server says of its work, line by line. */
import { NoLine, Problem, type ProblemBody } from "../api/client";

interface Answer<T> {
  done?: number;
  total?: number;
  report?: T;
  problem?: ProblemBody;
}

/**
 * POST a file; `progress` is told the part that is done, from 0 to 1, of the way up and then of the server's work.
 * Answers the report. Throws Problem or NoLine.
 */
export function send<T>(path: string, file: Blob, progress: (phase: "up" | "work", part: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let read = 0;
    let last: Answer<T> = {};
    const lines = () => {
      const end = request.responseText.lastIndexOf("\n") + 1;
      for (const line of request.responseText.slice(read, end).split("\n").filter(Boolean)) {
        last = JSON.parse(line) as Answer<T>;
        if (last.total) progress("work", (last.done ?? 0) / last.total);
      }
      read = Math.max(read, end);
    };
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress("up", event.loaded / event.total);
    };
    request.upload.onload = () => progress("work", 0);
    request.onprogress = () => {
      if (request.status === 200) lines();
    };
    request.onerror = () => reject(new NoLine());
    request.onload = () => {
      if (request.status !== 200) {
        reject(new Problem(request.status, body(request.responseText)));
        return;
      }
      lines();
      if (last.report) resolve(last.report);
      else if (last.problem) reject(new Problem(last.problem.status ?? 500, last.problem));
      else reject(new NoLine());
    };
    request.open("POST", `/api/v1${path}`);
    request.setRequestHeader("Accept", "application/x-ndjson");
    request.setRequestHeader("Content-Type", "application/json");
    request.send(file);
  });
}

function body(text: string): ProblemBody {
  try {
    return JSON.parse(text) as ProblemBody;
  } catch {
    return {};
  }
}
