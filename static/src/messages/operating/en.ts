/** The words of trying the line, and of examining the instance: they come with their screens. */
import type { Verdict, Way } from "../../operating/trial";
import { pluralIn } from "../plural";

const plural = pluralIn("en");

export const en = {
  trial: {
    title: "Connection",
    trying: "Trying the ways to the server. This takes some seconds.",
    again: "Test again",
    copy: "Copy for support",
    copied: "Copied",
    ways: { http: "Requests", stream: "Event stream", socket: "WebSocket" } satisfies Record<Way, string>,
    about: {
      http: "loads and saves",
      stream: "brings changes, one way",
      socket: "brings changes and who is here",
    } satisfies Record<Way, string>,
    waits: "Waits",
    good: (ms: string) => `Open, answered in ${ms} ms`,
    status: (status: number) => `Answered with ${status}, not by TaskHub's own answer`,
    none: "No answer: blocked, or cut off",
    silent: "Let in, but nothing comes through",
    collected: "Its messages are held back on the way",
    foreign: "Refused: the server takes this address for another site",
    signedOut: "You are not signed in any more",
    verdicts: {
      good: "All ways are open.",
      noLine: "Your browser does not reach the server.",
      signedOut: "The line is fine, but you are signed out.",
      foreign: "The server does not know this address as its own.",
      onlyStreams: "WebSockets are blocked between you and the server.",
      onlySocket: "Event streams are held back between you and the server.",
      neither: "Requests get through, but nothing live does.",
    } satisfies Record<Verdict, string>,
    means: {
      good: "If changes still come late, the server may be busy: tell whoever runs it.",
      noLine: "Look at your network or VPN. What you change waits here and is sent when the line is back.",
      signedOut: "Sign in again; what waits here is kept.",
      foreign: "Tell whoever runs TaskHub: TASKHUB_BASE_URL must be the address in your browser, and the proxy must hand the host on.",
      onlyStreams: "A company proxy, a firewall or a virus scanner often does this. TaskHub uses event streams instead: you see every change at once, but not who is here or types. Whoever runs the network, or the proxy before TaskHub, can let WebSockets through.",
      onlySocket: "You miss nothing: TaskHub uses the WebSocket. Programs that read event streams would see changes late.",
      neither: "You can work, but see others' changes only when you load the page again. Tell whoever runs TaskHub or your network.",
    } satisfies Record<Verdict, string>,
  },
  doctor: {
    title: "Examination",
    intro: "Looks for what is wrong with this instance: settings, disk, database, the log, and the way through the public address. It changes nothing and takes some seconds.",
    run: "Examine now",
    again: "Examine again",
    running: "Examining. This takes some seconds.",
    levels: { ok: "All is well", warning: "Worth a look", problem: "Problems" },
    summary: (problems: number, warnings: number) =>
      problems === 0 && warnings === 0
        ? "All is well."
        : [problems > 0 ? plural(problems, { one: "# problem", other: "# problems" }) : "", warnings > 0 ? plural(warnings, { one: "# warning", other: "# warnings" }) : ""].filter(Boolean).join(", "),
    at: (time: string) => `Examined at ${time}`,
    sign: { ok: "well", warning: "warning", problem: "problem" },
    onServer: "On the server, the command taskhub doctor says the same.",
  },
};

export type OperatingMessages = typeof en;
