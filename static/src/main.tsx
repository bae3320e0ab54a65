import "./app.css";
import { render } from "preact";
import { startKeeping } from "./app/keeping";
import { startSession } from "./app/session";
import { loadWords } from "./app/text";
import { App } from "./shell/app";

const root = document.getElementById("app");
if (root) {
  await loadWords();
  await startSession();
  root.replaceChildren();
  render(<App />, root);
  startKeeping();
}
