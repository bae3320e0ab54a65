import { language } from "../app/text";
import { en, type OperatingMessages } from "../messages/operating/en";

/** The words of this room in the page's language. */
export let o: OperatingMessages = en;

/** Fetch them. Before this is done nothing of the room is drawn. */
export async function loadOperatingWords(): Promise<void> {
  if (language === "zh-CN") o = (await import("../messages/operating/zh-CN")).zhCN;
}
