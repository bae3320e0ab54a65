/** Reads server-sent events (WHATWG HTML, 9.2.6) from text that comes in pieces. */
export interface Message {
  event: string;
  id: string;
  data: string;
}

export class EventReader {
  private rest = "";
  private event = "";
  private id = "";
  private data: string[] = [];

  /** The messages that this piece completes. */
  read(piece: string): Message[] {
    const found: Message[] = [];
    const lines = (this.rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (this.data.length > 0) found.push({ event: this.event || "message", id: this.id, data: this.data.join("\n") });
        this.event = "";
        this.data = [];
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) continue;
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (name === "data") this.data.push(value);
      else if (name === "event") this.event = value;
      else if (name === "id" && !value.includes("\0")) this.id = value;
    }
    return found;
  }
}
