/* The grid itself: @event-calendar with our tiles. It shows slots and reports what fingers do; it decides nothing and sends
   nothing. One day with rooms as columns, or all days with every room in them.

   Times: the calendar counts wall times as floating UTC, from the day-change hour to the same hour next morning (slotMaxTime
   30:00), so 01:30 stands below 23:00 in the same column. Positions are taken from deltas, never from the Date objects that
   its callbacks hand out: those are in the laptop's zone, where an hour may be missing tonight. */

import { DAY, clockOf, danceDay, later, minutesOf, wallNow, weekday } from "./maker-wall.js";

const SVG = "http://www.w3.org/2000/svg";
const ROW_MINUTES = 15;
const ROW_PIXELS = 24;
const SHORT = 25, LOW = 35; // minutes: up to here a tile has one line, or two
const hhmm = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
const initials = (name) => name.split(/\s+/).filter(Boolean).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
const minutesIn = (delta) => Math.round(delta.seconds / 60) + delta.days * DAY;

/* on: { move(id, target), open(id), make({room, start, end}), lift(id), land(id) } */
export function createGrid(element, { rooms, days, day, view, zone, changeHour, sprite }, on) {
  const isWeek = view === "week";
  const shownDays = isWeek ? days : [day];
  const roomName = new Map(rooms.map((room) => [room.id, room.name]));
  const roomPlace = new Map(rooms.map((room, place) => [room.id, place]));
  const slots = new Map(); // what is shown, by id
  const looks = new Map(); // id → {busy, moving, clash}: how a tile looks beyond its slot
  const tiles = new Map(); // id → element
  const hiddenRooms = new Set();
  let calendar = null;
  let held = null; // the slot under the finger
  let aim = null; // where it would land: {start, end, room}
  let refocus = null, flash = new Set(), flights = new Map();
  let readOnly = false;

  /* ---- what a tile says ---- */

  function icon(name) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS(SVG, "use"));
    svg.firstChild.setAttribute("href", `${sprite}#${name}`);
    return svg;
  }

  function part(name, className, ...content) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...content);
    return made;
  }

  function content(slot, display) {
    const look = looks.get(slot.id) ?? {};
    const note = look.clash ?? (display === "auto" ? slot.warnings?.[0] : null);
    const top = part("span", "tile-top", part("strong", "", slot.title));
    if (slot.flexibility === "fixed") top.append(icon("lock"));
    if (slot.flexibility === "buffer") top.append(icon("fold-vertical"));
    const when = part("span", "tile-when");
    if (isWeek) when.append(part("b", "tile-room", part("span", "", roomName.get(slot.room)), part("abbr", "", initials(roomName.get(slot.room)))), " ");
    if (display === "preview" && aim) when.append(`${clockOf(aim.start)} to ${clockOf(aim.end)}`);
    else if (display === "ghost") when.append(`was ${clockOf(slot.start)}`);
    else if (look.moving) when.append(`${clockOf(slot.start)} to ${clockOf(slot.end)}`);
    else {
      when.append(clockOf(slot.start));
      if (slot.late_minutes) when.append(" ", part("span", "tile-late", `${slot.late_minutes > 0 ? "+" : "−"}${Math.abs(slot.late_minutes)}`));
      if (slot.cancelled) when.append(" · cancelled");
      else if (slot.people && !note) when.append(part("span", "tile-who", ` · ${slot.people}`));
    }
    return { domNodes: note ? [top, when, part("span", "tile-note", icon("triangle-alert"), ` ${note}`)] : [top, when] };
  }

  function spoken(slot) {
    const said = [`${slot.title}, ${slot.kind}`, `${clockOf(slot.start)} to ${clockOf(slot.end)}`, roomName.get(slot.room)];
    if (isWeek) said.splice(1, 0, weekday(danceDay(slot.start, changeHour)));
    if (slot.people) said.push(slot.people);
    if (slot.late_minutes) said.push(slot.late_minutes > 0 ? `${slot.late_minutes} minutes late` : `${-slot.late_minutes} minutes early`);
    if (slot.flexibility !== "flexible") said.push(slot.flexibility);
    if (slot.cancelled) said.push("cancelled");
    return [said.join(", "), ...(slot.warnings ?? [])].join(". ");
  }

  function classes(slot) {
    const look = looks.get(slot.id) ?? {};
    const minutes = minutesOf(slot.end) - minutesOf(slot.start);
    return [
      "tile", `tile-${slot.kind}`, slot.flexibility === "buffer" && "tile-buffer", slot.cancelled && "is-cancelled",
      slot.warnings?.length && !slot.cancelled && "is-warned", look.clash && "is-clash", look.busy && "is-busy",
      look.moving && "is-moving", minutes <= SHORT ? "is-short" : minutes <= LOW && "is-low",
    ].filter(Boolean);
  }

  function eventOf(slot) {
    const least = later(slot.start, 5); // on the night the clocks go back a slot may end before it starts, on the wall
    return {
      id: slot.id, title: slot.title, start: slot.start, end: slot.end > least ? slot.end : least, resourceIds: [slot.room],
      classNames: classes(slot), extendedProps: { slot }, ...(slot.cancelled && { startEditable: false, durationEditable: false }),
    };
  }

  function mounted({ event, el }) {
    const slot = event.extendedProps.slot;
    if (!slot || event.display !== "auto") return;
    const face = el.firstElementChild; // the button: a role of its own would not be allowed on <article>
    el.removeAttribute("tabindex");
    el.setAttribute("role", "none");
    el.dataset.slot = slot.id;
    el.id = `slot-${slot.id}`;
    el.title = spoken(slot); // narrow tiles cannot show all of it
    face.setAttribute("role", "button");
    face.tabIndex = 0;
    face.setAttribute("aria-label", spoken(slot));
    face.setAttribute("aria-describedby", "maker-hint");
    if (looks.get(slot.id)?.busy) face.setAttribute("aria-busy", "true");
    tiles.set(slot.id, el);
    if (flash.delete(slot.id)) {
      el.classList.add("just-changed");
      el.addEventListener("animationend", () => el.classList.remove("just-changed"), { once: true });
    }
    if (refocus === slot.id) {
      refocus = null;
      face.focus({ preventScroll: true });
    }
    if (flights.has(slot.id)) fly(el, flights.get(slot.id));
    flights.delete(slot.id);
  }

  /* From where it was to where it is: a refused tile flies home. */
  function fly(el, from) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    requestAnimationFrame(() => {
      const to = el.getBoundingClientRect();
      const frames = [{ translate: `${from.left - to.left}px ${from.top - to.top}px`, zIndex: 1000 }, { translate: "0 0", zIndex: 1000 }];
      el.animate(frames, { duration: 360, easing: "cubic-bezier(.2, .7, .2, 1)" });
    });
  }

  /* ---- what fingers do ---- */

  const column = (wall) => danceDay(wall, changeHour);
  const intoDay = (wall) => minutesOf(wall) - minutesOf(`${column(wall)}T00:00`); // 01:30 is minute 1530 of its dance day
  const isShown = (slot) => shownDays.includes(column(slot.start)) || shownDays.includes(column(later(slot.end, -1)));

  function aimed(info) {
    const slot = slots.get(info.event.id);
    aim = null;
    if (!slot) return false;
    const moved = info.delta ? minutesIn(info.delta) : 0;
    const start = later(slot.start, moved);
    if (info.delta && !shownDays.includes(column(start))) return false;
    aim = { start, end: later(slot.end, info.delta ? moved : minutesIn(info.endDelta)), room: info.event.resourceIds[0] ?? slot.room };
    return true;
  }

  function lifted({ event }) {
    held = event.id;
    on.lift(held);
  }

  /* Before the drop is reported: the tile is no longer under the finger. */
  function landed() {
    const id = held;
    held = null;
    on.land(id);
  }

  function dropped(info) {
    const target = aim;
    aim = null;
    if (target) on.move(info.event.id, target);
  }

  function marked({ startStr, endStr, resource }) {
    calendar.unselect();
    on.make({ room: resource?.id, start: startStr.slice(0, 16), end: endStr.slice(0, 16) });
  }

  /* A drag over a tile that does not move (cancelled, read only) ends in a click; it was none. */
  let pressed = { x: 0, y: 0 };
  addEventListener("pointerdown", (event) => { pressed = { x: event.clientX, y: event.clientY }; }, true);
  const strayed = (event) => event.detail > 0 && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > 6;

  /* A tap is enough for a thumb; a mouse drags, or clicks twice, so that a stray click opens nothing. */
  let lastClick = { at: 0 };
  function tapped({ dateStr, resource, jsEvent }) {
    if (readOnly) return;
    const click = { at: jsEvent.timeStamp, spot: `${dateStr} ${resource?.id}` };
    const isSecond = click.spot === lastClick.spot && click.at - lastClick.at < 400;
    lastClick = click;
    if (isSecond || jsEvent.pointerType !== "mouse") make(dateStr.slice(0, 16), resource?.id);
  }

  const make = (start, room) => on.make({ room, start, end: later(start, 60) });

  function build(scrollTop) {
    calendar = EventCalendar.create(element, {
      view: isWeek ? "timeGridWeek" : "resourceTimeGridDay",
      date: shownDays[0], duration: { days: shownDays.length }, timeZone: "UTC", locale: "en-GB", height: "100%",
      headerToolbar: { start: "", center: "", end: "" }, allDaySlot: false,
      slotMinTime: hhmm(changeHour * 60), slotMaxTime: hhmm(changeHour * 60 + DAY), slotDuration: hhmm(ROW_MINUTES),
      slotLabelInterval: "01:00", slotLabelFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, slotHeight: ROW_PIXELS, scrollTime: hhmm(firstSight()), slotEventOverlap: !isWeek,
      columnWidth: "minmax(var(--maker-col), 1fr)", displayEventEnd: false, eventTimeFormat: () => "",
      resources: rooms.map((room) => ({ id: room.id, title: room.name, extendedProps: { room } })),
      resourceLabelContent: ({ resource }) => ({ domNodes: label(resource.extendedProps.room ?? {}) }),
      dayHeaderFormat: (date) => ({ domNodes: [part("strong", "", new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric" }).format(date))] }),
      events: [...slots.values()].filter(isShown).map(eventOf),
      eventOrder: (a, b) => (isWeek ? 0 : place(a) - place(b)) || a.start - b.start || place(a) - place(b),
      eventContent: ({ event }) => (event.extendedProps.slot ? content(event.extendedProps.slot, event.display) : newContent()),
      eventDidMount: mounted, eventFilter: ({ event }) => !hiddenRooms.has(event.resourceIds[0]),
      eventClick: ({ event, jsEvent }) => { if (!strayed(jsEvent)) on.open(event.id); },
      editable: true, eventStartEditable: !readOnly, eventDurationEditable: !readOnly, selectable: !readOnly, eventLongPressDelay: 350, selectLongPressDelay: 500, selectMinDistance: 8,
      dragConstraint: aimed, resizeConstraint: aimed, selectConstraint: oneDay,
      eventDragStart: lifted, eventResizeStart: lifted, eventDragStop: landed, eventResizeStop: landed,
      eventDrop: dropped, eventResize: dropped, select: marked, dateClick: tapped,
      theme: (theme) => ({ ...theme, ghost: "ec-ghost is-source", preview: "ec-preview is-ghost" }),
      viewDidMount: () => dressed(scrollTop),
    });
  }

  const place = (event) => roomPlace.get(event.resourceIds[0]) ?? 0;
  const newContent = () => ({ domNodes: [part("span", "tile-top", part("strong", "", "New slot")), part("span", "tile-when", aim ? `${clockOf(aim.start)} to ${clockOf(aim.end)}` : "")] });
  const label = (room) => [part("strong", "", room.name ?? ""), part("small", "", [room.capacity, room.note].filter(Boolean).join(", "))];

  function oneDay({ startStr, endStr }) {
    const start = startStr.slice(0, 16), end = endStr.slice(0, 16);
    if (column(start) !== column(later(end, -1))) return false;
    aim = { start, end };
    return true;
  }

  function firstSight() {
    const now = wallNow(zone);
    if (shownDays.includes(column(now))) return Math.max(changeHour * 60, intoDay(now) - 75);
    const starts = [...slots.values()].filter(isShown).map((slot) => intoDay(slot.start));
    return starts.length ? Math.max(changeHour * 60, Math.min(...starts) - 15) : 10 * 60;
  }

  /* Things the library does not do: plain words for roles, clock labels on nights of a clock change, our own now line. */
  function dressed(scrollTop) {
    const root = element.querySelector(".ec");
    for (const box of root.querySelectorAll("[role=row], [role=rowgroup], [role=cell], [role=columnheader]")) box.removeAttribute("role");
    for (const head of root.querySelectorAll("[aria-colindex]")) head.removeAttribute("aria-colindex");
    for (const side of root.querySelectorAll("aside")) side.setAttribute("role", "none");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", isWeek ? "All days" : "Rooms as columns");
    for (const time of root.querySelectorAll(".ec-slot time")) {
      time.textContent = clockOf(time.dateTime);
      time.parentElement.toggleAttribute("data-night", clockOf(time.dateTime) === "00:00");
    }
    const main = root.querySelector(".ec-main");
    if (scrollTop !== undefined) main.scrollTop = scrollTop;
    else if (isWeek) main.scrollLeft = (days.indexOf(day) * (main.scrollWidth - 56)) / days.length;
    placeNow();
  }

  function placeNow() {
    const main = element.querySelector(".ec-main");
    if (!main) return;
    const now = wallNow(zone);
    const at = shownDays.indexOf(column(now));
    let line = main.querySelector(".maker-now");
    if (at < 0) { line?.remove(); return; }
    if (!line) {
      line = part("div", "maker-now", part("time", ""), part("i", ""));
      line.setAttribute("aria-hidden", "true");
      main.append(line);
    }
    const minutes = intoDay(now) - changeHour * 60;
    line.style.insetBlockStart = `${(minutes / ROW_MINUTES) * ROW_PIXELS}px`;
    line.lastChild.style.gridColumn = isWeek ? `${at + 2} / span 1` : "1 / -1";
    line.firstChild.textContent = clockOf(now);
  }

  /* ---- Escape, or the system, ends a drag: the library would keep its ghost, so the grid is made anew ---- */

  function dropHeld() {
    if (!held) return false;
    landed();
    aim = null;
    rebuild();
    return true;
  }

  function rebuild() {
    const { scrollTop, scrollLeft } = element.querySelector(".ec-main");
    EventCalendar.destroy(calendar);
    element.replaceChildren();
    build(scrollTop);
    requestAnimationFrame(() => { const main = element.querySelector(".ec-main"); main.scrollTop = scrollTop; main.scrollLeft = scrollLeft; });
  }

  const focused = () => document.activeElement?.closest(".tile")?.dataset.slot ?? null;

  addEventListener("pointercancel", () => queueMicrotask(dropHeld));
  element.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".is-busy")) event.stopPropagation(); // one move in flight per slot
  }, true);

  return {
    isWeek, shownDays, roomName, rooms, build, rebuild, placeNow, dropHeld,
    get held() { return held; },
    has: (id) => slots.has(id),
    tile: (id) => tiles.get(id),

    /* Show a slot as given. look: changes to how it looks; from: rectangle to fly from; glow: flash once. */
    put(slot, { look, from, glow } = {}) {
      if (look) looks.set(slot.id, { ...looks.get(slot.id), ...look });
      if (from) flights.set(slot.id, from);
      if (glow) flash.add(slot.id);
      const known = slots.has(slot.id) && calendar.getEventById(slot.id);
      if (focused() === slot.id) refocus = slot.id;
      slots.set(slot.id, slot);
      if (!isShown(slot)) calendar.removeEventById(slot.id);
      else if (known) calendar.updateEvent(eventOf(slot));
      else calendar.addEvent(eventOf(slot));
    },
    remove(id) {
      slots.delete(id);
      looks.delete(id);
      tiles.delete(id);
      calendar.removeEventById(id);
    },
    fill(list) { for (const slot of list) slots.set(slot.id, slot); },
    isShown,
    setReadOnly(flag) {
      readOnly = flag;
      element.classList.toggle("is-readonly", flag);
      calendar.setOption("eventStartEditable", !flag);
      calendar.setOption("eventDurationEditable", !flag);
      calendar.setOption("selectable", !flag);
    },
    showRooms(ids) {
      hiddenRooms.clear();
      for (const room of rooms) if (!ids.has(room.id)) hiddenRooms.add(room.id);
      calendar.setOption("eventFilter", ({ event }) => !hiddenRooms.has(event.resourceIds[0]));
    },
    /* Bring a tile into sight and give it the focus; where: "center", or "nearest" for the least movement. */
    reveal(id, where = "center", focus = true) {
      const el = tiles.get(id);
      el?.scrollIntoView({ block: where, inline: where });
      if (focus) el?.firstElementChild.focus({ preventScroll: true });
    },
  };
}
