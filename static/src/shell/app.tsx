import { useEffect } from "preact/hooks";
import { BoardScreen } from "../board/screen";
import { closeProject } from "../app/board";
import { follow, route } from "../app/router";
import { listOpen } from "../app/refused";
import { leaving } from "../app/session";
import { t } from "../app/text";
import { Later } from "../parts/later";
import { Notices } from "../parts/notices";
import { lazily } from "../parts/lazy";
import { NewProject } from "../projects/new";
import { MineScreen } from "../mine/screen";
import { OverviewScreen } from "../projects/overview";
import { listenToKeys } from "../keys/listen";
import { Extras } from "./extras";
import { BottomBar, Rail } from "./rail";

const importing = async () => ({ default: (await import("../projects/import")).ImportScreen });

const SettingsScreen = lazily(async () => {
  const [{ SettingsScreen: Screen }, { loadSettingsWords }] = await Promise.all([import("../settings/screen"), import("../settings/words")]);
  await loadSettingsWords();
  return Screen;
});

export function App() {
  const here = route.value;
  useEffect(() => {
    if (here.at !== "board" && here.at !== "settings") closeProject();
  }, [here.at]);
  useEffect(listenToKeys, []);
  return (
    <div class="app">
      <div class="app-nav" inert={here.at === "board" && here.task !== null}><Rail /></div>
      {here.at === "projects" && <OverviewScreen />}
      {here.at === "mine" && <MineScreen />}
      {here.at === "import" && <Later part={importing} must />}
      {here.at === "board" && <BoardScreen projectKey={here.key} task={here.task} />}
      {here.at === "settings" && <SettingsScreen projectKey={here.key} tab={here.tab} />}
      {here.at === "nowhere" && <Nowhere />}
      <div class="app-low" inert={here.at === "board" && here.task !== null}><BottomBar /></div>
      <NewProject />
      {listOpen.value && <Later part={() => import("./refused")} />}
      {leaving.value && <Later part={() => import("./leaving")} />}
      <Extras />
      <Notices />
    </div>
  );
}

function Nowhere() {
  return (
    <main class="page">
      <div class="empty">
        <p>{t.nowhere}</p>
        <a class="button" href="/" onClick={(event) => follow(event, "/")}>{t.toProjects}</a>
      </div>
    </main>
  );
}
