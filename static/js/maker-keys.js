/* Moving by keys: Alt and the arrows move the focused tile at once; what came of it is sent as one move, 600 ms after the
   last key. Escape before that takes it back. */

import { announce } from "./maker-say.js";
import { DAY, later, minutesOf } from "./maker-wall.js";

const STEP = 5;
const SEND_AFTER = 600;

export function createKeys(grid, moves, truth, { isReadOnly, onFree, onNew, onHelp, onUndo }) {
  const timers = new Map();
  const inTheWay = CSS.supports("selector(:popover-open)") ? "dialog[open], .sheet:popover-open" : "dialog[open]";

  function beside(slot, direction) {
    if (grid.isWeek) return { start: later(slot.start, direction * DAY), end: later(slot.end, direction * DAY) };
    const rooms = grid.rooms.map((room) => room.id);
    return { room: rooms[rooms.indexOf(slot.room) + direction] ?? slot.room };
  }

  function nudged(slot, key, shift) {
    const direction = key === "ArrowUp" || key === "ArrowLeft" ? -1 : 1;
    if (key === "ArrowLeft" || key === "ArrowRight") return shift ? null : beside(slot, direction);
    const end = later(slot.end, direction * STEP);
    if (shift) return minutesOf(end) - minutesOf(slot.start) >= STEP ? { end } : null;
    return { start: later(slot.start, direction * STEP), end };
  }

  function nudge(id, key, shift) {
    if (isReadOnly() || moves.isBusy(id)) return;
    const slot = moves.shown(id);
    const change = slot.cancelled ? null : nudged(slot, key, shift);
    if (slot.cancelled) announce("Cancelled slots stay where they are.");
    if (!change) return;
    const next = { ...slot, ...change };
    if (!grid.isShown(next)) { announce("The day ends here."); return; }
    moves.pending.set(id, { room: next.room, start: next.start, end: next.end });
    grid.put(next, { look: { moving: true } });
    queueMicrotask(() => grid.reveal(id, "nearest", false));
    announce(moves.spoken(next));
    clearTimeout(timers.get(id));
    timers.set(id, setTimeout(() => send(id), SEND_AFTER));
  }

  function settle(id) {
    clearTimeout(timers.get(id));
    timers.delete(id);
    const target = moves.pending.get(id);
    moves.pending.delete(id);
    return target;
  }

  function send(id) {
    const target = settle(id);
    if (target) moves.move(id, target);
  }

  function takeBack(id) {
    if (!settle(id)) return false;
    grid.put(truth.get(id), { look: { moving: false } });
    announce(`Taken back. ${moves.spoken(truth.get(id))}`);
    onFree();
    return true;
  }

  const isTyping = (target) => target.closest("input, select, textarea, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (document.querySelector(inTheWay)) return;
    const id = event.target.closest?.(".tile")?.dataset.slot;
    if (event.key === "Escape" && (grid.dropHeld() || (id && takeBack(id)))) { event.preventDefault(); return; }
    if (id && event.altKey && !event.ctrlKey && !event.metaKey && event.key.startsWith("Arrow")) {
      event.preventDefault(); // Alt and an arrow would also turn the page back
      nudge(id, event.key, event.shiftKey);
      return;
    }
    if (isTyping(event.target) || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") { event.preventDefault(); onUndo(); return; }
    if (event.ctrlKey || event.metaKey) return;
    if (event.key === "?") onHelp();
    else if (event.key.toLowerCase() === "n") { event.preventDefault(); onNew(id); }
  });

  addEventListener("pagehide", () => { for (const id of [...timers.keys()]) send(id); });
}
