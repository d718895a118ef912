/* The slot's form in the dialog: loaded by htmx, kept open while something typed is not saved, told when somebody else saves. */

import { toast } from "./maker-say.js";

export function createSlotDialog({ saved, closed }) {
  const dialog = document.getElementById("slot-dialog");
  const clone = (id) => document.getElementById(id).content.cloneNode(true);
  let clean = null, address = null, dropping = false;

  const form = () => dialog.querySelector("#slot-form");
  const typed = () => (form() ? new URLSearchParams(new FormData(form())).toString() : null);
  const isUnsaved = () => form() && (form().dataset.unsaved !== undefined || typed() !== clean);

  async function load(url) {
    if (dialog.open) return;
    address = url;
    clean = null;
    dialog.replaceChildren(clone("sheet-skeleton"));
    dialog.showModal();
    await fetchForm();
  }

  async function fetchForm() {
    const asked = address;
    try {
      await htmx.ajax("GET", asked, { source: dialog, target: dialog, swap: "innerHTML" });
    } catch { /* told below */ }
    if (dialog.open && address === asked && !form()) dialog.replaceChildren(clone("sheet-failed"));
  }

  function close() {
    dropping = true;
    dialog.close();
  }

  /* Ask before typed text is dropped. Returns whether the dialog may close. */
  function mayClose() {
    if (!isUnsaved()) return true;
    const ask = dialog.querySelector("[data-unsaved-ask]");
    ask.hidden = false;
    ask.querySelector("[data-keep]").focus();
    return false;
  }

  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (mayClose()) close();
  });
  dialog.addEventListener("cancel", (event) => { if (!mayClose()) event.preventDefault(); });
  dialog.addEventListener("close", () => {
    if (!dropping && isUnsaved()) { dialog.showModal(); mayClose(); return; } // the browser may close by force; the text stays
    dropping = false;
    const id = form()?.dataset.slot;
    dialog.replaceChildren();
    closed(id); // the tile that had the focus may have been drawn anew meanwhile
  });
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-again]")) { fetchForm(); return; }
    if (event.target.closest("[data-keep]")) { event.target.closest("[data-unsaved-ask]").hidden = true; form().querySelector("input:not([type=hidden])").focus(); return; }
    if (event.target.closest("[data-drop]")) { close(); return; }
    const box = dialog.getBoundingClientRect();
    const isBeside = event.target === dialog && (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom);
    if (!isBeside && !event.target.closest("[data-dialog-close]")) return;
    event.preventDefault();
    event.stopPropagation(); // ui.js would close it without asking
    if (mayClose()) close();
  });

  /* What stands below the form acts on the saved slot: with something typed above, ask first. */
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest(".maker-verbs :is(a, button)") || mayClose()) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  document.addEventListener("htmx:after:swap", () => {
    if (!dialog.open || !form()) return;
    if (form().dataset.unsaved === undefined) clean = typed();
    if (dialog.querySelector("[aria-invalid]")) return; // ui.js has put the focus there
    dialog.scrollTop = 0;
    dialog.querySelector("[data-stale]")?.focus();
  });
  dialog.addEventListener("htmx:error", () => toast("No answer from the server. What you typed is still here.", "bad"));
  document.addEventListener("pika:slot-saved", (event) => { close(); saved(event.detail); });

  return {
    load, dialog,
    /* A slot changed elsewhere: say so in its open form, before somebody types on. */
    tell(slot) {
      if (!dialog.open || form()?.dataset.slot !== slot.id || Number(form().dataset.version) >= slot.version) return;
      const strip = dialog.querySelector("[data-moved-meanwhile]");
      if (!strip) return;
      strip.hidden = false;
      strip.querySelector("span").textContent = "Somebody changed this slot just now. You can save; you will see both before anything is replaced.";
    },
  };
}
