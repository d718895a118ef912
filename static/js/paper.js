/* The print button of what is made for paper. Without scripts it is not shown: the browser's own menu prints as well. */

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
