/* Says once which announcements were on the screen for a second: the organizers' "seen by". Where no script runs nothing is
   counted. Nothing is sent for what this browser has said before. */

const SECOND = 1_000, KEPT = 200, NAME = "pika-seen";
const event = location.pathname.match(/^\/e\/[^/]+/)?.[0];
const said = new Set(read()), timers = new Map();
let batch = new Set(), sending = 0;

function read() {
  try { return JSON.parse(localStorage.getItem(NAME)) ?? []; } catch { return []; }
}

function keep() {
  try { localStorage.setItem(NAME, JSON.stringify([...said].slice(-KEPT))); } catch { /* then it is said once more */ }
}

async function send() {
  sending = 0;
  const ids = [...batch];
  batch = new Set();
  const body = new URLSearchParams(ids.map((id) => ["id", id]));
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}");
  const answer = await fetch(`${event}/seen`, { method: "POST", body, headers }).catch(() => null);
  if (!answer?.ok) { for (const id of ids) said.delete(id); return; } // the next page says it
  keep();
}

function note(id) {
  if (said.has(id) || document.visibilityState === "hidden") return;
  said.add(id);
  batch.add(id);
  sending ||= setTimeout(send, SECOND);
}

const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const id = target.dataset.announcement;
    clearTimeout(timers.get(target));
    if (isIntersecting && !said.has(id)) timers.set(target, setTimeout(() => note(id), SECOND));
  }
}, { threshold: 0.6 });

function watch() {
  watcher.disconnect();
  for (const part of document.querySelectorAll("[data-announcement]")) watcher.observe(part);
}

if (event) {
  watch();
  document.addEventListener("pika:swapped", watch);
  document.addEventListener("visibilitychange", watch);
  document.addEventListener("htmx:after:settle", watch);
}
