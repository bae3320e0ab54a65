import type { ComponentType } from "preact";
import { useEffect, useLayoutEffect } from "preact/hooks";
import { BoardScreen } from "../board/screen";
import { closeProject } from "../app/board";
import { close, type Extra, extra } from "../app/extras";
import { follow, route } from "../app/router";
import { listOpen } from "../app/refused";
import { ended, leaving, me, toSignIn } from "../app/session";
import { t } from "../app/text";
import { Notices } from "../parts/notices";
import { asScreen, lazily, over } from "../parts/lazy";
import { asking } from "../projects/ask";
import { listenToKeys } from "../keys/listen";
import { BottomBar, Rail } from "./rail";

const MineScreen = lazily(async () => (await import("../mine/screen")).MineScreen, asScreen);
const OverviewScreen = lazily(async () => (await import("../projects/overview")).OverviewScreen, asScreen);
const ImportScreen = lazily(async () => {
  const [{ ImportScreen: Screen }, { loadImportWords }] = await Promise.all([import("../projects/import"), import("../projects/words")]);
  await loadImportWords();
  return Screen;
}, asScreen);
const DashboardScreen = lazily(async () => {
  const [{ DashboardScreen: Screen }, { loadChartWords }] = await Promise.all([import("../dashboard/screen"), import("../charts/words")]);
  await loadChartWords();
  return Screen;
}, asScreen);
const SettingsScreen = lazily(async () => {
  const [{ SettingsScreen: Screen }, { loadSettingsWords }] = await Promise.all([import("../settings/screen"), import("../settings/words")]);
  await loadSettingsWords();
  return Screen;
}, asScreen);

/** What comes with the words of its room. */
const withWords = <P,>(load: () => Promise<P>) => async (): Promise<P> => {
  const [part, { loadOperatingWords }] = await Promise.all([load(), import("../operating/words")]);
  await loadOperatingWords();
  return part;
};
const DoctorScreen = lazily(withWords(async () => (await import("../operating/doctor")).DoctorScreen), asScreen);
const InboxScreen = lazily(async () => {
  const [{ InboxScreen: Screen }, { loadInboxWords }] = await Promise.all([import("../inbox/screen"), import("../inbox/words")]);
  await loadInboxWords();
  return Screen;
}, asScreen);

const RefusedList = lazily(async () => {
  const { default: List, loadRefusedWords } = await import("./refused");
  await loadRefusedWords();
  return List;
}, over(() => (listOpen.value = false)));
const Leaving = lazily(async () => (await import("./leaving")).default, over(() => (leaving.value = 0)));

const Ended = lazily(async () => (await import("./ended")).default, { gaveUp: toSignIn });

const NewProject = lazily(async () => (await import("../projects/new")).default, over(() => (asking.value = null)));

const Palette = lazily(async () => (await import("../palette/palette")).default, over(close));

/** What lies over the page, one at a time. */
const EXTRAS: Record<Extra, ComponentType> = {
  palette: Palette,
  keys: lazily(async () => (await import("../keys/list")).default, over(close)),
  archived: lazily(async () => (await import("../board/archived")).default, over(close)),
  trial: lazily(withWords(async () => (await import("../operating/connection")).default), over(close)),
};

export function App() {
  const here = route.value;
  const Over = extra.value === null ? null : EXTRAS[extra.value];
  useEffect(() => {
    if (here.at !== "board" && here.at !== "dashboard" && here.at !== "settings") closeProject();
  }, [here.at]);
  useLayoutEffect(listenToKeys, []);
  useEffect(fetchPalette, []);
  // Nothing of what was here is for who comes by now.
  if (ended.value) return <Ended />;
  return (
    <div class="app">
      <div class="app-nav" inert={here.at === "board" && here.task !== null} onPointerOver={fetchPlaces} onFocusIn={fetchPlaces}>
        <button type="button" class="skip button" onClick={toContent}>{t.rail.skip}</button>
        <Rail />
      </div>
      {here.at === "projects" && <OverviewScreen />}
      {here.at === "inbox" && <InboxScreen />}
      {here.at === "mine" && <MineScreen />}
      {here.at === "import" && <ImportScreen />}
      {here.at === "board" && <BoardScreen projectKey={here.key} task={here.task} />}
      {here.at === "dashboard" && <DashboardScreen projectKey={here.key} />}
      {here.at === "settings" && <SettingsScreen projectKey={here.key} tab={here.tab} />}
      {here.at === "doctor" && (me.value?.is_admin ? <DoctorScreen /> : <Nowhere />)}
      {here.at === "nowhere" && <Nowhere />}
      <div class="app-low" inert={here.at === "board" && here.task !== null}><BottomBar /></div>
      {asking.value && <NewProject />}
      {listOpen.value && <RefusedList />}
      {leaving.value > 0 && <Leaving />}
      {Over && <Over />}
      <Notices />
    </div>
  );
}

/** As soon as there is time: whoever presses its keys types on at once, and no letter may be lost. */
function fetchPalette(): void {
  if ("requestIdleCallback" in window) requestIdleCallback(Palette.fetch, { timeout: 5_000 });
  else setTimeout(Palette.fetch, 1_000);
}

/** Who is at the rail may be about to go to one of them. */
function fetchPlaces(): void {
  MineScreen.fetch();
  OverviewScreen.fetch();
  NewProject.fetch();
}

/** Past the rail with its projects, to what the screen is about. */
function toContent(): void {
  const main = document.querySelector<HTMLElement>("main");
  main?.setAttribute("tabindex", "-1");
  main?.focus();
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
