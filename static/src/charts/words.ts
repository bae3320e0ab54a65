import { language } from "../app/text";
import { type ChartMessages, en } from "../messages/dashboard/en";

/** The words of the charts in the page's language. */
export let c: ChartMessages = en;

/** Fetch them. Before this is done no chart is drawn. */
export async function loadChartWords(): Promise<void> {
  if (language === "zh-CN") c = (await import("../messages/dashboard/zh-CN")).zhCN;
}
