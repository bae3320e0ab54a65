import "@fontsource-variable/inter/wght.css";
import "./tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/board.css";
import "./styles/card.css";
import "./styles/parts.css";
import "./styles/task.css";
import { render } from "preact";
import { startSession } from "./app/session";
import { loadWords } from "./app/text";
import { App } from "./shell/app";

const root = document.getElementById("app");
if (root) {
  await loadWords();
  startSession();
  root.replaceChildren();
  render(<App />, root);
}
