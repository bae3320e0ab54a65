import { language } from "../app/text";
import { en, type ImportMessages } from "../messages/import/en";

/** The words of bringing a board along, in the page's language. */
export let w: ImportMessages = en;

/** Fetch them. Before this is done nothing of it is drawn. */
export async function loadImportWords(): Promise<void> {
  if (language === "zh-CN") w = (await import("../messages/import/zh-CN")).zhCN;
}
