/* Moves on their way: shown at once, one in flight per slot, flown home with the reason when the server refuses. */

import { announce, toast } from "./maker-say.js";
import { clockOf } from "./maker-wall.js";

const CLASH_SECONDS = 4;
const NO_ANSWER = "No answer from the server. Nothing was moved.";

/* truth: Map of slots as the server last told them. settled(): what may happen once a slot is free again. */
export function createMoves({ urls, csrf }, grid, truth, { settled, changed }) {
  const busy = new Set();
  const mine = []; // batches of this tab, for Ctrl+Z

  async function post(url, fields) {
    const headers = { Accept: "application/json", "X-CSRFToken": csrf };
    const response = await fetch(url, { method: "POST", headers, body: new URLSearchParams(fields), keepalive: true });
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
    if (isJson) return { ok: response.ok, ...(await response.json()) };
    if (response.status === 429) return { ok: false, sentence: "That was too often in a short time. Wait a moment, then move it again." };
    if (response.redirected) return { ok: false, sentence: "You are signed out. Load the page and sign in again." };
    return { ok: false, sentence: response.status >= 500 ? "It is us, not you. Nothing was moved." : "That was refused. Load the page again." };
  }

  const spoken = ({ title, start, end, room }) => `${title}, ${clockOf(start)} to ${clockOf(end)}, ${grid.roomName.get(room)}`;
  const same = (a, b) => a.room === b.room && a.start === b.start && a.end === b.end;

  /* to: {room, start, end}. The tile may already stand there. */
  async function move(id, to) {
    const before = truth.get(id);
    pending.delete(id);
    if (!before || busy.has(id)) return;
    if (same(before, to)) { grid.put(before, { look: { moving: false } }); return; }
    busy.add(id);
    grid.put({ ...before, ...to, warnings: [] }, { look: { busy: true, moving: false, clash: null } });
    const answer = await post(urls.move.replace("SLOT", id), { ...to, version: before.version }).catch(() => ({ ok: false, sentence: NO_ANSWER }));
    busy.delete(id);
    if (answer.ok) accept(answer);
    else refuse(id, before, answer);
    settled();
  }

  function accept({ slot, sentence, warnings, undo, tell }) {
    truth.set(slot.id, slot);
    grid.put(slot, { look: { busy: false } });
    if (undo) mine.push(undo);
    toast([sentence, ...warnings].join(" "), warnings.length ? "warn" : "undo", undo, tell);
    announce([`Saved. ${spoken(slot)}.`, ...warnings].join(" "));
    changed();
  }

  function refuse(id, before, { slot, sentence }) {
    const home = slot ?? before;
    const isNews = slot && slot.version !== before.version; // somebody else was here: theirs stands, and is shown
    truth.set(id, home);
    const from = grid.tile(id)?.getBoundingClientRect();
    grid.put(home, { look: { busy: false, clash: sentence }, from, glow: isNews });
    setTimeout(() => calm(id), CLASH_SECONDS * 1000);
    toast(sentence, "bad");
    announce(`Not moved. ${sentence}`);
    if (isNews || !slot) changed();
  }

  function calm(id) {
    grid.look(id, { clash: null });
    if (truth.has(id) && !busy.has(id) && grid.held !== id) grid.put(shown(id));
  }

  const shown = (id) => ({ ...truth.get(id), ...pending.get(id) });
  const pending = new Map(); // moves by keys that are not sent yet: id → {room, start, end}

  async function undo(batch) {
    const answer = await post(urls.undo, batch ? { batch } : {}).catch(() => ({ ok: false, sentence: NO_ANSWER }));
    if (answer.ok && mine.includes(batch)) mine.splice(mine.indexOf(batch), 1);
    toast(answer.sentence, answer.ok ? "ok" : "bad");
    announce(answer.sentence);
    changed();
    return answer.ok;
  }

  return {
    move, undo, pending, shown, spoken,
    isBusy: (id) => busy.has(id),
    remember: (batch) => mine.push(batch),
    undoMine() {
      if (mine.length) return undo(mine.at(-1));
      toast("Nothing of yours to undo on this page. The log has the rest.", "ok");
      return null;
    },
  };
}
