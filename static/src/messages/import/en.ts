import { pluralIn } from "../plural";

const plural = pluralIn("en");

/** The form alone, where the number stands apart from it. */
const word = (n: number, one: string, other: string) => plural(n, { one, other });

/** Bringing a board along: its words come with it. */
export const en = {
  drop: "Drop a board here that Trello exported",
  dropHow: "In Trello: board menu → Print, export and share → Export as JSON. You see what would come before anything is written.",
  choose: "Choose a file",
  tooLarge: (most: number) => `The file is larger than ${most} MB. The command line takes it: taskhub import trello.`,
  sending: "Sending the file",
  reading: "Looking through the board",
  importing: "Importing",
  wouldImport: (board: string) => `“${board}” would bring:`,
  imported: (board: string, key: string) => `“${board}” is in the project ${key}.`,
  openProject: "Open the project",
  intoProject: "Into the project",
  intoHelp: "The key of a new project, or of one that you own: then only what is new there is added.",
  doImport: "Import",
  nothingNew: "Nothing in it is new there.",
  thereAlready: (n: number) => plural(n, { one: "task was there already", other: "tasks were there already" }),
  notTaken: "Not taken over, or not as it was",
  came: {
    states: (n: number) => word(n, "new state", "new states"),
    labels: (n: number) => word(n, "new label", "new labels"),
    people: (n: number) => word(n, "person, as a placeholder without sign-in", "people, as placeholders without sign-in"),
    "task.created": (n: number) => word(n, "task", "tasks"),
    archived: (n: number) => word(n, "of them is archived", "of them are archived"),
    "comment.created": (n: number) => word(n, "comment", "comments"),
    "task.moved": (n: number) => word(n, "move", "moves"),
    "task.edited": (n: number) => word(n, "edit", "edits"),
    "task.archived": (n: number) => word(n, "time a task was archived", "times a task was archived"),
    "task.restored": (n: number) => word(n, "time a task was brought back", "times a task was brought back"),
  },
  left: {
    "titles cut": (n: number) => `${word(n, "title", "titles")}: over 200 characters, cut; the whole title begins the description`,
    "descriptions cut": (n: number) => `${word(n, "description", "descriptions")}: over 20,000 characters, cut`,
    "comments cut": (n: number) => `${word(n, "comment", "comments")}: over 20,000 characters, cut`,
    "comments blank": (n: number) => `${word(n, "comment", "comments")}: empty`,
    "labels unworn": (n: number) => `${word(n, "label", "labels")}: without a name, and on no card`,
    "labels gone": (n: number) => `${word(n, "label", "labels")}: removed here since, not made again`,
    "archived lists": (n: number) => `${word(n, "archived list", "archived lists")}: all such share one state`,
    "states without transitions": (n: number) => `${word(n, "new state", "new states")}: no transition leads there until an owner adds it`,
    touched: (n: number) => `${word(n, "task", "tasks")}: changed here since, so only new comments were added`,
    removed: (n: number) => `${word(n, "card", "cards")}: deleted here since, not made again`,
    "unknown birth": (n: number) => `${word(n, "task", "tasks")}: made before the history in the file begins`,
    unexplained: (n: number) => `${word(n, "task", "tasks")}: changed in a way that the history does not tell`,
    attachments: (n: number) => `${word(n, "attachment", "attachments")}: the file holds only their addresses at Trello`,
    covers: (n: number) => `${word(n, "cover", "covers")}: there are none here`,
    votes: (n: number) => `${word(n, "vote", "votes")}: there are none here`,
    "due ticks": (n: number) => `${word(n, "due date", "due dates")}: ticked as done; the dates came, the ticks did not`,
    starts: (n: number) => `${word(n, "start date", "start dates")}: there are none here`,
    "custom fields": (n: number) => `${word(n, "custom field value", "custom field values")}: there are none here`,
    stickers: (n: number) => `${word(n, "sticker", "stickers")}: there are none here`,
    "power-ups": (n: number) => `${word(n, "entry", "entries")} of Power-Ups: only those can read them`,
    "board text": (n: number) => `${word(n, "description", "descriptions")} of the board: projects have none`,
    deleted: (n: number) => `${word(n, "deleted card", "deleted cards")}: the file only says that there was one`,
    "moved away": (n: number) => `${word(n, "card", "cards")}: moved to another board; export that one`,
    gone: (n: number) => `${word(n, "entry", "entries")} of the history: about cards that are not in the file`,
    attachment: (n: number) => `${word(n, "entry", "entries")} of the history: about attachments`,
    board: (n: number) => `${word(n, "entry", "entries")} of the history: about lists and the board, which came as they are now`,
    other: (n: number) => `${word(n, "entry", "entries")} of the history: of a kind that has no place here`,
  },
};

export type ImportMessages = typeof en;
