import { pluralIn } from "../plural";

const plural = pluralIn("en");

/** The line: what waits for it, what came back over it, and how it is. */
export const line = {
  stop: ".",
  test: "Test the connection",
  /** The same where there is little room: a part of it. */
  testShort: "Test",
  waits: {
    create: "Made by you, waits to be sent",
    edit: "Edited by you, waits to be sent",
    move: "Moved by you, waits to be sent",
    delete: "Deleted by you, waits to be sent",
    archive: "Archived by you, waits to be sent",
    restore: "Brought back by you, waits to be sent",
    comment: "Your comment waits to be sent",
    editComment: "Your change of a comment waits to be sent",
    deleteComment: "The deletion of a comment waits to be sent",
    undo: "Your undo waits to be sent",
    several: (n: number) => plural(n, { one: "# change of yours waits", other: "# changes of yours wait to be sent" }),
  },
  newTask: "New task",
  count: (n: number) => plural(n, { one: "# change waits", other: "# changes wait" }),
  willBeSent: (n: number) => plural(n, { one: "# change waits and will be sent.", other: "# changes wait and will be sent." }),
  waitsWord: "waits to be sent",
  undoWaits: (what: string) => `Will be undone as soon as it can be sent: ${what}`,
  redoWaits: (what: string) => `Will be done again as soon as it can be sent: ${what}`,
  metMeanwhile: (who: string | null) =>
    who === null ? "You changed this in another window while your change waited to be sent." : `${who} changed this while your change waited to be sent.`,
  reload: "Reload",
  reloadWhy: "A new version of TaskHub is here.",
  noPresence: "WebSockets are blocked on the way, so who else is here can’t be shown.",
  lastSeen: (time: string) => `This is the board as it was seen ${time}.`,
  refused: {
    bannerDropped: (n: number) => plural(n, {
      one: "# change of yours was dropped: it waited for more than a day.",
      other: "# changes of yours were dropped: they waited for more than a day.",
    }),
    dropped: (what: string) => `Dropped: ${what}`,
    banner: (n: number) => plural(n, { one: "# change of yours was refused.", other: "# changes of yours were refused." }),
    /** Where there is little room. */
    short: (n: number) => plural(n, { one: "# change refused", other: "# changes refused" }),
    shortDropped: (n: number) => plural(n, { one: "# change dropped", other: "# changes dropped" }),
    show: "Show",
    toast: (what: string) => `Refused: ${what}`,
    create: "New task",
    edit: (ref: string) => `Edit of ${ref}`,
    move: (ref: string, state: string) => `Move of ${ref} to ${state}`,
    delete: (ref: string) => `Deletion of ${ref}`,
    archive: (ref: string) => `Archiving ${ref}`,
    restore: (ref: string) => `Bringing back ${ref}`,
    comment: (ref: string) => `Comment on ${ref}`,
    editComment: (ref: string) => `Change of a comment on ${ref}`,
    deleteComment: (ref: string) => `Deletion of a comment on ${ref}`,
    undo: (ref: string, what: string) => (ref ? `Undo on ${ref}: ${what}` : `Undo: ${what}`),
    met: "Somebody else changed the same while yours waited to be sent.",
    expired: "It waited for more than a day for a connection, so it was not sent.",
    orphaned: "The task that it belongs to could not be made.",
    gone: (ref: string) => `${ref} is no longer there.`,
    goneComment: "The comment is no longer there.",
  },
  ended: {
    title: "You were signed out",
    waits: (n: number, name: string) =>
      plural(n, {
        one: `# change of yours was not sent yet. It stays in this browser, and goes on when ${name} signs in here again within a day.`,
        other: `# changes of yours were not sent yet. They stay in this browser, and go on when ${name} signs in here again within a day.`,
      }),
    nobody: "Nobody else who signs in here sees or sends them.",
    signIn: "Sign in",
  },
  leave: {
    title: "Sign out and lose what was not sent?",
    text: (n: number) => plural(n, {
      one: "# change or text was not sent yet. It is forgotten when you sign out.",
      other: "# changes and texts were not sent yet. They are forgotten when you sign out.",
    }),
    stay: "Stay",
  },
};
