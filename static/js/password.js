/* The button in a password field that shows what was typed. Without scripts it stays hidden and nothing is missing. */

for (const button of document.querySelectorAll("[data-peek]")) {
  const input = document.getElementById(button.dataset.peek);
  button.hidden = false;
  button.addEventListener("click", () => show(input, button, input.type === "password"));
  input.form.addEventListener("submit", () => show(input, button, false)); // browsers offer to keep passwords, not texts
}

function show(input, button, visible) {
  input.type = visible ? "text" : "password";
  button.setAttribute("aria-pressed", String(visible));
}
