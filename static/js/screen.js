/* The hall screen, alone for days: it moves on by the venue's clock even while the network is away, turns its pages, and
 * mends itself. live.js keeps what it shows true; this holds the same rule of "now and next" as app/schedule/hall.py.
 * The television's own clock is believed for nothing but how much time has passed. */

const SOON_SECONDS = 15 * 60;
const TURN_SECONDS = 15; // how long one page of rooms stands
const LOOK_SECONDS = 5 * 60; // how often the page is compared with the server's, whatever the socket says
const WANDER_SECONDS = 180; // against burn-in
const IDLE_MS = 3_000;
const FRESH_HOURS = 6; // a page older than this is loaded anew in the quiet hours …
const OLD_HOURS = 48; // … and one this old at once
const QUIET = [4, 9]; // venue hours

const main = document.querySelector("[data-screen]");
const zone = main.dataset.zone;
const wall = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/* ---- the venue's clock ---- */

const clock = () => main.querySelector("[data-clock]");
let server = { seconds: Date.parse(clock().dateTime) / 1000, at: performance.now() };
const now = () => server.seconds + (performance.now() - server.at) / 1000;
const hours = () => performance.now() / 3_600_000;

document.addEventListener("pika:beat", (event) => {
  server = { seconds: event.detail.seconds, at: performance.now() };
});

function showClock() {
  const text = wall.format(now() * 1000);
  if (clock().textContent !== text) clock().textContent = text;
}

/* ---- now and next ---- */

const known = ({ dataset }) => ({ starts: Number(dataset.starts), ends: Number(dataset.ends) });

function mark(element, phase) {
  for (const name of ["now", "next", "later", "past"]) element.classList.toggle(`is-${name}`, name === phase);
}

function move(row, at) {
  const slots = [...row.querySelectorAll(".hall-slot")];
  const ahead = slots.filter((slot) => known(slot).ends > at);
  const current = ahead.find((slot) => known(slot).starts <= at);
  const following = ahead.find((slot) => known(slot).starts > at);
  for (const slot of slots) {
    mark(slot, !ahead.includes(slot) ? "past" : slot === current ? "now" : slot === following ? "next" : "later");
  }
  if (current) current.querySelector("progress").value = (at - known(current).starts) / 60;
  const began = row.hasAttribute("data-began") || ahead.length < slots.length || current;
  row.dataset.state = state(current, following, at, began);
}

function state(current, following, at, began) {
  if (current) return "on";
  if (!following) return "over";
  if (known(following).starts - at <= SOON_SECONDS) return "soon";
  if (following.hasAttribute("data-other-day")) return "done";
  return began ? "free" : "closed";
}

function moveAll() {
  const at = now();
  for (const row of main.querySelectorAll(".hall-row")) move(row, at);
}

/* A room that changed is framed for a while: on a wall nobody sees a flash. */
document.addEventListener("pika:swapped", (event) => {
  moveAll();
  turn(0);
  for (const id of event.detail?.ids ?? []) {
    const row = document.getElementById(id);
    if (!row?.matches(".hall-row") || text(row) === shown.get(id)) continue;
    if (shown.has(id)) {
      row.classList.add("just-changed");
      setTimeout(() => row.classList.remove("just-changed"), 20_000);
    }
    shown.set(id, text(row));
  }
});
const text = (row) => [...row.querySelectorAll(".hall-slot")].map((slot) => slot.textContent).join();
const shown = new Map([...main.querySelectorAll(".hall-row")].map((row) => [row.id, text(row)]));

/* ---- pages of rooms ---- */

function turn(by) {
  const list = main.querySelector(".hall");
  if (!list?.dataset.pages) return;
  const pages = Math.max(1, ...[...list.children].map((row) => Number(row.dataset.page)));
  const page = ((Number(list.dataset.page) - 1 + by) % pages) + 1;
  list.dataset.page = page;
  const word = main.querySelector("[data-pages-word]");
  if (word) word.textContent = `Rooms ${page} of ${pages}`;
}

/* ---- it looks after itself ---- */

/* live.js loads the page, shows it, and loads it for real when its build is another one. A page that is not whole replaces
 * nothing: that is why this never reloads on its own before the server has just answered. */
function look() {
  document.dispatchEvent(new CustomEvent("pika:look"));
}

function isQuiet() {
  const hour = Number(wall.format(now() * 1000).slice(0, 2));
  return hour >= QUIET[0] && hour < QUIET[1] && !main.querySelector(".hall-row:is([data-state=on], [data-state=soon])");
}

async function renew() {
  if (hours() < FRESH_HOURS || (hours() < OLD_HOURS && !isQuiet())) return;
  const answer = await fetch(location.href, { cache: "no-store", redirect: "error" }).catch(() => null);
  if (answer?.ok) location.reload();
}

/* Back after a deploy or an outage: look what is new, but not for every flicker, for looking makes the light flicker. */
let lookedAt = performance.now();
new MutationObserver(([change]) => {
  if (change.oldValue === "live" || change.target.dataset.state !== "live") return;
  if (performance.now() - lookedAt < 60_000) return;
  lookedAt = performance.now();
  setTimeout(look, Math.random() * 5_000);
}).observe(main.querySelector(".conn"), { attributeFilter: ["data-state"], attributeOldValue: true });

async function stayAwake() {
  if (document.visibilityState !== "visible") return;
  await navigator.wakeLock?.request("screen").catch(() => {}); // refused on battery: then the television must be told
}
document.addEventListener("visibilitychange", stayAwake);

/* ---- hands: a click or F fills the screen; what is not touched shows no pointer ---- */

const button = main.querySelector("[data-full]");
button.hidden = !document.fullscreenEnabled;

function fill() {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (document.fullscreenEnabled) document.documentElement.requestFullscreen().catch(() => {});
}
main.addEventListener("click", fill);
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "f" && !event.ctrlKey && !event.metaKey) fill();
  if (event.key === "ArrowRight") turn(1);
});

let idleTimer;
function touched() {
  document.body.classList.remove("is-idle");
  clearTimeout(idleTimer);
  idleTimer = setTimeout(() => document.body.classList.add("is-idle"), IDLE_MS);
}
for (const name of ["pointermove", "pointerdown", "keydown"]) addEventListener(name, touched, { passive: true });

/* ---- one heart: everything by one timer, so that nothing piles up over days ---- */

let second = 0;
setInterval(() => {
  second += 1;
  showClock();
  moveAll();
  if (second % TURN_SECONDS === 0) turn(1);
  if (second % WANDER_SECONDS === 0) main.dataset.shift = (Number(main.dataset.shift ?? 0) + 1) % 4;
  if (second % LOOK_SECONDS === 0) look();
  if (second % 600 === 0) renew();
}, 1_000);

moveAll();
touched();
stayAwake();
