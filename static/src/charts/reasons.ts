import type { Forecast } from "./shape";
import { c } from "./words";

/** Why a forecast is as sure as it is, or why there is none. */
export const reasonOf = ({ reason, samples, days }: Forecast): string => c.forecast.reasons[reason](samples, days);
