/* The booth's own behavior: the clock of the deck, the song on the deck at the moment of a tap, and a crate that can be
   searched without a network. Taps themselves wait in waiting.js; the server merges them by the moment of the tap. */

const panel = document.querySelector("[data-booth]");
const startedAt = { server: Number(panel?.dataset.now ?? Date.now() / 1000), page: performance.now() };
const CACHE = "pika-booth-1", SHOWN = 40, REFRESH_MS = 10 * 60_000;

function now() { return startedAt.server + (performance.now() - startedAt.page) / 1000; }
function words(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/* ---- the clock of the deck, and of a question ---- */

function tick() {
  const deck = document.getElementById("deck");
  const began = Number(deck?.dataset.began || 0), length = Number(deck?.dataset.length || 0);
  const clock = deck?.querySelector("[data-deck-clock]");
  if (began && clock) clock.textContent = words(length ? began + length - now() : now() - began);
  const bar = deck?.querySelector("[data-deck-bar]");
  if (bar) bar.value = Math.min(length, now() - began);
  for (const each of document.querySelectorAll("[data-closes]")) {
    const left = Number(each.dataset.closes) - now();
    each.textContent = left > 0 ? `${words(Math.ceil(left))} left` : "closing";
  }
}

/* ---- a tap shows on the deck at once; the truth follows ---- */

function field(tap, name) { return tap.fields.find(([key]) => key === name)?.[1] ?? ""; }

function songOf(tap) {
  const form = [...document.querySelectorAll("form[data-title]")].find((each) =>
    ["track", "lined"].some((name) => field(tap, name) && each.elements.namedItem(name)?.value === field(tap, name)));
  if (form) return { title: form.dataset.title, artist: form.dataset.artist };
  const [artist, ...title] = field(tap, "text").split(" - ");
  if (title.length) return { artist, title: title.join(" - ") };
  return { artist: "", title: field(tap, "text") || tap.says.replace(/^Play /, "") };
}

document.addEventListener("pika:tap", ({ detail: { state, tap } }) => {
  if (tap.kind !== "play" || state !== "tapped") return;
  const song = songOf(tap), deck = document.getElementById("deck");
  deck.querySelector("[data-deck-title]").textContent = song.title;
  deck.querySelector("[data-deck-artist]").textContent = song.artist || "Artist not told";
  for (const fact of deck.querySelectorAll("[data-deck-artist] ~ *")) fact.remove(); // the former song's tempo and key,
  const hearts = deck.querySelector(".pulse-hearts b"); // and its hearts: what this one gets is not known here
  if (hearts) hearts.textContent = "–";
  deck.dataset.began = `${now()}`;
  deck.dataset.length = "";
  const typed = document.querySelector("[data-typed] [name=text]");
  if (typed && typed.value === field(tap, "text")) typed.value = "";
});

/* ---- one band at a time: boxes that behave like radios, and can be empty ---- */

document.addEventListener("change", (event) => {
  if (event.target.name !== "band" || !event.target.checked) return;
  for (const other of event.target.form.querySelectorAll("[name=band]")) if (other !== event.target) other.checked = false;
}, true);

/* ---- the crate without a network ---- */

let kept = null;

async function keep() {
  const url = panel?.dataset.crate;
  if (!url) return;
  const cache = "caches" in window ? await caches.open(CACHE).catch(() => null) : null;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    kept = await answer.clone().json();
    const own = [new URL(url, location.href).pathname, location.pathname];
    for (const old of (await cache?.keys()) ?? []) if (!own.includes(new URL(old.url).pathname)) await cache.delete(old); // of other sets
    await cache?.put(url, answer);
    const shown = await fetch(location.pathname, { signal: AbortSignal.timeout(20_000) }); // for a reload in a gap
    if (!shown.ok || shown.redirected) return;
    const headers = { "Content-Type": "text/html; charset=utf-8", "X-Pika-Saved": new Date().toISOString() };
    const policy = shown.headers.get("Content-Security-Policy");
    if (policy) headers["Content-Security-Policy"] = policy; // its nonce is the page's
    await cache?.put(location.pathname, new Response(await shown.text(), { headers }));
  } catch {
    kept ??= await (await cache?.match(url))?.json().catch(() => null) ?? null;
  }
}

function fold(text) { return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase(); }

function searchKept() {
  const form = document.querySelector("[data-crate-search]"), list = document.getElementById("crate-rows");
  const template = document.querySelector("[data-crate-row]");
  if (!kept || !form || !list || !template) return;
  const asked = fold(form.elements.q.value).split(/\s+/).filter(Boolean);
  const found = kept.tracks.filter((track) => asked.every((word) => track[6].includes(word))).slice(0, SHOWN);
  const rows = document.createElement("ul");
  rows.className = "list";
  for (const [id, title, artist, bpm, key, work] of found) {
    const row = template.content.cloneNode(true);
    row.querySelector(".queue-title").textContent = title;
    const [by, chip] = row.querySelectorAll(".dotted span");
    by.textContent = artist || "Artist not told";
    chip.hidden = !kept.played[work];
    chip.textContent = kept.played[work] ?? "";
    row.querySelector(".bpm span").textContent = bpm;
    row.querySelector(".bpm small").textContent = key;
    const tap = row.querySelector("form");
    tap.elements.track.value = id;
    tap.dataset.offlineWhat = tap.dataset.title = title;
    tap.dataset.artist = artist;
    row.querySelector("button").setAttribute("aria-label", `Play ${title}`);
    rows.append(row);
  }
  list.replaceChildren(rows);
}

function isSearch(event) { return event.target.matches?.("[data-crate-search]"); }
document.addEventListener("htmx:before:request", (event) => {
  if (!isSearch(event) || navigator.onLine) return;
  event.preventDefault();
  searchKept();
});
document.addEventListener("htmx:error", (event) => { if (isSearch(event)) searchKept(); });

/* A copy from the cache says so until the line is green again. */
function admit() {
  const strip = document.querySelector("[data-deck-saved]"), at = document.body.dataset.savedAt;
  if (!strip || !at) return;
  strip.hidden = false;
  strip.querySelector("b").textContent = new Date(at).toTimeString().slice(0, 5);
  document.addEventListener("pika:light", ({ detail }) => { if (detail === "live") strip.hidden = true; });
}

if (panel) {
  admit();
  setInterval(tick, 1_000);
  document.addEventListener("pika:swapped", tick);
  document.addEventListener("htmx:after:settle", tick);
  tick();
  keep();
  setInterval(keep, REFRESH_MS);
  addEventListener("online", keep);
}
