/** The list under `?`: every key, from the table that the keyboard itself uses. */
import "../styles/work.css";
import { close } from "../app/extras";
import { t } from "../app/text";
import { Dialog } from "../parts/dialog";
import { caps, KEYS, letters, setLetters, type Where } from "./table";

const PLACES: readonly Where[] = ["anywhere", "board", "card", "carrying", "task", "list"];

export default function KeyList() {
  return (
    <Dialog title={t.work.keysTitle} close={close} wide>
      <div class="key-lists">
        {PLACES.map((place) => (
          <section key={place} class="key-list">
            <h3>{t.work.keyPlaces[place]}</h3>
            <dl>
              {KEYS.filter((key) => key.where === place).map((key) => (
                <div key={key.id} class="key-row">
                  <dt>{t.work.keys[key.id]}</dt>
                  <dd>
                    {key.keys.map((one, n) => (
                      <span key={one}>
                        {n > 0 && key.keys.length === 2 && <span class="quiet"> {t.work.or} </span>}
                        {caps(one).map((cap) => <kbd key={cap}>{cap}</kbd>)}
                      </span>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label class="option key-switch">
        <input type="checkbox" checked={letters.value} onChange={(event) => setLetters(event.currentTarget.checked)} />
        <span>
          {t.work.letters}
          <small>{t.work.lettersHelp}</small>
        </span>
      </label>
    </Dialog>
  );
}
