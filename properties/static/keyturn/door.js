// A guest's page at a door: the button that is held, and looking again while something is under way.
// Without it the button is a link that asks once more, and a link of the page looks again.
"use strict";

(() => {
  const LONG_ENOUGH = 1000; // milliseconds; as long as the button takes to fill
  const LOOK_AGAIN = 2500;
  const KEYS = new Set(["Enter", " "]);
  const announcer = document.getElementById("announcer");

  function holdable(form) {
    const button = form.querySelector(".button");
    const label = button.querySelector("[data-label]");
    let ends = 0;
    label.textContent = form.dataset.holdWord;
    for (const scripted of form.querySelectorAll("[data-scripted]")) scripted.hidden = false;

    function begin(event) {
      if (event.repeat || ends || form.dataset.sent) return;
      button.classList.add("held");
      label.textContent = form.dataset.holdingWord;
      ends = setTimeout(open, LONG_ENOUGH);
    }

    function stop() {
      if (!ends) return;
      clearTimeout(ends);
      ends = 0;
      button.classList.remove("held");
      label.textContent = form.dataset.holdWord;
    }

    function open() {
      ends = 0;
      form.dataset.sent = "yes";
      label.textContent = form.dataset.openingWord;
      announcer.textContent = form.dataset.openingWord;
      form.submit();
    }

    button.addEventListener("pointerdown", (event) => { if (event.button === 0) begin(event); });
    for (const over of ["pointerup", "pointerleave", "pointercancel", "blur"]) button.addEventListener(over, stop);
    button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press is meant here
    button.addEventListener("dragstart", (event) => event.preventDefault());
    button.addEventListener("keydown", (event) => {
      if (!KEYS.has(event.key)) return;
      event.preventDefault();
      begin(event);
    });
    button.addEventListener("keyup", (event) => { if (KEYS.has(event.key)) stop(); });
    // who taps is told to hold; a program that reads aloud clicks without a pointer, and is asked once more
    button.addEventListener("click", (event) => { if (event.detail > 0) event.preventDefault(); });
  }

  function look(within) {
    for (const form of within.querySelectorAll("[data-holds]")) holdable(form);
  }

  async function again(doing) {
    try {
      const answer = await fetch(doing.dataset.looksAgain, { cache: "no-store" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const newer = fresh.querySelector("#doing");
      if (doing.querySelector(".held") || doing.querySelector("[data-sent]")) return;
      if (said(newer) !== said(doing)) announcer.textContent = said(newer);
      document.querySelector("main").replaceWith(fresh.querySelector("main"));
      look(document);
    } catch {
      return; // one bar of signal: the next look may come through
    } finally {
      wait();
    }
  }

  function said(doing) {
    return [...doing.querySelectorAll("[data-announced]")].map((one) => one.textContent.trim()).join(". ");
  }

  function wait() {
    const doing = document.querySelector("[data-looks-again]");
    if (doing) setTimeout(again, LOOK_AGAIN, doing);
  }

  look(document);
  wait();
})();
