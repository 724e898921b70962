// What a guest's page does beyond links and forms. Without it everything is there, too.
"use strict";

(() => {
  const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });

  function count() {
    for (const one of document.querySelectorAll("[data-counts]")) {
      const seconds = (new Date(one.dataset.counts) - Date.now()) / 1000;
      if (seconds <= 0) continue;
      const [length, unit] = seconds >= 3600 ? [3600, "hour"] : [60, "minute"];
      one.textContent = relative.format(Math.floor(seconds / length), unit);
    }
  }

  async function copy(button) {
    const text = document.querySelector(button.dataset.copies).textContent.trim();
    try {
      await navigator.clipboard.writeText(button.dataset.copies === "#code" ? text.replace(/\s/g, "") : text);
    } catch {
      return; // refused by the browser: it stands on the page anyway
    }
    const label = button.querySelector("[data-label]");
    const before = label.textContent;
    label.textContent = button.dataset.copied;
    document.getElementById("announcer").textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = before; }, 2000);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copies], [data-prints]");
    if (button?.dataset.copies) copy(button);
    else if (button) window.print();
  });

  for (const needsScript of document.querySelectorAll("[data-scripted]")) needsScript.hidden = false;
  document.querySelector("[data-focus]")?.focus({ preventScroll: true });
  count();
  setInterval(count, 30000);
})();
