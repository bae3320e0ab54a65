import { leaving, signOut } from "../app/session";
import { t } from "../app/text";
import { Dialog } from "../parts/dialog";

/** Asked before a person signs out who would lose by it what was not sent yet. */
export default function Leaving() {
  const close = () => {
    leaving.value = 0;
  };
  return (
    <Dialog title={t.line.leave.title} close={close}>
      <p class="dialog-text">{t.line.leave.text(leaving.value)}</p>
      <div class="form-foot">
        <button type="button" class="button" onClick={close}>{t.line.leave.stay}</button>
        <button type="button" class="button button-danger" onClick={() => void signOut(true)}>{t.signOut}</button>
      </div>
    </Dialog>
  );
}
