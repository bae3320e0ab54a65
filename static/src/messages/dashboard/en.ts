/** The words of the dashboard and the wallboard: they come with them, not with the first page. */
import { pluralIn } from "../plural";

const plural = pluralIn("en");

const tasks = (n: number) => plural(n, { one: "# task", other: "# tasks" });

export const en = {
  title: "Dashboard",
  utc: "Last 60 days. A day is a day in UTC.",
  figures: "Figures",
  how: (what: string) => `How is this computed: ${what}`,
  asTable: (what: string) => `As a table: ${what}`,
  asChart: (what: string) => `As a chart: ${what}`,
  day: "Day",
  week: "Week",
  from: "From",
  to: "To",
  task: "Task",
  state: "State",
  person: "Person",
  done: "Done",
  open: "Open",
  limit: "Limit",
  tasks,
  percentOf: (n: number) => `${n} %`,
  range: (from: string, to: string) => `${from} to ${to}`,

  status: {
    live: "Live",
    connecting: "Connecting",
    lost: (time: string) => `Figures of ${time}, trying again`,
    signedOut: (time: string) => `Signed out; figures of ${time}`,
    gone: (time: string) => `No longer let in; figures of ${time}`,
    never: "No line to the server; trying again",
  },
  notYet: "The figures are not here yet. They come as soon as the server can be reached.",
  goneText: "You are no longer let in here.",

  wip: {
    title: "In progress",
    against: "WIP against its limits",
    noLimit: "No state has a limit",
    over: (n: number) => plural(n, { other: "# over the limit" }),
    how: "Tasks in the states of work in progress now, archived ones left out. After the slash: the limits of these states added up, where they have one.",
  },
  thisWeek: {
    title: "Done this week",
    /** The difference first: it is marked in the text. */
    mean: (delta: string, weeks: number) => (weeks === 4 ? `${delta} on the four-week mean` : weeks === 1 ? `${delta} on the week before` : `${delta} on the ${weeks}-week mean`),
    same: "As in the weeks before",
    first: "The first weeks of the project",
    how: "Tasks done in the last seven days, today among them. The comparison is with the mean of the four weeks before.",
  },
  p85: {
    title: "Cycle time, 85 %",
    delta: (delta: string) => `${delta} on the month before`,
    same: "As in the month before",
    alone: (n: number) => `From ${tasks(n)} in 60 days`,
    none: "No task was done yet",
    how: "85 % of the tasks that were done in the last 60 days took no longer than this, from the first time in progress until done. The comparison is of the last 30 days with the 30 before.",
  },
  doneBy: {
    title: (n: number) => plural(n, { one: "# open task done by", other: "# open tasks done by" }),
    sure: (p50: string, known: boolean) => (known ? `85 % sure · ${p50} at 50 %` : `${p50} at 50 % · over a year at 85 %`),
    none: { far: "More than a year away", never: "Too little was done yet to say" },
    nothing: "Nothing is open",
    how: "The day by which all open tasks are done in 85 of 100 simulations. Each goes on from today with days drawn at random from the past 30; new tasks are not foreseen.",
  },

  flow: {
    title: "Cumulative flow",
    how: "For each of the last 60 days how many tasks stood in which state at its end; today: now. A band that grows thicker is where work piles up. Archived tasks stay in their state, deleted and cancelled ones are left out.",
    walk: "Walk through the days",
    total: "All",
  },
  throughput: {
    title: "Throughput per week",
    weeks: (n: number) => plural(n, { one: "# week", other: "# weeks" }),
    how: "Tasks done in seven days; the last bar ends today. A task counts on the day on which it last became done. One that is taken out of done no longer counts.",
    walk: "Walk through the weeks",
    bar: (week: string, n: number) => `${week}: ${tasks(n)}`,
  },
  cycle: {
    title: "Cycle time",
    about: (n: number, days: number) => `${tasks(n)}, ${days} days`,
    latest: (n: number, of: number, days: number) => `the latest ${n} of ${tasks(of)}, ${days} days`,
    how: "Each point is a task that was done: when, and how long after it was first in progress. Half of the tasks took no longer than the 50 % line, and so on. Tasks that were never in progress have none.",
    line: (percent: number, time: string) => `${percent} %: ${time}`,
    points: "Tasks by the day they were done; arrow keys go from one to the next, Enter opens it",
    point: (ref: string, title: string, time: string, day: string) => `${ref}, ${title}: ${time}, done ${day}`,
    unnamed: (time: string, day: string) => `${time}, done ${day}`,
    without: (n: number) => plural(n, { one: "# more was never in progress", other: "# more were never in progress" }),
    above: (n: number) => plural(n, { one: "# task took longer than the scale shows", other: "# tasks took longer than the scale shows" }),
    took: "Took",
    days: "Days",
    percent: "Percent",
  },
  load: {
    title: "Workload",
    about: "open, by person",
    how: "Open tasks of each person: in progress, to do, and in the backlog. A task with several people counts for each of them.",
    nobody: "Nobody",
    doing: "In progress",
    todo: "To do",
    backlog: "Backlog",
    more: (n: number) => plural(n, { one: "and # other person", other: "and # other people" }),
    has: (doing: number, todo: number, backlog: number) => `${doing} in progress, ${todo} to do, ${backlog} in the backlog`,
  },
  states: {
    title: "Tasks by state",
    about: "against their limits",
    how: "Tasks that stand in each state now, archived ones left out. The mark is the limit on work in progress; what is over it is amber. The bars of what is done or cancelled end at the edge.",
    over: (n: number) => plural(n, { other: "# over its limit" }),
  },
  forecast: {
    title: "Forecast",
    how: "10,000 times the open tasks are worked off, each day as many as on one of the past 30 days, drawn at random. The bars end on the days by which 50, 85 and 95 % of these simulations were through. New tasks are not foreseen.",
    open: (n: number) => plural(n, { one: "# open task", other: "# open tasks" }),
    percent: "Sure to",
    by: "Done by",
    inDays: (n: number) => plural(n, { one: "in # day", other: "in # days" }),
    sure: { no: "No forecast", little: "Rough", fair: "Fair", good: "Good" },
    sureIs: (how: string) => `How sure: ${how}`,
    beyond: "more than a year",
    reasons: {
      nothing_open: () => "Nothing is open: there is nothing to forecast.",
      no_day_yet: () => "A forecast needs at least one whole day of the project.",
      nothing_done: (_n: number, days: number) => `No task was done in the last ${plural(days, { one: "day", other: "# days" })}. Once some are, TaskHub estimates here when the open ones will be.`,
      too_far: (n: number, days: number) => `At the pace of the last ${plural(days, { one: "day", other: "# days" })}, with ${tasks(n)} done, it takes more than a year.`,
      few_days: (n: number, days: number) => `It rests on ${plural(days, { one: "# day", other: "# days" })} only, with ${tasks(n)} done.`,
      few_done: (n: number, days: number) => `Only ${tasks(n)} done in ${plural(days, { one: "# day", other: "# days" })} to go by.`,
      trend: (n: number, days: number) => `${tasks(n)} done in ${plural(days, { one: "# day", other: "# days" })}, but at a pace that is changing.`,
      spread: (n: number, days: number) => `${tasks(n)} done in ${plural(days, { one: "# day", other: "# days" })}, but so unevenly that the simulations differ widely.`,
      not_many: (n: number, days: number) => `${tasks(n)} done in ${plural(days, { one: "# day", other: "# days" })}; with more it would be surer.`,
      steady: (n: number, days: number) => `${tasks(n)} done in ${plural(days, { one: "# day", other: "# days" })}, at a steady pace.`,
    },
  },

  empty: {
    flow: "Each day adds a column here: how many tasks stood in which state. After a few days you see where work piles up.",
    throughput: "A bar for each week, as soon as the first task is done.",
    cycle: "Each task that goes through progress to done becomes a point here: how many days it took.",
    load: "Assign tasks, and you see here who has how many.",
    states: "The states of the workflow appear here with their tasks.",
  },

  wall: {
    title: (project: string) => `${project}: wallboard`,
    gone: "This wallboard was taken back",
    goneText: "Its link opens nothing any more. An owner of the project makes a new one in its settings.",
    lost: (time: string) => `No line since ${time}. The figures are of then; trying again.`,
    waiting: "Waiting for the server",
    fullScreen: "Full screen",
    asOf: (time: string) => `As of ${time}`,
  },
};

export type ChartMessages = typeof en;
