/* Keeps a page true: one socket per tab, frames into regions, and other ways when the socket is blocked.
 *
 * The page says what it shows: <body data-live="topic@EPOCH.VERSION …">. Each frame brings regions of one topic, or says
 * "re-get". Whatever happens to the network, the page ends up as the server has it; the light says how sure we are.
 * Announces on document: pika:reget (cancelable: a page may load itself in its own way), pika:swapped ({ids, content}) and
 * pika:beat ({seconds}, the server's clock); hears pika:look (load the page now). A page that names its build (data-build)
 * is loaded for real when the server has another one.
 * docs/live.md tells the whole story. Needs `htmx` for swapping, nothing else.
 */

const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 4_000; // with full jitter: back within seconds of the network, yet never all at once
const OPENING_MS = 10_000; // a handshake that hangs this long has failed
const BEAT_MS = 20_000; // how often the server speaks
const DEAD_MS = 50_000; // no beat for this long: the line is dead whatever the browser believes
const POLL_MS = 5_000;
const POLL_SPREAD_SECONDS = 0.3; // pages began to poll at different moments: little is enough
const REGET_SECONDS = 2; // pages that must load anew spread over this time, unless the server says less
const HOLDS_SECONDS = 2; // all phones of a hall say what they hold over this time, not at once
const WORDS = { live: "Live", poll: "Updating every 5 seconds", late: "Catching up", off: "Offline" };
const NOT_OURS = [401, 403, 404, 410];

const shown = new Map(); // topic → {epoch, version}
let socket = null;
let heardAt = 0;
let failures = 0; // in a row, since the last beat
let isLate = false; // the server is without Redis: it can hold the line, but has nothing to tell
let downAt = Date.now(); // since when there has been no beat
let isReachable = true; // the last page load or poll came through
let isPolled = false; // the last poll found the page as the server has it
let isOwing = false; // a re-get is due and has not succeeded yet
let held = null; // frames that arrive while the page is being loaded
let swaps = Promise.resolve(); // swaps take their turn
let told = ""; // what this socket was told that the page holds
let retryTimer, regetTimer, pollTimer, tellTimer;

// --- what the page shows

function note(live = "") {
  for (const [, topic, epoch, version] of live.matchAll(/(\S+)@(\S*)\.(\d+)/g)) {
    shown.set(topic, { epoch, version: Number(version) });
  }
}

function address() {
  const url = new URL("/ws", location.href);
  url.protocol = location.protocol.replace("http", "ws");
  for (const [topic, at] of shown) {
    url.searchParams.append("topic", topic);
    url.searchParams.append("at", `${at.epoch}.${at.version}`);
  }
  return url;
}

function swap(content, ids) {
  swaps = swaps
    .then(() => htmx.swap({ text: content, sourceElement: document.body, target: document.body, swap: "none" }))
    .then(() => document.dispatchEvent(new CustomEvent("pika:swapped", { detail: { ids, content } })))
    .then(tell)
    .catch((error) => console.error("live: a swap failed", error));
  return swaps;
}

/* Says back which number the page shows by now (<p data-holds="topic" data-version="31">): organizers see how many phones
 * hold a change. Once per change and socket, after it is on the page, never sooner. */
function tell() {
  tellTimer ??= setTimeout(() => {
    tellTimer = undefined;
    const holds = {};
    for (const part of document.querySelectorAll("[data-holds]")) {
      if (shown.has(part.dataset.holds)) holds[part.dataset.holds] = Number(part.dataset.version);
    }
    const word = JSON.stringify({ holds });
    if (socket?.readyState !== WebSocket.OPEN || word === told || !Object.keys(holds).length) return;
    socket.send(word);
    told = word;
  }, Math.random() * HOLDS_SECONDS * 1000);
}

// --- the socket

function connect() {
  clearTimeout(retryTimer);
  if (socket) return;
  const mine = (socket = new WebSocket(address()));
  heardAt = Date.now();
  told = "";
  mine.onopen = tell;
  mine.onmessage = (event) => mine === socket && hear(JSON.parse(event.data));
  mine.onclose = () => mine === socket && lost();
}

function hangUp() {
  const old = socket;
  socket = null; // first, so that its onclose is nobody's
  old?.close();
}

function lost() {
  socket = null;
  if (!failures) downAt = Date.now();
  failures += 1;
  const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** failures);
  clearTimeout(retryTimer);
  retryTimer = setTimeout(connect, Math.random() * ceiling);
  pollWhenBlocked();
  light();
}

/* A handshake may also hang, for as long as it likes: what counts is how long there has been no beat. */
function pollWhenBlocked() {
  if (failures && Date.now() - downAt >= POLL_MS) poll();
}

/* The network or the tab is back: don't wait for timers that may have slept, nor for a line that may be dead. */
function hurry() {
  if (document.visibilityState === "hidden") return;
  if (socket && Date.now() - heardAt > BEAT_MS + POLL_MS) hangUp();
  connect();
  if (pollTimer) ask();
  light();
}

function hear(frame) {
  heardAt = Date.now();
  if (frame.beat) {
    document.dispatchEvent(new CustomEvent("pika:beat", { detail: { seconds: frame.beat } }));
    return beat(Boolean(frame.late));
  }
  if (held) held.push(frame);
  else apply(frame);
}

function beat(late) {
  const wasLate = isLate;
  isLate = late;
  failures = 0;
  if (late) poll();
  else {
    stopPolling();
    // What was published while the server had no Redis may have reached nobody: look once more.
    if (wasLate || isOwing) reget();
  }
  light();
}

function apply(frame) {
  const at = shown.get(frame.topic);
  if (!at || (frame.epoch === at.epoch && frame.version <= at.version)) return; // not ours, older, or the same again
  if (frame.reget || frame.epoch !== at.epoch) return reget(frame.within);
  shown.set(frame.topic, { epoch: frame.epoch, version: frame.version });
  if (!frame.content) return;
  const ids = Array.from(frame.content.matchAll(/<hx-partial hx-target="#([\w-]+)"/g), (found) => found[1]);
  swap(frame.content, ids);
}

// --- loading the page itself: after a re-get, and instead of a socket

function reget(within = REGET_SECONDS) {
  isOwing = true;
  if (!regetTimer && !held) regetTimer = setTimeout(load, Math.random() * within * 1000);
  light();
}

async function load() {
  regetTimer = undefined;
  isOwing = false; // whatever comes in from here on asks again
  if (!document.dispatchEvent(new CustomEvent("pika:reget", { cancelable: true }))) return light();
  held = [];
  try {
    const signal = AbortSignal.timeout(OPENING_MS);
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-cache", signal });
    const moved = answer.redirected && new URL(answer.url).pathname !== location.pathname;
    if (moved || NOT_OURS.includes(answer.status)) return location.reload(); // signed out, or gone: show that
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    await show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    isReachable = isPolled = true;
  } catch {
    isReachable = false;
    isOwing = true;
  }
  const waiting = held;
  held = null;
  waiting.forEach(apply);
  if (isOwing && !pollTimer) regetTimer ??= setTimeout(load, isReachable ? 0 : POLL_MS * (0.5 + Math.random()));
  light();
}

/* Morph the outermost regions; where the two pages differ in them, all of main. Focus and what is typed stay. */
async function show(page) {
  const built = (root) => root.querySelector("[data-build]")?.dataset.build;
  if (built(page) !== built(document)) return location.reload();
  const isOutermost = (region) => !region.parentElement.closest("[data-region]");
  const regions = (within) => [...within.querySelectorAll("[data-region][id]")].filter(isOutermost).map((r) => r.id);
  const here = regions(document);
  const same = here.join(" ") === regions(page).join(" ");
  const part = (selector, style, html) => `<hx-partial hx-target="${selector}" hx-swap="${style}">${html}</hx-partial>`;
  const content = same
    ? here.map((id) => part(`#${id}`, "outerMorph", page.getElementById(id).outerHTML)).join("")
    : part("main", "innerMorph", page.querySelector("main").innerHTML);
  await swap(content, here);
  note(page.body.dataset.live);
}

function poll() {
  if (pollTimer) return;
  isPolled = false;
  pollTimer = setInterval(ask, POLL_MS);
  ask();
}

/* Has the server anything newer than what this page shows? Asked for a few hundred bytes; when it has, or cannot know without
 * Redis, the page itself is loaded. */
async function ask() {
  if (document.visibilityState === "hidden" || regetTimer || held) return;
  if (isOwing || isLate) return reget(POLL_SPREAD_SECONDS); // a server without Redis knows of no position
  const topics = new URLSearchParams([...shown.keys()].map((topic) => ["topic", topic]));
  const at = [...shown.values()].map(({ epoch, version }) => `${epoch}.${version}`).join(" ");
  const headers = { "If-None-Match": `"${at}"` };
  try {
    const answer = await fetch(`/live/at?${topics}`, { headers, cache: "no-store", signal: AbortSignal.timeout(POLL_MS) });
    if (NOT_OURS.includes(answer.status)) return location.reload();
    isReachable = true;
    if (answer.status === 304) isPolled = true;
    else if (pollTimer) reget(POLL_SPREAD_SECONDS);
  } catch {
    isReachable = isPolled = false;
  }
  light();
}

function stopPolling() {
  clearInterval(pollTimer);
  pollTimer = undefined;
  isPolled = false;
}

// --- the light

function light() {
  const isUp = socket && failures === 0 && !isLate && !isOwing && !held; // Live never stands over an old page
  const isOff = !navigator.onLine || (pollTimer && !isReachable);
  const word = isOff ? "off" : isUp ? "live" : pollTimer && isPolled ? "poll" : "late";
  for (const element of document.querySelectorAll(".conn")) {
    if ((element.dataset.word ?? "late") === word) continue; // role=status: say it once
    element.dataset.word = word;
    element.dataset.state = word === "poll" ? "late" : word;
    element.querySelector("[data-conn-word]").replaceChildren(WORDS[word]);
    document.dispatchEvent(new CustomEvent("pika:light", { detail: word }));
  }
}

function watch() {
  const limit = socket?.readyState === WebSocket.CONNECTING ? OPENING_MS : DEAD_MS;
  if (socket && Date.now() - heardAt > limit) {
    hangUp();
    lost();
  }
  pollWhenBlocked();
}

failures = 1; // until the first beat we are catching up
note(document.body.dataset.live);
if (shown.size) {
  addEventListener("online", hurry);
  addEventListener("offline", light);
  addEventListener("pageshow", hurry);
  addEventListener("pagehide", hangUp); // lets the browser keep the page, and the server know at once
  document.addEventListener("visibilitychange", hurry);
  document.addEventListener("pika:look", () => reget(0));
  setInterval(watch, POLL_MS);
  connect();
}
