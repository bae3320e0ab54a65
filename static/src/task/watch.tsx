import { useEffect, useState } from "preact/hooks";
import { Bell, BellRing } from "lucide-preact";
import { request } from "../api/client";
import { say, toast } from "../app/notices";
import { explain } from "../app/problems";
import { t } from "../app/text";

/** A bell: whether I hear of this task though it is not mine. It is there once the server said. */
export function Watch({ refName }: { refName: string }) {
  const [watching, setWatching] = useState<boolean | null>(null);
  useEffect(() => {
    const gone = new AbortController();
    setWatching(null);
    request<{ watching: boolean }>("GET", `/tasks/${refName}/watch`, { signal: gone.signal }).then(
      (answer) => {
        if (!gone.signal.aborted) setWatching(answer.watching);
      },
      () => {
        // Without a line, or for a task that is not there: there is nothing to say about it.
      },
    );
    return () => gone.abort();
  }, [refName]);
  const toggle = async () => {
    if (watching === null) return;
    setWatching(!watching);
    try {
      await request(watching ? "DELETE" : "PUT", `/tasks/${refName}/watch`);
      say(watching ? t.inbox.unwatched(refName) : t.inbox.watched(refName));
    } catch (error) {
      setWatching(watching);
      const { text, more } = explain(error);
      toast(text, "refused", more);
    }
  };
  const Icon = watching ? BellRing : Bell;
  const words = watching ? t.inbox.unwatch : t.inbox.watch;
  return (
    <button type="button" class={`icon-button watch ${watching ? "watching" : ""}`} aria-label={t.inbox.watch} aria-pressed={watching ?? false} title={words} disabled={watching === null} onClick={() => void toggle()}>
      <Icon class="icon" aria-hidden="true" />
    </button>
  );
}
