// Keeps the list new without moving what a person reads, and gives the message's frame the height of its content.
"use strict";

const EVERY = 2000; // milliseconds

async function refresh() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const entries = document.getElementById("entries");
  const newest = fresh.getElementById("entries");
  const known = new Set(Array.from(entries.querySelectorAll("a"), (entry) => entry.getAttribute("href")));
  const wasEmpty = known.size === 0;
  const came = Array.from(newest.querySelectorAll("a")).filter((entry) => !known.has(entry.getAttribute("href")));
  if (came.length === 0) return;
  if (wasEmpty) document.querySelector("main").replaceWith(fresh.querySelector("main"));
  const shown = document.querySelector("article")?.dataset.id;
  for (const entry of came) entry.classList.add("new");
  for (const entry of newest.querySelectorAll("a")) {
    entry.toggleAttribute("aria-current", false);
    if (shown && entry.getAttribute("href").endsWith(shown)) entry.setAttribute("aria-current", "true");
  }
  const focused = document.activeElement?.getAttribute("href");
  entries.replaceChildren(...newest.childNodes);
  if (focused) entries.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  document.getElementById("count").textContent = fresh.getElementById("count").textContent;
  fitFrame();
}

function fitFrame() {
  const frame = document.querySelector("iframe");
  if (!frame) return;
  const fit = () => {
    const content = frame.contentDocument?.documentElement;
    if (!content) return;
    frame.style.blockSize = "0"; // a document is never less high than its frame
    frame.style.blockSize = `${content.scrollHeight + 2}px`;
  };
  frame.addEventListener("load", fit);
  new ResizeObserver(fit).observe(document.body);
  if (frame.contentDocument?.readyState === "complete") fit();
}

fitFrame();
setInterval(() => { if (!document.hidden) refresh().catch(() => {}); }, EVERY);
