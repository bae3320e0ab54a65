import { useEffect, useRef } from "preact/hooks";
import { ended, toSignIn } from "../app/session";
import { t } from "../app/text";

/** In place of everything, where the session ended while changes waited: they stay, for nobody else. */
export default function Ended() {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const now = ended.value;
  if (!now) return null;
  return (
    <main class="page ended" data-ended={now.left}>
      <div class="empty">
        <h1 ref={title} tabIndex={-1}>{t.line.ended.title}</h1>
        <p>{t.line.ended.waits(now.left, now.who.name)}</p>
        <p>{t.line.ended.nobody}</p>
        <button type="button" class="button button-main" onClick={toSignIn}>{t.line.ended.signIn}</button>
      </div>
    </main>
  );
}
