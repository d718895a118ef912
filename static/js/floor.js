/* The dancer's page of a set, and the screen on the wall. Published regions are the same for everybody; what is only this
   phone's (its heart, its word on the tempo, its vote) is laid over them here. Everything it smooths works without it. */

const page = document.querySelector("[data-floor]");
const hearted = new Set((page?.dataset.hearts ?? "").split(" ").filter(Boolean));
const startedAt = { server: Number(page?.dataset.now ?? Date.now() / 1000), page: performance.now() };
const POLL_JITTER_MS = 800, STILL_HERE_MS = 5 * 60_000, JOIN_AFTER_MS = 4_000, RESULTS_MS = 8_000;

function now() { return startedAt.server + (performance.now() - startedAt.page) / 1000; }

/* ---- the heart belongs to a play: another song, another heart ---- */

function playShown() { return document.getElementById("playing")?.dataset.play ?? ""; }

function alignHeart() {
  const form = document.getElementById("heart");
  if (!form) return;
  const play = playShown();
  form.hidden = !play;
  if (form.dataset.heart === play) return;
  form.dataset.heart = play;
  form.setAttribute("action", form.getAttribute("action").replace(/[^/]+$/, play || "-"));
  form.dataset.offlineWhat = document.getElementById("np")?.textContent.trim() ?? "";
  form.querySelector("button").setAttribute("aria-pressed", `${hearted.has(play)}`);
  form.elements.on.value = hearted.has(play) ? "0" : "1";
}

/* waiting.js sends the heart and shows it; here only is remembered which plays have one, for when a song comes back. */
document.addEventListener("pika:tap", ({ detail: { state, tap } }) => {
  if (tap.kind !== "heart") return;
  const play = tap.url.split("/").at(-1), on = tap.fields.some(([name, value]) => name === "on" && value === "1");
  if (on === (state === "tapped" || state === "sent")) hearted.add(play);
  else hearted.delete(play);
});

/* A word on the tempo shows at once; a refusal or a dead line turns it back. */
const hopes = new Map();

document.addEventListener("htmx:before:request", (event) => {
  const form = event.target;
  if (!form.matches?.(".tempo")) return;
  const buttons = [...form.querySelectorAll("button")], before = buttons.map((button) => button.getAttribute("aria-pressed"));
  hopes.set(form, () => buttons.forEach((button, n) => button.setAttribute("aria-pressed", before[n])));
  const tapped = document.activeElement?.closest?.("[data-choice]");
  for (const button of buttons) button.setAttribute("aria-pressed", `${button === tapped && button.getAttribute("aria-pressed") !== "true"}`);
});

for (const name of ["htmx:response:error", "htmx:error"]) {
  document.addEventListener(name, (event) => {
    const back = hopes.get(event.target);
    if (!back) return;
    hopes.delete(event.target);
    back();
    if (name === "htmx:error") toast("That did not get through. Try it again.");
  });
}
document.addEventListener("htmx:finally:request", (event) => hopes.delete(event.target));

function toast(text) {
  const box = document.getElementById("toasts");
  if (!box) return;
  const said = document.createElement("div");
  said.className = "toast toast-bad";
  said.setAttribute("role", "alert");
  said.dataset.toast = "";
  said.append(Object.assign(document.createElement("span"), { className: "grow", textContent: text }));
  box.append(said);
}

/* ---- a word on the tempo fades ---- */

function fade() {
  const form = document.getElementById("tempo-vote");
  if (!form?.dataset.voted || now() - Number(form.dataset.voted) < Number(form.dataset.fades)) return;
  delete form.dataset.voted;
  for (const button of form.querySelectorAll("[data-choice]")) {
    button.setAttribute("aria-pressed", "false");
    button.value = button.dataset.choice;
  }
}

/* ---- a question: its clock, and this phone's own side of it ---- */

let asking = 0, askedAt = 0;

function askForPoll(within = POLL_JITTER_MS) {
  const url = page?.dataset.pollUrl;
  if (!url || asking) return;
  asking = setTimeout(() => {
    asking = 0;
    askedAt = performance.now();
    htmx.ajax("GET", url, { target: "#poll-vote", swap: "none" }).catch(() => {});
  }, Math.random() * within);
}

function followPoll() {
  const shown = document.getElementById("poll"), mine = document.getElementById("poll-vote");
  if (!shown || !mine) return;
  const key = (part) => `${part.dataset.poll ?? ""} ${part.dataset.state ?? ""}`;
  if (shown.dataset.state === "closed") mine.hidden = true; // the result stands above, for everybody
  else if (key(shown) !== key(mine)) askForPoll();
  else if (mine.dataset.chosen !== undefined && performance.now() - askedAt > RESULTS_MS && !mine.contains(document.activeElement)) {
    askForPoll(RESULTS_MS);
  }
}

function countDown() {
  for (const clock of document.querySelectorAll("[data-closes]")) {
    const left = Math.ceil(Number(clock.dataset.closes) - now());
    const text = left > 0 ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left` : "closing";
    if (clock.textContent !== text) clock.textContent = text;
    if (left <= 0 && left > -30 && performance.now() - askedAt > 1_500) askForPoll(); // the server's clock has closed it
  }
}

/* ---- being here ---- */

function sayHere() {
  if (document.visibilityState === "hidden" || document.getElementById("here")?.dataset.here === "left") return;
  const form = document.getElementById("here");
  if (!form || !page.dataset.hereUrl) return;
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  fetch(page.dataset.hereUrl, { method: "POST", body, headers: { "HX-Request": "true" } }).then(async (answer) => {
    if (answer.ok && form.dataset.here === "no") await htmx.swap({ text: await answer.text(), sourceElement: form, target: form, swap: "none" });
  }).catch(() => {});
}
document.addEventListener("submit", (event) => {
  if (event.target.id === "here" && event.target.dataset.here === "yes") sessionStorage.setItem(`pika-left ${location.pathname}`, "1");
  else if (event.target.id === "here") sessionStorage.removeItem(`pika-left ${location.pathname}`);
}, true);

function hasLeft() {
  try { return sessionStorage.getItem(`pika-left ${location.pathname}`) !== null; } catch { return false; }
}

/* ---- the wall's clock ---- */

function tellTime() {
  const clock = document.querySelector("[data-clock]");
  if (!clock) return;
  const zone = page.dataset.zone;
  const text = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(now() * 1000);
  if (clock.textContent !== text) clock.textContent = text;
}

function tick() {
  fade();
  countDown();
  followPoll();
  tellTime();
}

if (page) {
  document.addEventListener("pika:swapped", () => { alignHeart(); tick(); });
  setInterval(tick, 1_000);
  tick();
  if (page.dataset.joins !== undefined) setTimeout(() => { if (!hasLeft()) sayHere(); }, JOIN_AFTER_MS);
  setInterval(() => { if (document.getElementById("here")?.dataset.here === "yes" && !hasLeft()) sayHere(); }, STILL_HERE_MS);
}
