import { t } from "../app/text";
import { allOf } from "../app/text";
import { Avatar, People } from "../parts/person";
import { shortName } from "../store/people";
import { othersHere } from "./here";

/** Who else has the task open, at the head of its panel. */
export function OthersHere() {
  const others = othersHere.value;
  return (
    <span class="panel-others" data-here={others.length}>
      {others.length > 0 && (
        <>
          {others.length === 1 && others[0] ? <Avatar who={others[0]} quiet /> : <People people={others} />}
          <span class="panel-others-names">{t.task.here(allOf(others.map((one) => shortName(one.name))), others.length)}</span>
        </>
      )}
    </span>
  );
}

/** Who else is in this field, and whether they type. */
export function Typing({ field }: { field: string }) {
  const found = othersHere.value.filter((one) => one.fields.has(field));
  if (found.length === 0) return null;
  const typing = found.filter((one) => one.fields.get(field));
  const names = (list: typeof found) => allOf(list.map((one) => shortName(one.name)));
  return (
    <p class="typing" data-typing={field}>
      <People people={found} />
      {typing.length > 0 ? t.task.typing(names(typing), typing.length) : t.task.editing(names(found), found.length)}
    </p>
  );
}
