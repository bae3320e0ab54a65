/** The words of the list of refused changes: they come with it. */
export const en = {
  title: "These changes were refused",
  titleDropped: "These changes were dropped",
  field: (name: string, ref: string) => `${name} of ${ref}`,
  yours: "Yours",
  theirs: "Theirs",
  compare: "Compare",
  keepMine: "Keep mine",
  keepTheirs: "Keep theirs",
  /** Of a task or a comment that is not there: `who` as a sentence begins, `when` as "3 min ago". */
  deletedBy: (who: string, ref: string, when: string) => `${who} deleted ${ref} ${when}.`,
  deletedComment: (who: string, ref: string, when: string) => `${who} deleted this comment on ${ref} ${when}.`,
  thereAgain: (ref: string) => `${ref} is there again.`,
  bringBack: (ref: string) => `Restore ${ref}`,
  /** Read out before and after a place in which two texts differ. */
  differs: " [differs: ",
  differsEnd: "] ",
  leftOut: "The same in both, left out",
  empty: "Empty",
  /** A field of a task and what it was set to. */
  set: (name: string, value: string) => `${name}: ${value}`,
  copy: "Copy text",
  copied: "Copied",
  again: "Try again",
  drop: "Discard",
  open: (ref: string) => `Open ${ref}`,
  at: (time: string) => `done ${time}`,
};

export type RefusedMessages = typeof en;
