/* The event's form: while the address is empty it follows the name, as the server will make it. Only a preview: nothing
   is filled in, and without scripts the hint says the same in words. */

const form = document.querySelector("[data-event-form]");
const name = form?.elements.namedItem("name");
const slug = form?.elements.namedItem("slug");
const shown = form?.querySelector("[data-slug]");

const LETTERS = { ß: "ss", ø: "o", đ: "d", ł: "l", æ: "ae", œ: "oe" };

function slugify(text) {
  const plain = text.toLowerCase().replace(/[ßøđłæœ]/g, (letter) => LETTERS[letter]);
  return plain.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60).replace(/-+$/, "");
}

function preview() { shown.textContent = slugify(slug.value || name.value) || "your-event"; }

if (shown) form.addEventListener("input", preview);
