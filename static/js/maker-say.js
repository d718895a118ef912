/* What the maker says: toasts cloned from the page's templates (static/js/ui.js ages them), and a line for screen readers. */

const toasts = document.getElementById("toasts");
const line = document.getElementById("maker-say");

/* kind: "ok", "undo", "warn" (with Undo) or "bad". tell: {url, people}, where those who starred it are told, or null. */
export function toast(sentence, kind = "ok", batch = "", tell = null) {
  const template = document.getElementById(`toast-${batch || kind !== "warn" ? kind : "ok"}`);
  const made = template.content.cloneNode(true);
  made.querySelector(".grow").textContent = sentence;
  const field = made.querySelector("[name=batch]");
  if (field) field.value = batch;
  const teller = made.querySelector("[data-tell]");
  if (teller && tell) {
    teller.href = tell.url;
    teller.textContent = `Tell ${tell.people}`;
    teller.setAttribute("aria-label", `Tell the ${tell.people} who starred it`);
  } else teller?.remove();
  toasts.append(made);
}

export function announce(sentence) {
  line.textContent = line.textContent === sentence ? `${sentence}\u00a0` : sentence; // the same words twice are news as well
}
