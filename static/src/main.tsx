import "./app.css";
import { render } from "preact";
import { openProject } from "./app/board";
import { startInbox } from "./app/inbox";
import { startKeeping } from "./app/keeping";
import { followMemberships } from "./app/memberships";
import { route } from "./app/router";
import { startSession } from "./app/session";
import { loadWords } from "./app/text";
import { App } from "./shell/app";

const root = document.getElementById("app");
const wall = /^\/wall\/([^/]+)\/?$/.exec(location.pathname)?.[1];
if (root && wall !== undefined) {
  await (await import("./wall/main")).startWall(root, wall);
} else if (root) {
  await loadWords();
  await startSession();
  startInbox();
  // What stands in the page is there with the first paint.
  if (route.value.at === "board") openProject(route.value.key);
  root.replaceChildren();
  render(<App />, root);
  startKeeping();
  followMemberships();
}
