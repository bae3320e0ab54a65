import { useEffect, useState } from "preact/hooks";
import { CircleAlert, X } from "lucide-preact";
import { dismiss, overheard, spoken, type Toast, toasts } from "../app/notices";
import { route } from "../app/router";
import { t } from "../app/text";

export function Notices() {
  // Over what is left of the board, not over the open task.
  const beside = route.value.at === "board" && route.value.task !== null;
  return (
    <>
      <section class={`toasts ${beside ? "toasts-beside" : ""}`} aria-label={t.notices}>
        {toasts.value.map((toast) => (
          <OneToast key={toast.id} toast={toast} />
        ))}
      </section>
      <div class="unseen" role="status" data-live="own">{spoken.value}</div>
      <div class="unseen" role="log" aria-live="polite" aria-label={t.othersChanges} data-live="others">{overheard.value}</div>
    </>
  );
}

const LASTS = { done: 3_500, action: 9_000, refused: 9_000 };

function OneToast({ toast }: { toast: Toast }) {
  const [held, hold] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(toast.id), LASTS[toast.action ? "action" : toast.kind]);
    return () => clearTimeout(timer);
  }, [held, toast]);
  return (
    <div class={`toast toast-${toast.kind}`} onPointerEnter={() => hold(true)} onPointerLeave={() => hold(false)} onFocusIn={() => hold(true)} onFocusOut={() => hold(false)}>
      {toast.kind === "refused" && <CircleAlert class="icon toast-sign" aria-hidden="true" />}
      <span>
        {toast.text}
        {toast.more && <span class="toast-more">{toast.more}</span>}
      </span>
      {toast.action && (
        <button
          type="button" class="toast-action"
          onClick={() => {
            dismiss(toast.id);
            toast.action?.run();
          }}
        >
          {toast.action.name}
        </button>
      )}
      <button type="button" class="toast-close" aria-label={t.dismiss} onClick={() => dismiss(toast.id)}>
        <X class="icon" aria-hidden="true" />
      </button>
    </div>
  );
}
