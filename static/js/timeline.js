/* The dancer's timeline: keeps rows in order and in their day when slots move, moves the now line with the clock, opens
   slots in the sheet. Everything it smooths works without it. Times are epoch seconds of the server; the phone's own clock
   only measures how long the page has been open. */

/* ---- the venue's clock ---- */

function serverSeconds() {
  const shown = document.querySelector("#asof time");
  return shown ? Date.parse(shown.dateTime) / 1000 : Date.now() / 1000;
}
const loadedAt = { server: serverSeconds(), page: performance.now() };

function now() { return loadedAt.server + (performance.now() - loadedAt.page) / 1000; }

/* ---- rows: where a slot belongs after it moved ---- */

function day() { return document.getElementById("day"); }
function rows() { return [...document.querySelectorAll("[data-timeline] > .slot-row")]; }
function slotOf(row) { return row.querySelector(".slot"); }

function fits(slot) {
  const asked = new URLSearchParams(location.search);
  const among = (name, value) => !asked.has(name) || asked.getAll(name).includes(value);
  return slot.dataset.day === day()?.dataset.day && among("kind", slot.dataset.kind)
    && among("room", slot.dataset.room) && among("level", slot.dataset.level);
}

function byTime(a, b) {
  return slotOf(a).dataset.starts - slotOf(b).dataset.starts;
}

/* Moves a row to its place in time, but never while a finger or the focus is on it. */
function place(row) {
  if (row.matches(":active, :focus-within")) return;
  const next = rows().find((other) => other !== row && byTime(other, row) > 0);
  const list = row.parentElement;
  const before = next ?? list.querySelector(":scope > [data-after-slots]");
  if (row.nextElementSibling !== before) list.insertBefore(row, before ?? null);
}

function settle(ids, content) {
  const strangers = [];
  for (const id of ids.filter((name) => name.startsWith("slot-"))) {
    const slot = document.getElementById(id);
    const row = slot?.closest(".slot-row");
    if (!slot) strangers.push(id);
    else if (row && !fits(slot)) row.remove();
    else if (row?.parentElement.matches("[data-timeline]")) place(row);
  }
  if (strangers.length && belong(strangers, content)) askAgain();
  tick();
}

/* Whether one of these slots, as they were sent, should be on this page: another day's are nothing to us. */
function belong(ids, content) {
  const sent = new DOMParser().parseFromString(content.replaceAll(/<\/?hx-partial[^>]*>/g, ""), "text/html");
  return ids.some((id) => { const slot = sent.getElementById(id); return slot && fits(slot); });
}

/* A slot has come to this day, or is new: load the day, but not all phones at the same instant. */
let asking = 0;
function askAgain() {
  if (asking) return;
  asking = setTimeout(() => {
    asking = 0;
    htmx.ajax("GET", location.href, { target: "#main", select: "#main", swap: "outerMorph" }).catch(() => {});
  }, 100 + Math.random() * 1200);
}

/* ---- the clock: what is over, what is on, and the line between ---- */

function phase(slot, at) {
  if (+slot.dataset.ends <= at) return "is-past";
  return +slot.dataset.starts <= at && !slot.matches(".is-cancelled") ? "is-now" : "";
}

function tick() {
  const at = now();
  for (const row of document.querySelectorAll(".slot-row")) {
    const wanted = phase(slotOf(row), at);
    row.classList.toggle("is-past", wanted === "is-past");
    row.classList.toggle("is-now", wanted === "is-now");
  }
  const line = document.querySelector("[data-now-line]");
  if (!line) return;
  const clock = document.querySelector("#asof time");
  if (clock) line.textContent = clock.textContent;
  const next = [...line.parentElement.children].find((item) => {
    const slot = item.querySelector(".slot");
    return slot && +slot.dataset.starts > at;
  });
  if (line.nextElementSibling !== next) line.parentElement.insertBefore(line, next ?? null);
}

/* ---- jump to now ---- */

function jump(smooth) {
  const goal = document.querySelector(".slot-row.is-now") ?? document.querySelector("[data-now-line]");
  goal?.scrollIntoView({ block: "center", behavior: smooth ? "smooth" : "instant" });
}

function arrive() {
  const line = document.querySelector("[data-now-line]");
  if (!line || location.hash || performance.getEntriesByType("navigation")[0]?.type === "back_forward") return;
  if (line.getBoundingClientRect().top > innerHeight * 1.6) jump(false);
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-jump-now]")) return;
  event.preventDefault();
  jump(!matchMedia("(prefers-reduced-motion: reduce)").matches);
});

/* The button to now shows only while now is out of sight. */
const watcher = new IntersectionObserver((entries) => {
  const button = document.querySelector("[data-jump-now]");
  if (button) button.hidden = entries.at(-1).isIntersecting;
});
function watch() {
  watcher.disconnect();
  const line = document.querySelector("[data-now-line]");
  if (line) watcher.observe(line);
}

/* ---- a slot opens in the sheet; with a new-tab key it is a plain link ---- */

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-sheet]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  if (!navigator.onLine) return; // its kept page, if there is one
  event.preventDefault();
  opening = link.href;
  htmx.ajax("GET", link.href, { target: "#dialog", swap: "innerHTML" }).catch(() => {});
});
let opening = "";
document.addEventListener("htmx:error", ({ detail }) => { if (detail.ctx?.target?.id === "dialog") location.href = opening; });

/* ---- looked: tells the server which version was on this screen, so that the next visit can say what changed ---- */

let told = 0;
function tellLooked() {
  const page = document.querySelector("[data-looked]");
  const version = Number(document.getElementById("asof")?.dataset.version ?? 0);
  if (!page || version <= told) return;
  const form = document.querySelector("input[name=csrf_token]");
  if (!form) return;
  const body = new URLSearchParams({ version, csrf_token: form.value });
  fetch(page.dataset.looked, { method: "POST", body, keepalive: true }).then((answer) => { if (answer.ok) told = version; }, () => {});
}
/* While the page is open its socket says at once what it holds (live.js); this is what stays when it is closed. A change
 * reaches a whole hall in the same instant: so each phone takes its time, or tells when it is put away. */
const LOOK_SPREAD_MS = 45_000;
let tellTimer;
setTimeout(tellIfSeen, 4_000);
function tellIfSeen() { if (document.visibilityState !== "hidden") tellLooked(); }
function tellSoon() {
  tellTimer ??= setTimeout(() => { tellTimer = undefined; tellIfSeen(); }, Math.random() * LOOK_SPREAD_MS);
}
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return tellSoon();
  if (!tellTimer) return;
  clearTimeout(tellTimer);
  tellTimer = undefined;
  tellLooked();
});

document.addEventListener("pika:swapped", (event) => {
  settle(event.detail?.ids ?? [], event.detail?.content ?? "");
  if (document.visibilityState !== "hidden") tellSoon();
});
document.addEventListener("htmx:after:settle", () => { tick(); watch(); });
setInterval(tick, 15_000);
tick();
watch();
arrive();

