/* Passkeys: the two posts around navigator.credentials, for each [data-passkey] on the page. The button asks the server for
   a question, the browser asks the person, the server gets the answer and says where to go. Where the browser has no
   passkeys, what is marked data-passkey-part goes and data-passkey-none comes: the password form stands by itself. */

const RENEW_MILLISECONDS = 4 * 60 * 1000; // a challenge lives five minutes
const SENTENCES = {
  NotAllowedError: "No passkey was used. Try again, or go another way below.",
  InvalidStateError: "This device has a passkey for this account already.",
  SecurityError: "Passkeys work at our own address only. Look at the address bar.",
  NotSupportedError: "This device cannot make the kind of passkey that we need.",
  TypeError: "We could not reach Pika!. Look at your connection, then try again.",
};

let waiting = null; // stops the offer in the email field: a browser does one ceremony at a time

class Refused extends Error {}

async function post(address, body) {
  const token = JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRFToken"];
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token };
  const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body), redirect: "manual" });
  if (answer.type === "opaqueredirect") { location.reload(); return new Promise(() => {}); } // signed out meanwhile: the door knows the way back
  const told = await answer.json().catch(() => ({}));
  if (told.location) { location.assign(told.location); return new Promise(() => {}); }
  if (!answer.ok) throw new Refused(told.error ?? "That did not work. Load the page again, then try once more.");
  return told;
}

function fieldsOf(part) {
  const stay = document.querySelector("input[name=stay]");
  return { ...JSON.parse(part.dataset.fields), ...(stay && { stay: stay.checked }) };
}

async function ceremony(part, how = {}) {
  const asked = await post(part.dataset.options, fieldsOf(part));
  const credential = part.dataset.passkey === "create"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked), ...how })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked), ...how });
  await post(part.dataset.answer, { ...fieldsOf(part), credential: credential.toJSON() });
}

function say(part, sentence) {
  const line = part.querySelector("[data-passkey-error]");
  line.hidden = !sentence;
  line.querySelector("span").textContent = sentence;
}

async function begin(part, button) {
  if (button.getAttribute("aria-busy")) return;
  waiting?.abort();
  button.setAttribute("aria-busy", "true");
  say(part, "");
  try {
    await ceremony(part);
  } catch (error) {
    say(part, error instanceof Refused ? error.message : SENTENCES[error.name] ?? "That did not work. Try once more.");
    button.removeAttribute("aria-busy");
    offer(part);
  }
}

/* While the email field waits, the browser may offer passkeys in it; the question is renewed before it grows old. */
async function offer(part) {
  if (part.dataset.autofill === undefined || !await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
  waiting?.abort();
  const turn = waiting = new AbortController();
  const renewal = setTimeout(() => { if (waiting === turn) offer(part); }, RENEW_MILLISECONDS);
  try {
    await ceremony(part, { mediation: "conditional", signal: turn.signal });
  } catch (error) {
    clearTimeout(renewal);
    if (error instanceof Refused && waiting === turn) say(part, error.message);
  }
}

const able = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON && PublicKeyCredential.prototype.toJSON);
if (!able) {
  for (const part of document.querySelectorAll("[data-passkey-part]")) part.remove();
  for (const part of document.querySelectorAll("[data-passkey-none]")) { part.hidden = false; part.classList.remove("no-script"); }
}
for (const part of document.querySelectorAll("[data-passkey]")) {
  const button = part.querySelector("button");
  button.addEventListener("click", () => begin(part, button));
  offer(part);
}
addEventListener("pageshow", (event) => { // back from where it led: the button is idle again
  if (event.persisted) for (const busy of document.querySelectorAll("[data-passkey] [aria-busy]")) busy.removeAttribute("aria-busy");
});
