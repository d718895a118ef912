/* What a tile says and looks like, as nodes and words. Knows slots, nothing of the calendar around them. */

import { clockOf, danceDay, minutesOf, weekday } from "./maker-wall.js";

const SVG = "http://www.w3.org/2000/svg";
const SHORT = 25, LOW = 35; // minutes: up to here a tile has one line, or two

export function part(name, className, ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

const initials = (name) => name.split(/\s+/).filter(Boolean).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
const span = ({ start, end }) => `${clockOf(start)} to ${clockOf(end)}`;

export function createTiles({ isWeek, roomName, changeHour, sprite }) {
  function icon(name) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS(SVG, "use"));
    svg.firstChild.setAttribute("href", `${sprite}#${name}`);
    return svg;
  }

  function title(slot) {
    const top = part("span", "tile-top", part("strong", "", slot.title));
    if (slot.flexibility === "fixed") top.append(icon("lock"));
    if (slot.flexibility === "buffer") top.append(icon("fold-vertical"));
    return top;
  }

  function time(slot, look, display, aim, hasNote) {
    if (display === "preview" && aim) return [span(aim)];
    if (display === "ghost") return [`was ${clockOf(slot.start)}`];
    if (look.moving) return [span(slot)];
    const late = slot.late_minutes;
    const said = [clockOf(slot.start)];
    if (late) said.push(" ", part("span", "tile-late", `${late > 0 ? "+" : "−"}${Math.abs(late)}`));
    if (slot.cancelled) said.push(" · cancelled");
    else if (slot.people && !hasNote) said.push(part("span", "tile-who", ` · ${slot.people}`));
    return said;
  }

  const room = (slot) => {
    const name = roomName.get(slot.room) ?? "";
    return [part("b", "tile-room", part("span", "", name), part("abbr", "", initials(name))), " "];
  };

  return {
    /* display: "auto", "ghost" (where it was) or "preview" (under the finger, at `aim`). */
    content(slot, look, display, aim) {
      const note = look.clash ?? (display === "auto" ? slot.warnings?.[0] : null);
      const when = part("span", "tile-when", ...(isWeek ? room(slot) : []), ...time(slot, look, display, aim, note));
      const nodes = [title(slot), when];
      if (note) nodes.push(part("span", "tile-note", icon("triangle-alert"), ` ${note}`));
      if (display !== "auto") return nodes;
      for (const node of nodes) node.setAttribute("aria-hidden", "true"); // said in full words instead
      return [...nodes, part("span", "sr-only", this.spoken(slot))];
    },

    /* A stretch that is being marked for a new slot. */
    fresh: (aim) => [part("span", "tile-top", part("strong", "", "New slot")), part("span", "tile-when", aim ? span(aim) : "")],

    roomHead: ({ name = "", capacity, note }) => [
      part("strong", "", name), part("small", "", [capacity, note].filter(Boolean).join(", ")),
    ],

    /* All of it in words, for screen readers and for tiles too narrow to show it. */
    spoken(slot) {
      const late = slot.late_minutes;
      const said = [slot.title, slot.kind, span(slot), roomName.get(slot.room)];
      if (isWeek) said.splice(2, 0, weekday(danceDay(slot.start, changeHour)));
      if (slot.people) said.push(slot.people);
      if (late) said.push(late > 0 ? `${late} minutes late` : `${-late} minutes early`);
      if (slot.flexibility !== "flexible") said.push(slot.flexibility);
      if (slot.cancelled) said.push("cancelled");
      return [said.join(", "), ...(slot.warnings ?? [])].join(". ");
    },

    classes(slot, look) {
      const minutes = minutesOf(slot.end) - minutesOf(slot.start);
      return [
        "tile", `tile-${slot.kind}`, slot.flexibility === "buffer" && "tile-buffer", slot.cancelled && "is-cancelled",
        slot.warnings?.length && !slot.cancelled && "is-warned", look.clash && "is-clash", look.busy && "is-busy",
        look.moving && "is-moving", minutes <= SHORT ? "is-short" : minutes <= LOW && "is-low",
      ].filter(Boolean);
    },
  };
}
