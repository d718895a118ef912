/* The grid itself: @event-calendar with our tiles. It shows slots and reports what fingers do; it decides nothing and sends
   nothing. One day with rooms as columns, or all days with every room in them.

   Times: the calendar counts wall times as floating UTC, from the day-change hour to the same hour next morning (slotMaxTime
   30:00), so 01:30 stands below 23:00 in the same column. Positions are taken from deltas, never from the Date objects that
   its callbacks hand out: those are in the laptop's zone, where an hour may be missing tonight. */

import { createTiles, part } from "./maker-tile.js";
import { DAY, clockOf, danceDay, later, minutesOf, wallNow } from "./maker-wall.js";

const ROW_MINUTES = 15;
const ROW_PIXELS = 24;
const STRAY_PIXELS = 6;
const DOUBLE_CLICK_MS = 400;
const hhmm = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
const DAY_HEAD = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric" });
const minutesIn = (delta) => Math.round(delta.seconds / 60) + delta.days * DAY;

/* on: { move(id, {room, start, end}), open(id), make({room, start, end}), land() } */
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

  const lookOf = (id) => looks.get(id) ?? {};
  const tile = createTiles({ isWeek, roomName, changeHour, sprite });

  function eventOf(slot) {
    const least = later(slot.start, 5); // on the night the clocks go back a slot may end before it starts, on the wall
    return {
      id: slot.id, title: slot.title, start: slot.start, end: slot.end > least ? slot.end : least, resourceIds: [slot.room],
      classNames: tile.classes(slot, lookOf(slot.id)), extendedProps: { slot }, ...(slot.cancelled && { startEditable: false, durationEditable: false }),
    };
  }

  function mounted({ event, el }) {
    const slot = event.extendedProps.slot;
    if (!slot || event.display !== "auto") return;
    const face = el.firstElementChild; // the button: a role of its own would not be allowed on <article>
    el.removeAttribute("tabindex");
    el.setAttribute("role", "none");
    el.dataset.slot = slot.id;
    el.title = tile.spoken(slot); // narrow tiles cannot show all of it
    face.setAttribute("role", "button");
    face.tabIndex = 0;
    face.setAttribute("aria-describedby", "maker-hint");
    if (lookOf(slot.id).busy) face.setAttribute("aria-busy", "true");
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

  function lifted({ event }) { held = event.id; }

  /* Before the drop is reported: the tile is no longer under the finger. */
  function landed() {
    held = null;
    on.land();
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
  const strayed = (event) => event.detail > 0 && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > STRAY_PIXELS;

  /* A tap is enough for a thumb; a mouse drags, or clicks twice, so that a stray click opens nothing. */
  let lastClick = { at: 0 };
  function tapped({ dateStr, resource, jsEvent }) {
    if (readOnly) return;
    const click = { at: jsEvent.timeStamp, spot: `${dateStr} ${resource?.id}` };
    const isSecond = click.spot === lastClick.spot && click.at - lastClick.at < DOUBLE_CLICK_MS;
    lastClick = click;
    if (isSecond || jsEvent.pointerType !== "mouse") make(dateStr.slice(0, 16), resource?.id);
  }

  const make = (start, room) => on.make({ room, start, end: later(start, 60) });

  function build(scrollTop) {
    calendar = EventCalendar.create(element, {
      view: isWeek ? "timeGridWeek" : "resourceTimeGridDay",
      date: shownDays[0], duration: { days: shownDays.length }, timeZone: "UTC", locale: "en-GB", height: "100%",
      headerToolbar: { start: "", center: "", end: "" }, allDaySlot: false, slotEventOverlap: !isWeek,
      slotMinTime: hhmm(changeHour * 60), slotMaxTime: hhmm(changeHour * 60 + DAY), scrollTime: hhmm(firstSight()),
      slotDuration: hhmm(ROW_MINUTES), slotHeight: ROW_PIXELS, slotLabelInterval: "01:00",
      slotLabelFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
      columnWidth: "minmax(var(--maker-col), 1fr)", displayEventEnd: false, eventTimeFormat: () => "",
      dayHeaderFormat: (date) => ({ domNodes: [part("strong", "", DAY_HEAD.format(date))] }),
      resources: rooms.map((room) => ({ id: room.id, title: room.name, extendedProps: { room } })),
      resourceLabelContent: ({ resource }) => ({ domNodes: tile.roomHead(resource.extendedProps.room ?? {}) }),
      events: [...slots.values()].filter(isShown).map(eventOf),
      eventOrder: (a, b) => (isWeek ? 0 : place(a) - place(b)) || a.start - b.start || place(a) - place(b),
      eventContent: ({ event: { extendedProps: { slot }, display } }) => ({
        domNodes: slot ? tile.content(slot, lookOf(slot.id), display, aim) : tile.fresh(aim),
      }),
      eventDidMount: mounted, eventFilter: isVisible,
      eventClick: ({ event, jsEvent }) => { if (!strayed(jsEvent)) on.open(event.id); },
      eventStartEditable: !readOnly, eventDurationEditable: !readOnly, selectable: !readOnly,
      eventLongPressDelay: 350, selectLongPressDelay: 500, selectMinDistance: 8,
      dragConstraint: aimed, resizeConstraint: aimed, selectConstraint: oneDay,
      eventDragStart: lifted, eventResizeStart: lifted, eventDragStop: landed, eventResizeStop: landed,
      eventDrop: dropped, eventResize: dropped, select: marked, dateClick: tapped,
      theme: (theme) => ({ ...theme, ghost: "ec-ghost is-source", preview: "ec-preview is-ghost" }),
      viewDidMount: () => dressed(scrollTop),
    });
  }

  const place = (event) => roomPlace.get(event.resourceIds[0]) ?? 0;
  const isVisible = ({ event }) => !hiddenRooms.has(event.resourceIds[0]);

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
    requestAnimationFrame(() => element.querySelector(".ec-main").scrollTo(scrollLeft, scrollTop));
  }

  const focused = () => document.activeElement?.closest(".tile")?.dataset.slot ?? null;

  addEventListener("pointercancel", () => queueMicrotask(dropHeld));
  element.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".is-busy")) event.stopPropagation(); // one move in flight per slot
  }, true);

  return {
    isWeek, rooms, roomName, build, placeNow, dropHeld, isShown,
    get held() { return held; },
    tile: (id) => tiles.get(id),
    fill(list) { for (const slot of list) slots.set(slot.id, slot); },

    /* Change how a tile looks, whatever its slot. */
    look(id, changes) { looks.set(id, { ...lookOf(id), ...changes }); },

    /* Show a slot as given. look: changes to how it looks; from: rectangle to fly from; glow: flash once. */
    put(slot, { look, from, glow } = {}) {
      if (look) this.look(slot.id, look);
      const known = slots.has(slot.id) && calendar.getEventById(slot.id);
      const shown = isShown(slot);
      if (shown && focused() === slot.id) refocus = slot.id;
      if (shown && from) flights.set(slot.id, from);
      if (shown && glow) flash.add(slot.id);
      slots.set(slot.id, slot);
      if (!shown) calendar.removeEventById(slot.id);
      else if (known) calendar.updateEvent(eventOf(slot));
      else calendar.addEvent(eventOf(slot));
    },
    remove(id) {
      slots.delete(id);
      looks.delete(id);
      tiles.delete(id);
      calendar.removeEventById(id);
    },
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
      calendar.setOption("eventFilter", (info) => isVisible(info)); // another function, or nothing is looked at anew
    },
    /* Bring a tile into sight and give it the focus; where: "center", or "nearest" for the least movement. */
    reveal(id, where = "center", focus = true) {
      const el = tiles.get(id);
      el?.scrollIntoView({ block: where, inline: where });
      if (focus) el?.firstElementChild.focus({ preventScroll: true });
    },
  };
}
