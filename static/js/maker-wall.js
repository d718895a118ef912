/* Wall times of the venue ("2026-06-13T14:30"), counted in minutes. The laptop's own zone must not matter, so nothing here
   ever makes a Date in local time: a wall time is read as if it were UTC, and only ever compared with its like. */

export const DAY = 24 * 60;

export const minutesOf = (wall) => Date.parse(`${wall}:00Z`) / 60000;
export const wallOf = (minutes) => new Date(minutes * 60000).toISOString().slice(0, 16);
export const clockOf = (wall) => wall.slice(11, 16);
export const later = (wall, minutes) => wallOf(minutesOf(wall) + minutes);

/* The dance day of a wall time: before the day-change hour the clock still belongs to the evening before. */
export const danceDay = (wall, changeHour) => later(wall, -60 * changeHour).slice(0, 10);

/* What the venue's clock shows now. */
export function wallNow(zone) {
  const form = { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", form).formatToParts(new Date()).map((p) => [p.type, p.value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

export const weekday = (day) => new Intl.DateTimeFormat("en-GB", { weekday: "short", timeZone: "UTC" }).format(new Date(`${day}T12:00:00Z`));
