import { language } from "../app/text";
import { en, type SettingsMessages } from "../messages/settings/en";

/** The words of the settings in the page's language. */
export let s: SettingsMessages = en;

/** Fetch them. Before this is done nothing of the settings is drawn. */
export async function loadSettingsWords(): Promise<void> {
  if (language === "zh-CN") s = (await import("../messages/settings/zh-CN")).zhCN;
}
