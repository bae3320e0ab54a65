/** The wallboard: a page of its own, for whoever has its link, without anybody being signed in. */
import { render } from "preact";
import { loadChartWords } from "../charts/words";
import { loadWords } from "../app/text";
import { Wall } from "./screen";

export async function startWall(root: HTMLElement, secret: string): Promise<void> {
  await Promise.all([loadWords(), loadChartWords()]);
  root.replaceChildren();
  render(<Wall secret={secret} />, root);
}
