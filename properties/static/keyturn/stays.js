// Choosing a known guest while a name or an address is typed, and usual times that overwrite nothing. Without it
// whoever is typed is found again all the same.
"use strict";

(() => {
  const offered = (place) => [...place.querySelectorAll(".known [data-fills]")];

  function fill(button) {
    const place = button.closest(".guest");
    for (const input of place.querySelectorAll("[data-guest]")) input.value = button.dataset[input.dataset.guest];
    button.closest(".known").replaceChildren();
    place.querySelector("[data-guest=email]").focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fills]");
    if (button) fill(button);
  });

  // Arrows go into the list, along it, and out of it again; Escape puts it away.
  document.addEventListener("keydown", (event) => {
    const place = event.target.closest(".guest");
    const buttons = place ? offered(place) : [];
    if (!buttons.length) return;
    const here = buttons.indexOf(event.target);
    const input = place.querySelector("[data-guest=name]");
    if (event.key === "Escape") {
      buttons[0].closest(".known").replaceChildren();
      if (here >= 0) input.focus();
    } else if (event.key === "ArrowDown" && here < buttons.length - 1) buttons[here + 1].focus();
    else if (event.key === "ArrowUp" && here >= 0) (buttons[here - 1] ?? input).focus();
    else return;
    event.preventDefault();
  });

  // The usual times of a unit come from the server: whatever was typed while they were on their way stays.
  const times = () => [...document.querySelectorAll("#times input")].map((input) => input.value).join();
  let asked = "";
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.target?.id === "times") asked = times();
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target?.id === "times" && times() !== asked) detail.shouldSwap = false;
  });
})();
