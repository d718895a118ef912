/* The crate: choose all of a page, tap a tempo. Everything works without it but the tapping; the search sends itself by htmx. */

document.addEventListener("change", (event) => {
  if (event.target.dataset.all === undefined) return;
  for (const box of event.target.form.querySelectorAll("input[name=track]")) box.checked = event.target.checked;
});

/* ---- tap tempo: the mean of the last taps; a pause of two seconds begins anew ---- */

const PAUSE_MS = 2000;
const TAPS_KEPT = 12;
let taps = [];

function tapped(button, at) {
  if (taps.length && at - taps.at(-1) > PAUSE_MS) taps = [];
  taps = [...taps, at].slice(-TAPS_KEPT);
  if (taps.length < 3) return;
  const bpm = 60000 * (taps.length - 1) / (taps.at(-1) - taps[0]);
  document.getElementById(button.dataset.tap).value = bpm.toFixed(1);
  document.querySelector("[data-tap-said]").textContent = `${bpm.toFixed(1)} BPM after ${taps.length} taps. Save keeps it.`;
}

for (const button of document.querySelectorAll("[data-tap]")) {
  button.addEventListener("pointerdown", (event) => tapped(button, event.timeStamp));
  button.addEventListener("keydown", (event) => {
    if (event.repeat || (event.key !== " " && event.key !== "Enter")) return;
    event.preventDefault();
    tapped(button, event.timeStamp);
  });
}
