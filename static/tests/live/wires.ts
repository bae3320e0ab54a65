import { Made } from "../../src/live/wire";

/** The far end of a wire. */
export class Far extends Made {
  sent: Record<string, unknown>[] = [];
  closedWith: number | "open" | undefined = "open";
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  say(frame: object) {
    this.said(JSON.stringify(frame));
  }
  protected left(code: number | undefined) {
    this.closedWith = code;
  }
}

/** What a window hears over its wire. */
export function listen(wire: Made | { onopen: unknown; onmessage: unknown; onclose: unknown; readyState: number; send(text: string): void; close(code?: number): void }) {
  const heard: Record<string, unknown>[] = [];
  const closed: number[] = [];
  const one = { wire, heard, closed, opened: 0, say: (frame: object) => wire.send(JSON.stringify(frame)) };
  (wire as Made).onopen = () => void one.opened++;
  (wire as Made).onmessage = ({ data }) => void heard.push(JSON.parse(data));
  (wire as Made).onclose = ({ code }) => void closed.push(code);
  return one;
}
