import { useEffect, useState } from "preact/hooks";

/** True once it has been waiting for 300 ms: before that a skeleton would only flicker. */
export function useSlow(waiting: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (!waiting) return;
    const timer = setTimeout(() => setSlow(true), 300);
    return () => clearTimeout(timer);
  }, [waiting]);
  return waiting && slow;
}
