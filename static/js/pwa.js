/* Pika! as an app: registers the service worker, keeps the schedules of events where one starred or follows something for
   the time without network, says when a page is such a copy, and hints at the home screen from the second visit on. */

import { offer } from "./push.js";

const PAGES = "pika-pages-1"; // read by sw.js
const FILES = "pika-files-1"; // the worker's own
const BOOTH = "pika-booth-1"; // booth.js's: a DJ's console and crate
const SCHEDULE = /^\/e\/([^/]+)\/schedule$/;
const SAVE_AFTER_MS = 2_000;
const SAVE_AGAIN_MS = 20_000; // and up to a minute more: all phones of a hall must not load the page at once
const ONLINE_AFTER_MS = 500;
const DAYS_MAX = 10;
const SLOTS_MAX = 20;
const SLOT_KEPT_MS = 3600 * 1000; // its page says its own age; a whole hall that loads its stars anew at each edit helps nobody
const EVENTS_MAX = 5;

const own = document.querySelector("script[data-push-key]");
const who = own?.dataset.who ?? "";

/* What may be refused (private mode, blocked storage) must not break the page. */
const memory = {
  get(name) { try { return localStorage.getItem(`pika-${name}`); } catch { return null; } },
  set(name, value) { try { localStorage.setItem(`pika-${name}`, value); } catch { /* then it is asked again */ } },
};

/* ---- whose phone: saved pages are those of whoever looks ---- */

async function sweep() {
  if (!("caches" in window) || document.body.dataset.savedAt || document.querySelector("[data-saved-list]")) return;
  if ((memory.get("who") ?? "") !== who) await Promise.all([caches.delete(PAGES), caches.delete(BOOTH)]);
  memory.set("who", who);
}

/* ---- saving a schedule ---- */

function isWanted() {
  return SCHEDULE.test(location.pathname) && !document.body.dataset.savedAt
    && document.querySelector("[data-star][aria-pressed=true], [data-follows]");
}

function address(day) {
  return `${location.pathname}?day=${day}`;
}

function version() {
  return document.getElementById("asof")?.textContent.match(/Version\s+(\d+)/i)?.[1] ?? "";
}

async function keep(pages, url, asked) {
  const answer = await fetch(url, { headers: { Accept: "text/html" }, cache: "no-cache" });
  if (!answer.ok || answer.redirected) return;
  const html = await answer.text();
  const headers = new Headers(answer.headers);
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  headers.set("X-Pika-Saved", new Date().toISOString());
  headers.set("X-Pika-Version", asked);
  headers.set("X-Pika-Clock", html.match(/id="asof"[^]*?<time[^>]*>([\d:]+)</)?.[1] ?? "");
  headers.set("X-Pika-Title", encodeURIComponent(document.querySelector(".topbar-title strong")?.textContent ?? ""));
  await keepFiles(html);
  await pages.delete(url); // so that the newest stands last
  await pages.put(url, new Response(html, { headers }));
}

/* A page is worth nothing without its files, and those of a first visit were loaded before the worker was there. */
async function keepFiles(html) {
  const files = await caches.open(FILES);
  const asked = new Set(Array.from(html.matchAll(/(?:src|href)="(\/static\/[^"#]+\?v=\w+)/g), (found) => found[1]));
  for (const path of asked) if (!(await files.match(path))) await files.add(path);
}

/* The day one looks at, anew; the other days where they are missing or of an older version. */
async function save() {
  if (!isWanted() || !navigator.onLine) return;
  const pages = await caches.open(PAGES);
  const asked = version();
  const here = document.getElementById("day")?.dataset.day;
  const days = [...document.querySelectorAll("#days a")].map((link) => new URL(link.href).searchParams.get("day"));
  for (const day of days.filter((each) => each && each !== here).slice(0, DAYS_MAX)) {
    const kept = await pages.match(address(day));
    if (kept?.headers.get("X-Pika-Version") !== asked) await keep(pages, address(day), asked);
  }
  for (const path of starred()) {
    const age = Date.now() - Date.parse((await pages.match(path))?.headers.get("X-Pika-Saved") ?? 0);
    if (age > SLOT_KEPT_MS) await keep(pages, path, asked);
  }
  if (here) await keep(pages, address(here), asked);
  await thin(pages);
}

/* The pages of what one starred on this day: that is what one looks up in a cellar. */
function starred() {
  const rows = [...document.querySelectorAll(".slot-row:has([data-star][aria-pressed=true])")].slice(0, SLOTS_MAX);
  return rows.map((row) => new URL(row.querySelector("[data-sheet]").href).pathname);
}

async function thin(pages) {
  const event = (request) => new URL(request.url).pathname.split("/")[2];
  const events = [...new Set((await pages.keys()).map(event))];
  for (const request of await pages.keys()) {
    if (events.slice(0, -EVENTS_MAX).includes(event(request))) await pages.delete(request);
  }
}

let timer = 0;
function saveLater(wait) {
  if (timer || !("caches" in window)) return;
  timer = setTimeout(() => { timer = 0; save().catch(() => {}); }, wait);
}

/* ---- a saved copy says so, until it has caught up ---- */

/* The hour is the venue's, as everywhere on the page; the day, where it is not today, the phone's. */
function since(savedAt, clock) {
  const at = new Date(savedAt);
  const isToday = at.toDateString() === new Date().toDateString();
  const day = isToday ? "" : `${at.toLocaleDateString("en", { weekday: "short", day: "numeric" })}, `;
  return day + (clock || at.toTimeString().slice(0, 5));
}

function words(savedAt, clock, number) {
  return `Saved ${since(savedAt, clock)}${number ? `, version ${number}` : ""}.`;
}

function strip() { return document.querySelector("[data-saved-strip]"); }

function showAge() {
  const shown = strip();
  if (!shown) return;
  const saved = document.body.dataset;
  shown.querySelector("[data-saved-words]").textContent = saved.savedAt
    ? words(saved.savedAt, saved.savedClock, saved.savedVersion)
    : `${document.getElementById("asof")?.textContent.trim().replace(/\s+/g, " ") ?? "As it was"}.`;
  shown.querySelector("[data-saved-since]").textContent = saved.savedAt
    ? since(saved.savedAt, saved.savedClock)
    : document.querySelector("#asof time")?.textContent ?? "then";
  shown.hidden = false;
}

/* The light is the judge: live means that everything which was missed is here. */
function caughtUp() {
  if (!["live", "poll"].includes(document.querySelector(".conn")?.dataset.word)) return;
  const shown = strip();
  if (shown) shown.hidden = true;
  delete document.body.dataset.savedAt;
  saveLater(SAVE_AFTER_MS);
}

function watchAge() {
  if (document.body.dataset.savedAt) showAge();
  addEventListener("offline", showAge);
  const light = document.querySelector(".conn");
  if (light) new MutationObserver(caughtUp).observe(light, { attributes: true, attributeFilter: ["data-word"] });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-again]")) return;
    event.preventDefault();
    location.reload();
  });
}

/* ---- the offline page lists what is saved, and goes when the network is really back: halls flicker ---- */

function comeBack() {
  if (navigator.onLine) fetch("/healthz").then(() => location.reload(), () => {});
}

async function listSaved() {
  const list = document.querySelector("[data-saved-list]");
  if (!list || !("caches" in window)) return;
  addEventListener("online", () => setTimeout(comeBack, ONLINE_AFTER_MS));
  const pages = await caches.open(PAGES);
  const newest = new Map();
  for (const request of await pages.keys()) {
    const url = new URL(request.url);
    if (SCHEDULE.test(url.pathname)) newest.set(url.pathname, { url, answer: await pages.match(request) });
  }
  const items = [...newest.values()].reverse().map(({ url, answer }) => {
    const link = Object.assign(document.createElement("a"), { className: "list-row", href: url.pathname });
    const title = decodeURIComponent(answer.headers.get("X-Pika-Title") ?? "") || url.pathname;
    const about = words(...["Saved", "Clock", "Version"].map((name) => answer.headers.get(`X-Pika-${name}`)));
    link.append(
      Object.assign(document.createElement("strong"), { className: "grow", textContent: title }),
      Object.assign(document.createElement("span"), { className: "small muted", textContent: about }),
    );
    const item = document.createElement("li");
    item.append(link);
    return item;
  });
  list.querySelector("[data-saved-items]").replaceChildren(...items);
  list.hidden = !items.length;
}

/* ---- the home screen ---- */

const isInstalled = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
let prompt = null;

function countVisit() {
  try {
    if (sessionStorage.getItem("pika-visit")) return;
    sessionStorage.setItem("pika-visit", "1");
    memory.set("visits", `${Number(memory.get("visits") ?? 0) + 1}`);
  } catch { /* then there is no second visit */ }
}

function hint() {
  const shown = document.querySelector("[data-install-hint]");
  if (!shown || isInstalled || memory.get("install") === "never" || Number(memory.get("visits") ?? 0) < 2) return;
  shown.hidden = false;
  shown.querySelector("[data-install-never]").addEventListener("click", () => {
    memory.set("install", "never");
    shown.remove();
  });
}

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault(); // we ask at a better moment
  prompt = event;
  const ready = document.querySelector("[data-install]");
  if (ready) ready.hidden = false;
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-install-now]")) prompt?.prompt();
});

/* ---- begin ---- */

countVisit();
hint();
watchAge();
listSaved().catch(() => {});
sweep().then(() => isWanted() && saveLater(SAVE_AFTER_MS)).catch(() => {});
document.addEventListener("pika:swapped", () => saveLater(SAVE_AGAIN_MS * (1 + Math.random() * 3)));
document.addEventListener("pika:tap", ({ detail }) => detail.state === "sent" && isWanted() && saveLater(SAVE_AFTER_MS));
document.addEventListener("htmx:after:settle", () => isWanted() && saveLater(SAVE_AFTER_MS));
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" }).catch(() => {});
}
offer(own?.dataset.pushKey ?? "", who, memory);
