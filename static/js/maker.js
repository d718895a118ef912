/* The schedule maker's page: ties the grid, moves, keys, dialog and live changes together. The modules beside it do the work;
   without any of this the page is tables and forms. */

import { createSlotDialog } from "./maker-dialog.js";
import { createGrid } from "./maker-grid.js";
import { createKeys } from "./maker-keys.js";
import { createMoves } from "./maker-moves.js";
import { announce, toast } from "./maker-say.js";
import { clockOf, danceDay } from "./maker-wall.js";

const STATE = ["maker-sub", "maker-badge", "maker-undo", "maker-version", "maker-problems"]; // fetched again after an edit
const NOW_EVERY = 15_000;

const data = JSON.parse(document.getElementById("maker-data").textContent);
const { urls, feed } = data;
const truth = new Map(feed.slots.map((slot) => [slot.id, slot]));
const element = document.getElementById("maker-grid");

const isOpen = (part) => CSS.supports("selector(:popover-open)") && part.matches(":popover-open");

if (element && globalThis.EventCalendar) start();

function start() {
  let readOnly = false;
  const slotUrl = (id) => urls.edit.replace("SLOT", id);
  const dialog = createSlotDialog({
    saved,
    closed: (id) => { if (id && document.activeElement === document.body) grid.reveal(id, "nearest"); },
  });

  function newUrl({ room, start: from, end } = {}) {
    const query = new URLSearchParams({ day: from ? danceDay(from, data.changeHour) : data.day });
    if (room) query.set("room", room);
    if (from) query.set("start", clockOf(from));
    if (end) query.set("end", clockOf(end));
    return `${urls.new}?${query}`;
  }

  function open(url) {
    if (readOnly) toast("No connection. The form opens when the light is green again.", "bad");
    else dialog.load(url);
  }

  const grid = createGrid(element, data, {
    open: (id) => open(slotUrl(id)),
    make: (where) => open(newUrl(where)),
    move: (id, to) => moves.move(id, to),
    land: () => setTimeout(catchUp),
  });
  const moves = createMoves({ urls, csrf: data.csrf }, grid, truth, { settled: () => setTimeout(catchUp), changed: refreshSoon });
  createKeys(grid, moves, truth, {
    isReadOnly: () => readOnly,
    onFree: () => setTimeout(catchUp),
    onNew: (id) => open(newUrl(id ? { room: truth.get(id).room, start: truth.get(id).end } : {})),
    onHelp: () => document.getElementById("maker-keys").showPopover?.(),
    onUndo: () => { if (!readOnly) moves.undoMine(); },
  });

  element.dataset.view = data.view;
  element.hidden = false;
  grid.fill(feed.slots);
  grid.build();
  document.documentElement.classList.add("maker-ready");
  setInterval(() => grid.placeNow(), NOW_EVERY);
  document.querySelector(".maker-bar .tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  jump(location.hash.startsWith("#at-") ? location.hash.slice(4) : "");

  /* ---- what others do ---- */

  let newest = feed.revision, waiting = null;

  async function refetch() {
    const response = await fetch(urls.feed, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!response?.ok || response.redirected) return;
    const fresh = await response.json();
    if (fresh.revision < newest) return;
    newest = fresh.revision;
    waiting = fresh;
    catchUp();
  }

  /* Bring the tiles up to the newest feed; those under a finger, under keys or on their way wait for their turn. */
  function catchUp() {
    if (!waiting) return;
    const fresh = waiting;
    const isHeld = (id) => id === grid.held || moves.isBusy(id) || moves.pending.has(id);
    const skipped = [];
    const there = new Set(fresh.slots.map((slot) => slot.id));
    for (const slot of fresh.slots) {
      const known = truth.get(slot.id);
      if (known && JSON.stringify(known) === JSON.stringify(slot)) continue;
      if (known && known.version > slot.version) continue;
      if (isHeld(slot.id)) { skipped.push(slot.id); continue; }
      truth.set(slot.id, slot);
      grid.put(slot, { glow: known?.version !== slot.version });
      dialog.tell(slot);
    }
    for (const id of [...truth.keys()]) {
      if (there.has(id)) continue;
      if (isHeld(id)) { skipped.push(id); continue; }
      truth.delete(id);
      grid.remove(id);
    }
    document.getElementById("maker-first")?.toggleAttribute("hidden", truth.size > 0);
    waiting = skipped.length ? fresh : null;
  }

  let stateTimer = null;
  function refreshSoon() {
    refetch();
    clearTimeout(stateTimer);
    stateTimer = setTimeout(refreshState, 400);
  }

  /* The bar and the clashes as the server draws them. */
  async function refreshState() {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!response?.ok || response.redirected) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const parts = isOpen(document.getElementById("maker-mode")) ? STATE : [...STATE, "maker-mode"];
    for (const id of parts) {
      const old = document.getElementById(id), now = fresh.getElementById(id);
      if (old && now && old.innerHTML !== now.innerHTML) old.replaceChildren(...document.adoptNode(now).childNodes);
    }
  }

  document.addEventListener("pika:swapped", (event) => { if (event.detail?.ids?.includes("maker-pulse")) refreshSoon(); });

  function saved({ sentence, undo, warnings = [], id, tell }) {
    if (undo) moves.remember(undo);
    toast([sentence, ...warnings].join(" "), warnings.length ? "warn" : "undo", undo, tell);
    announce(sentence);
    refetch().then(() => grid.reveal(id));
    refreshSoon();
  }

  /* ---- links and forms of the page ---- */

  /* Telling people, in the page's own sheet; without an answer the link is a link. */
  function openSheet(url) {
    htmx.ajax("GET", url, { target: "#dialog", swap: "innerHTML" }).catch(() => { location.href = url; });
  }

  function jump(id) {
    const slot = truth.get(id);
    if (!slot || !grid.isShown(slot)) return false;
    const side = document.getElementById("maker-side");
    if (isOpen(side)) side.hidePopover();
    requestAnimationFrame(() => grid.reveal(id));
    return true;
  }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const teller = event.target.closest("a[data-tell]");
    if (teller) { event.preventDefault(); openSheet(teller.href); }
    const made = event.target.closest("[data-new]"), jumped = event.target.closest("[data-jump]");
    if (event.target.closest(".maker-more [popovertarget]")) event.target.closest("details").open = false;
    const undone = event.target.closest("#changes a[href*='/changes#']");
    if (made) { event.preventDefault(); open(newUrl()); }
    else if (jumped && jump(jumped.dataset.jump)) event.preventDefault();
    else if (undone) { event.preventDefault(); undoOnce(undone, undone.hash.slice(1)); }
  });

  /* Capturing, and on the window: before ui.js marks the form as sent. */
  addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") !== urls.undo) return;
    event.preventDefault();
    const batch = new FormData(event.target).get("batch") ?? "";
    const button = event.target.querySelector("button:not([type=button])");
    event.target.closest("[data-toast]")?.remove();
    undoOnce(button, batch);
  }, true);

  async function undoOnce(button, batch) {
    if (readOnly || button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    await moves.undo(batch);
    button.ariaBusy = null;
  }

  document.querySelector(".maker-legend")?.addEventListener("change", () => {
    grid.showRooms(new Set([...document.querySelectorAll("[data-room]:checked")].map((box) => box.dataset.room)));
  });

  /* ---- the light: red means read only ---- */

  function light() {
    const isOff = document.querySelector(".conn")?.dataset.state === "off" || !navigator.onLine;
    if (isOff === readOnly) return;
    readOnly = isOff;
    grid.setReadOnly(isOff);
    document.querySelector("[data-offline]").hidden = !isOff;
    for (const control of document.querySelectorAll(".maker-bar [data-new], #maker-undo button, #maker-mode form button")) {
      if (isOff) control.setAttribute("aria-disabled", "true");
      else control.removeAttribute("aria-disabled");
    }
    if (!isOff) refreshSoon();
  }

  const conn = document.querySelector(".conn");
  if (conn) new MutationObserver(light).observe(conn, { attributes: true, attributeFilter: ["data-state"] });
  addEventListener("online", light);
  addEventListener("offline", light);
  light();
}
