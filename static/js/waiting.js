/* Taps that may have to wait: a form with data-offline="kind" is kept on the phone first, shown as done at once, and sent as
 * soon as the server can be reached: in order, once each, as the person who tapped it. What the server refuses is undone with
 * its sentence. Every tap goes this way, also with a good network, so none is lost when the answer is.
 * Announces on document: pika:tap {state: tapped | sent | refused | back, tap}. docs/offline.md tells the whole story.
 */

import { edit } from "./waiting-store.js";

const SLOW_MS = 1_500; // a tap that takes longer is called waiting
const ANSWER_MS = 10_000;
const PAUSE_MS = 800; // before a server that failed is asked once more
const AGAIN_MS = 1_000, AGAIN_MAX_MS = 30_000;
const LOCK_MS = 15_000; // a tab that holds the turn for longer is asleep; a client id is accepted once anyway
const KEPT_MS = 14 * 24 * 3600 * 1000;
const NOTED_MS = 10_000; // a refusal that comes later than this also stays in the list: nobody may be looking
const FAILED = "Pika! could not do that. It is us, not you; try again in a while.";
const TOO_OLD = "It waited for two weeks and was not sent.";

const own = document.querySelector("script[data-push-key]");
const who = document.querySelector("[data-saved-list]") ? stored("pika-who") : own?.dataset.who ?? "";
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("pika-waiting") : null;

let taps = []; // of this person, as last read
let token = document.body.dataset.savedAt ? "" : pageToken();
let failures = 0; // in a row
let isStranger = false; // somebody else is signed in by now, or nobody
let isAsked = false;
let sending = null;
let timer = 0;

function stored(name) {
  try { return localStorage.getItem(name) ?? ""; } catch { return ""; }
}

function pageToken() {
  return JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}")["X-CSRFToken"] ?? "";
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5"); // without https there is no randomUUID
}

/* ---- what a tap wants, and the forms that show it ---- */

function wanted(tap) {
  const on = tap.fields.find(([name]) => name === "on")?.[1];
  return on === undefined ? undefined : on === "1";
}

function address(form) {
  const url = new URL(form.getAttribute("action"), location.href);
  return url.pathname + url.search;
}

function formsOf(tap) {
  return [...document.querySelectorAll(`form[data-offline="${tap.kind}"]`)].filter((form) => address(form) === tap.url);
}

function show(tap, on = wanted(tap)) {
  for (const form of on === undefined ? [] : formsOf(tap)) {
    const button = form.querySelector("[aria-pressed]");
    if (!button) continue;
    button.setAttribute("aria-pressed", `${on}`);
    form.elements.namedItem("on").value = on ? "0" : "1";
    const word = button.querySelector("[data-word]");
    if (word) word.textContent = word.dataset.word.split("|")[on ? 0 : 1];
  }
}

function says(form, on) {
  const [yes, no] = (form.dataset.offlineSays ?? "").split("|");
  const label = form.querySelector("[aria-labelledby]")?.getAttribute("aria-labelledby").split(" ").at(-1);
  const what = form.dataset.offlineWhat ?? document.getElementById(label)?.textContent ?? "";
  return `${on === "0" && no ? no : yes} ${what}`.trim();
}

function read(form, submitter) {
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrf_token");
  if (submitter?.name) fields.push([submitter.name, submitter.value]);
  const url = address(form);
  const { offline: kind } = form.dataset;
  const [pressed] = formsOf({ kind, url }).map((each) => each.querySelector("[aria-pressed]")).filter(Boolean);
  const on = fields.find(([name]) => name === "on")?.[1];
  const was = pressed && pressed.getAttribute("aria-pressed") === "true";
  return { kind, url, fields, says: says(form, on), was, replaces: on !== undefined };
}

/* ---- tapping, and taking back ---- */

/* Keeps a tap and sends it. `replaces`: it says a state, so an unsent one of the same form is overtaken, and two that cancel
   each other out are both forgotten. */
export async function tap({ kind, url, fields, says: words, was, replaces = false }) {
  const made = { id: newId(), who, kind, url, fields, says: words, was, at: Date.now(), tries: 0, state: "waiting" };
  show(made);
  await edit((all) => {
    const old = replaces && all.findLast((each) => mine(each) && isOpen(each) && !each.tries && each.kind === kind && each.url === url);
    if (!old) return { put: [made] };
    made.was = old.was;
    const isUndone = wanted(made) !== undefined && wanted(made) === old.was;
    return { drop: [old.n], put: isUndone ? [] : [made] };
  });
  await tell("tapped", made);
  setTimeout(draw, SLOW_MS + 50);
  send();
}

async function takeBack(n) {
  const old = await edit((all) => {
    const found = all.find((each) => each.n === n);
    if (!found) return null;
    // It may have arrived although its answer did not: then what it did is taken back, too.
    const again = isOpen(found) && found.tries && found.was !== undefined;
    const fields = found.fields.map(([name, value]) => [name, name === "on" ? (found.was ? "1" : "0") : value]);
    const back = { ...found, id: newId(), fields, was: wanted(found), says: `Take back: ${found.says}`, tries: 0, at: Date.now() };
    delete back.n;
    return { drop: [n], put: again ? [back] : [], give: found };
  });
  if (!old) return;
  if (isOpen(old)) show(old, old.was);
  await tell("back", old);
  send();
}

function mine(each) { return each.who === who; }
function isOpen(each) { return each.state === "waiting"; }

/* ---- sending ---- */

function send() {
  isAsked = true;
  clearTimeout(timer);
  timer = 0;
  sending ??= inTurn(sendAll).finally(() => { sending = null; draw(); });
}

/* One tab at a time. */
async function inTurn(work) {
  if (!navigator.locks) return work();
  try {
    return await navigator.locks.request("pika-waiting", { signal: AbortSignal.timeout(LOCK_MS) }, work);
  } catch (error) {
    if (error.name !== "TimeoutError" && error.name !== "AbortError") throw error;
    return work();
  }
}

async function sendAll() {
  while (isAsked) {
    isAsked = false;
    while (taps.some(isOpen)) {
      // in doubt ask for a token first: a tap that was never sent may still be forgotten without a trace
      if ((failures || !navigator.onLine) && !(await freshen())) return waitAWhile();
      const next = await take();
      if (next && !(await deliver(next))) return waitAWhile();
      failures = 0;
      if (!next) await look();
    }
  }
}

/* The oldest one, marked as tried. */
function take() {
  return edit((all) => {
    const next = all.find((each) => mine(each) && isOpen(each));
    if (!next) return null;
    next.tries += 1;
    return { put: [next], give: next };
  });
}

/* Whether to go on with the next one. The header X-Tap is the server's word; an answer without it came from somebody else. */
async function deliver(next) {
  if (Date.now() - next.at > KEPT_MS) return refuse(next, TOO_OLD);
  if (!token && !(await freshen())) return false;
  const answer = await post(next).catch(() => null);
  switch (answer?.headers.get("X-Tap")) {
    case "done":
    case "again": return accept(next, await answer.text().catch(() => ""));
    case "refused": return refuse(next, (await answer.json().catch(() => ({}))).error ?? FAILED);
    case "failed": return failed(next);
    case "stale":
      token = "";
      return next.tries < 3 && freshen();
    case "other":
      isStranger = true;
      return false;
    default:
      failures = Math.max(failures, Math.log2(Number(answer?.headers.get("Retry-After") ?? 0) || 1));
      return false;
  }
}

function post(next) {
  const headers = {
    "X-CSRFToken": token, "X-Client-Id": next.id, "X-Client-For": who, "HX-Request": "true",
    "X-Tap-Age": (Math.max(0, Date.now() - next.at) / 1000).toFixed(3),
  };
  const signal = AbortSignal.timeout(ANSWER_MS);
  return fetch(next.url, { method: "POST", body: new URLSearchParams(next.fields), headers, redirect: "manual", signal });
}

/* A token that holds, if the same person still looks. */
async function freshen() {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const found = await fetch("/waiting/token", { cache: "no-store", signal }).then((answer) => answer.json()).catch(() => null);
  if (!found) return false;
  isStranger = found.who !== who;
  token = isStranger ? "" : found.token;
  return !isStranger;
}

async function accept(done, html) {
  await edit(() => ({ drop: [done.n] }));
  if (html.includes("<hx-partial")) {
    await htmx.swap({ text: html, sourceElement: document.body, target: document.body, swap: "none" });
  }
  await tell("sent", done);
  return true;
}

/* Once more at once, for a hiccup; then it is undone. */
async function failed(next) {
  if (next.hasFailed) return refuse(next, FAILED);
  await edit((all) => ({ put: all.filter((each) => each.n === next.n).map((each) => ({ ...each, hasFailed: true })) }));
  await new Promise((done) => setTimeout(done, PAUSE_MS));
  return true;
}

async function refuse(refused, sentence) {
  const isNoted = Date.now() - refused.at > NOTED_MS;
  await edit(() => (isNoted ? { put: [{ ...refused, state: "refused", sentence }] } : { drop: [refused.n] }));
  await tell("refused", { ...refused, sentence });
  toast(`${refused.says}: undone. ${sentence}`);
  return true;
}

function waitAWhile() {
  failures += 1;
  draw();
  if (isStranger) return; // the next page knows better
  const wait = Math.min(AGAIN_MAX_MS, AGAIN_MS * 2 ** failures) * (0.5 + Math.random() / 2);
  timer = setTimeout(send, wait);
}

function hurry() {
  if (document.visibilityState === "hidden" || isStranger) return;
  failures = 0;
  if (taps.some(isOpen)) send();
}

/* ---- telling this page and the other tabs ---- */

async function tell(state, about) {
  tabs?.postMessage({ state, tap: about });
  await heard(state, about);
}

async function heard(state, about) {
  if (about.who !== who) return;
  await look();
  if (state === "tapped" || state === "sent") show(about);
  if (state === "refused" || state === "back") show(about, about.was);
  draw();
  document.dispatchEvent(new CustomEvent("pika:tap", { detail: { state, tap: about } }));
}

async function look() {
  taps = ((await edit((all) => ({ give: all }))) ?? []).filter(mine);
}

/* ---- what one sees ---- */

const called = new Set(); // ids that were once called waiting stay so until they are sent

function isLate(each) {
  if (failures > 0 || isStranger || !navigator.onLine || Date.now() - each.at > SLOW_MS) called.add(each.id);
  return called.has(each.id);
}

function draw() {
  const open = taps.filter(isOpen), late = open.filter(isLate);
  for (const form of document.querySelectorAll("form[data-waiting]")) delete form.dataset.waiting;
  for (const each of open) show(each);
  for (const form of late.flatMap(formsOf)) form.dataset.waiting = "";
  drawChip(late.length, taps.length - open.length);
  if (document.getElementById("waiting")?.open) fill();
}

function icon(name) {
  const sprite = document.querySelector("use")?.getAttribute("href").split("#")[0];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  svg.firstChild.setAttribute("href", `${sprite}#${name}`);
  return svg;
}

function make(tag, className, ...inside) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...inside);
  return made;
}

let chip = null;
function drawChip(late, refused) {
  if (!late && !refused) return chip?.remove();
  chip ??= make("button", "waiting-chip");
  chip.type = "button";
  chip.onclick = open;
  chip.setAttribute("aria-haspopup", "dialog");
  chip.classList.toggle("is-refused", refused > 0);
  const words = refused ? `${refused} undone` : `${late} waiting`;
  if (chip.dataset.words !== words) chip.replaceChildren(icon(refused ? "circle-alert" : "hourglass"), words);
  chip.dataset.words = words;
  if (chip.isConnected) return;
  const light = document.querySelector(".conn"), title = document.querySelector(".topbar-title");
  if (light) light.before(chip);
  else if (title) title.after(chip);
  else document.body.append(chip);
}

function sheet() {
  const found = document.getElementById("waiting");
  if (found) return found;
  const made = make("dialog", "sheet");
  made.id = "waiting";
  made.setAttribute("aria-labelledby", "waiting-title");
  document.body.append(made);
  return made;
}

function open() {
  fill();
  sheet().showModal();
}

function fill() {
  const title = make("h2", "", taps.some(isOpen) ? "Waiting to be sent" : "Not done");
  title.id = "waiting-title";
  const close = make("button", "icon-btn", icon("x"));
  close.dataset.dialogClose = "";
  close.setAttribute("aria-label", "Close");
  const about = isStranger
    ? "You are signed out, or somebody else is signed in. Sign in again as before, and it is sent."
    : "Kept on this phone, and sent in this order as soon as Pika! can be reached.";
  const lead = taps.some(isOpen) ? [make("p", "muted", about)] : [];
  const rows = taps.map(row);
  if (!rows.length) rows.push(make("li", "muted", "Everything is sent."));
  sheet().replaceChildren(make("div", "sheet-head", title, close), ...lead, make("ul", "list list-plain waiting-list", ...rows));
}

function minutesAgo(at) {
  const minutes = Math.floor((Date.now() - at) / 60_000);
  return minutes < 1 ? "just now" : minutes < 60 ? `${minutes} min ago` : "";
}

function row(each) {
  const at = new Date(each.at);
  const day = at.toDateString() === new Date().toDateString() ? "" : `${at.toLocaleDateString("en", { weekday: "short" })} `;
  const note = isOpen(each) ? `Tapped ${minutesAgo(each.at) || day + at.toTimeString().slice(0, 5)}` : `Undone. ${each.sentence}`;
  const back = make("button", "btn btn-outline btn-sm", isOpen(each) ? "Take back" : "All right");
  back.type = "button";
  back.setAttribute("aria-label", `${back.textContent}: ${each.says}`);
  back.onclick = () => takeBack(each.n);
  const words = make("span", "grow", make("strong", "", each.says), make("br", ""), make("span", "small muted", note));
  return make("li", "row row-nowrap", words, back);
}

function toast(text) {
  const said = make("div", "toast toast-bad", icon("circle-alert"), make("span", "grow", text));
  said.setAttribute("role", "alert");
  said.dataset.toast = "";
  document.getElementById("toasts")?.append(said);
}

/* ---- begin ---- */

addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-offline]")) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // nobody else sends it
  tap(read(event.target, event.submitter));
}, true);

/* What nobody came back for: somebody else's on a phone that changed hands. */
function forgetOld() {
  const isOld = (each) => Date.now() - each.at > 2 * KEPT_MS;
  return edit((all) => ({ drop: all.filter(isOld).map((each) => each.n) }));
}

function again() { look().then(() => { draw(); hurry(); }); }

tabs?.addEventListener("message", ({ data }) => heard(data.state, data.tap));
addEventListener("online", hurry);
addEventListener("offline", draw);
addEventListener("pageshow", again);
document.addEventListener("visibilitychange", again);
document.addEventListener("pika:light", ({ detail }) => ["live", "poll"].includes(detail) && hurry());
document.addEventListener("pika:swapped", draw);
document.addEventListener("htmx:after:settle", draw);
forgetOld();
again();
