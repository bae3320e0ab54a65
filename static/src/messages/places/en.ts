import { pluralIn } from "../plural";

const plural = pluralIn("en");

/** My work, the overview, first run. */
export const places = {
  mine: "My work",
  help: "Help",
  doctor: "Examine this instance",
  overview: "Overview",
  openTasks: (n: number) => plural(n, { one: "# open task", other: "# open tasks" }),
  buckets: { late: "Late", today: "Today", week: "This week", later: "Later", undated: "No date" },
  nothingMine: "Nothing is assigned to you. What is will show up here, from all your projects, by its due date.",
  toOverview: "To the overview",
  tick: (ref: string, state: string) => `${ref}: move to ${state}`,
  saidMine: (who: string, ref: string, title: string) => `${who} assigned ${ref} to you, ${title}`,

  toDo: "To do",
  doing: "In progress",
  late: "Late",
  toDoWord: (_n: number) => "to do",
  doingWord: (_n: number) => "in progress",
  doneWord: (_n: number) => "done",
  lateWord: (n: number) => plural(n, { one: "# late", other: "# late" }),
  mineWord: (n: number) => plural(n, { one: "# mine", other: "# mine" }),
  week: "Done this week",
  weekMore: (delta: string) => `${delta} on the mean of the weeks before`,
  cycle: "Cycle, 85 %",
  doneBy: "All done by",
  active: (who: string, when: string) => `${who}, ${when}`,

  welcome: (name: string) => (name ? `Welcome, ${name}` : "Welcome"),
  firstProject: "Begin a project",
  demoTitle: "Look around first",
  demoAbout: "A project of your own with some weeks of a small team’s story in it. The others in it are made up; delete it whenever you like.",
  makeDemo: "Make a demo project",

  import: "Import",
  importTitle: "Bring a Trello board",
};
