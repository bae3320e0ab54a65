/** The drafts that this browser keeps. */
import { Drafts } from "../store/drafts";

function shelf(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null; // A browser that keeps nothing.
  }
}

export const drafts = new Drafts(shelf(), () => Date.now());
drafts.prune();
