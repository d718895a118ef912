/* Alerts on the lock screen: offered after the first star and never on arrival, turned on by one tap, told to the server
   again at each visit, taken back on sign-out. Loaded by pwa.js, which registers the service worker. */

const ADDRESS = "/push/subscriptions";
let key = "";
let memory = null;
let who = ""; // the account's public id; empty for guests

function isPossible() {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window && key;
}

function bytes(text) {
  const padded = text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat(-text.length & 3);
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

function headers() {
  const inherited = JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}");
  return { "Content-Type": "application/json", ...inherited };
}

function tell(address, subscription, keepalive = false) {
  return fetch(address, { method: "POST", headers: headers(), body: JSON.stringify(subscription), keepalive });
}

/* ---- on, off, again ---- */

async function current() {
  const worker = await navigator.serviceWorker.getRegistration("/");
  return worker?.pushManager.getSubscription();
}

function isOfThisKey(subscription) {
  const used = subscription.options?.applicationServerKey;
  return !used || [...new Uint8Array(used)].join() === [...bytes(key)].join();
}

async function subscribe() {
  const worker = await navigator.serviceWorker.ready;
  return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
}

/* Where the server refuses an address (it was somebody else's), the browser gets a new one, once. */
async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  let answer = await tell(ADDRESS, await subscribe());
  if (answer.status === 409) {
    await (await current())?.unsubscribe();
    answer = await tell(ADDRESS, await subscribe());
  }
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  memory.set("push", "on");
  return "on";
}

async function turnOff(keepalive = false) {
  const subscription = await current();
  memory.set("push", "off");
  if (!subscription) return;
  const told = tell(`${ADDRESS}/end`, subscription, keepalive);
  await subscription.unsubscribe();
  await told;
}

/* Once per visit: an address may have changed, or somebody else may have signed in on this browser. */
async function sync() {
  if (Notification.permission !== "granted" || memory.get("push") === "off") return;
  if (sessionStorage.getItem("pika-push") === who) return;
  let subscription = await current();
  if (subscription && !isOfThisKey(subscription)) {
    await subscription.unsubscribe();
    subscription = null;
  }
  if (!subscription && memory.get("push") === "on") subscription = await subscribe();
  if (!subscription) return;
  const answer = await tell(ADDRESS, subscription);
  if (answer.ok) sessionStorage.setItem("pika-push", who);
}

/* ---- what the page shows ---- */

const WORDS = {
  on: "Alerts are on for this browser.",
  denied: "This browser keeps notices from us. Allow them in its settings for this page, then try again.",
  failed: "That did not work. Check your network and try again.",
};

function hasStar() {
  return document.querySelector("[data-star][aria-pressed=true]");
}

function show() {
  const isOn = Notification.permission === "granted" && memory.get("push") === "on";
  for (const ask of document.querySelectorAll("[data-push-ask]")) {
    const isTime = !("afterStar" in ask.dataset) || hasStar();
    const isOpen = !isOn && memory.get("push") !== "later" && Notification.permission !== "denied";
    if (ask.dataset.pushSaid === undefined) ask.hidden = !(isTime && isOpen);
  }
  for (const button of document.querySelectorAll("[data-push-off]")) button.hidden = !isOn;
  for (const button of document.querySelectorAll("button[data-push-on]")) {
    if (!button.closest("[data-push-ask]")) button.hidden = isOn;
  }
}

function say(where, state) {
  const words = where.closest("[data-push-ask]")?.querySelector("[data-push-words]") ?? document.querySelector("[data-push-state]");
  if (words) { words.textContent = WORDS[state]; words.setAttribute("role", "status"); }
  const ask = where.closest("[data-push-ask]");
  if (ask) ask.dataset.pushSaid = state;
  if (ask && state === "on") ask.querySelector("[data-push-on]").closest(".row").remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-push-on], [data-push-off], [data-push-later]");
  if (!button || !isPossible()) return;
  if ("pushLater" in button.dataset) memory.set("push", "later");
  else {
    button.setAttribute("aria-busy", "true");
    try {
      if ("pushOff" in button.dataset) await turnOff();
      else say(button, await turnOn());
    } catch {
      say(button, "failed");
    }
    button.removeAttribute("aria-busy");
  }
  show();
});

/* Signing out on a shared phone: what is told to me must not light up for the next one. */
document.addEventListener("submit", (event) => {
  if (isPossible() && new URL(event.target.action, location.href).pathname === "/sign-out") turnOff(true).catch(() => {});
}, true);

export function offer(pushKey, account, remembered) {
  [key, who, memory] = [pushKey, account, remembered];
  if (!isPossible()) return;
  show();
  sync().catch(() => {});
  document.addEventListener("htmx:after:settle", show);
}
