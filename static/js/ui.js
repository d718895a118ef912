/* Small behaviors that every page shares: menus that close, dialogs, toasts, buttons that say they are busy, filters that
   send themselves. Everything here only smooths what works as plain links and forms. Must not know any feature. */

const reduced = matchMedia("(prefers-reduced-motion: reduce)");

/* ---- menus: <details data-menu> closes on a tap beside it, on Escape, and when focus leaves ---- */

function openMenus() { return document.querySelectorAll("details[data-menu][open]"); }

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* ---- dialogs: content swapped into a <dialog> opens it; [data-dialog-open="id"], [data-dialog-close], a tap beside it ---- */

function open(dialog) {
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[autofocus], [aria-invalid=true]")?.focus();
}

document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail.ctx?.target;
  const dialog = target instanceof Element ? target.closest("dialog") : null;
  if (!dialog) return;
  if (dialog.childElementCount) open(dialog);
  else dialog.close();
});
document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement) {
    const box = event.target.getBoundingClientRect();
    const beside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (beside) event.target.close();
    return;
  }
  const opener = event.target.closest("[data-dialog-open]");
  const closer = event.target.closest("[data-dialog-close]");
  const dialog = opener ? document.getElementById(opener.dataset.dialogOpen) : closer?.closest("dialog[open]");
  if (!dialog) return; // without a dialog around it, a closing link is a link
  event.preventDefault();
  if (opener) open(dialog);
  else dialog.close();
});
document.addEventListener("close", (event) => {
  if (event.target.id === "dialog") event.target.replaceChildren();
}, true);

/* ---- toasts: the newest replaces the last; eight seconds, longer while one looks at it ---- */

const TOAST_SECONDS = 8;
const toasts = document.getElementById("toasts");

function dismiss(toast) {
  toast.classList.add("is-leaving");
  setTimeout(() => toast.remove(), reduced.matches ? 0 : 200);
}

function age(toast) {
  let left = TOAST_SECONDS;
  const line = toast.querySelector(".countdown");
  const timer = setInterval(() => {
    if (!toast.isConnected) { clearInterval(timer); return; }
    if (toast.matches(":hover, :focus-within") || document.hidden) return;
    left -= 1;
    if (line && reduced.matches) line.dataset.seconds = `${left}`;
    if (left <= 0) { clearInterval(timer); dismiss(toast); }
  }, 1000);
}

function greet() {
  const fresh = [...toasts.querySelectorAll("[data-toast]:not([data-seen])")];
  if (!fresh.length) return;
  for (const old of toasts.querySelectorAll("[data-seen]")) old.remove();
  for (const toast of fresh) { toast.dataset.seen = ""; age(toast); }
}

if (toasts) {
  greet();
  new MutationObserver(greet).observe(toasts, { childList: true });
  toasts.addEventListener("click", (event) => {
    if (event.target.closest("[data-toast-close]")) dismiss(event.target.closest("[data-toast]"));
  });
}

/* ---- a form is sent once: its button says so until the answer is here ---- */

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.busy !== undefined) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  if (form.method !== "post") return;
  const button = event.submitter ?? form.querySelector("button:not([type=button])");
  queueMicrotask(() => {
    if (event.defaultPrevented && !form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) return;
    form.dataset.busy = "";
    button?.setAttribute("aria-busy", "true");
  });
}, true);

function idle(root) {
  const forms = [...(root.querySelectorAll?.("form[data-busy]") ?? [])];
  if (root.matches?.("form[data-busy]")) forms.push(root);
  for (const form of forms) {
    delete form.dataset.busy;
    form.querySelector("[aria-busy=true]")?.removeAttribute("aria-busy");
  }
}
document.addEventListener("htmx:finally:request", (event) => idle(event.target));
addEventListener("pageshow", () => idle(document));

/* ---- filters: a form with data-autosend sends itself when a box changes ---- */

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.dataset.autosend !== undefined) form.requestSubmit();
});

/* ---- [data-own-zone]: a time zone is guessed best by the phone in one's hand ---- */

for (const input of document.querySelectorAll("[data-own-zone]")) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...(input.list?.options ?? [])].some((option) => option.value === here)) input.value = here; // one we know
}

/* ---- after an answer: the first thing to mend gets the focus; what changed live is shown once ---- */

document.querySelector("[data-error-summary]")?.focus();

document.addEventListener("pika:swapped", (event) => {
  for (const id of event.detail?.ids ?? []) {
    const part = document.getElementById(id);
    if (!part?.matches(".slot, .floor")) continue;
    const row = part.closest(".slot-row") ?? part;
    row.classList.remove("just-changed");
    void row.offsetWidth; // restart the animation
    row.classList.add("just-changed");
    row.addEventListener("animationend", () => row.classList.remove("just-changed"), { once: true });
  }
});

/* ---- copy: a button with data-copy="id" puts those words on the clipboard, or selects them where that is refused ---- */

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const words = button && document.getElementById(button.dataset.copy);
  if (!words) return;
  const label = button.querySelector("span");
  try {
    await navigator.clipboard.writeText(words.textContent);
    label.textContent = "Copied";
    setTimeout(() => { label.textContent = "Copy"; }, 2_000);
  } catch {
    getSelection().selectAllChildren(words);
  }
});
