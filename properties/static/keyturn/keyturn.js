// What pages do beyond links and forms. Everything here is a convenience: without it each page still works.
"use strict";

(() => {
  const language = document.documentElement.lang || "en";

  // Relative times -----------------------------------------------------------------------------
  // "3 minutes ago" to see; the exact moment, as the server wrote it in the property's zone, on hover and to hear.
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const RELATIVE_WITHIN = 7 * 86400; // seconds; beyond a week a date says more

  function inWords(at) {
    const seconds = (at - Date.now()) / 1000;
    if (Math.abs(seconds) > RELATIVE_WITHIN) return null;
    for (const [unit, length] of UNITS) {
      if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
    }
    return relative.format(0, "minute");
  }

  function showTimes(root) {
    for (const time of root.querySelectorAll("time[data-relative]")) {
      time.dataset.exact ??= time.textContent.trim();
      const words = inWords(new Date(time.dateTime));
      if (words === null || time.dataset.shown === words) continue;
      time.dataset.shown = words;
      time.title = time.dataset.exact;
      const seen = document.createElement("span");
      seen.ariaHidden = "true";
      seen.textContent = words;
      const heard = document.createElement("span");
      heard.className = "visually-hidden";
      heard.textContent = time.dataset.exact;
      time.replaceChildren(seen, heard);
    }
  }

  // Zones --------------------------------------------------------------------------------------
  // Times are the property's. Where this device's clock shows another time at that moment, the zone is named.
  function minutesAhead(written) {
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(written) ?? [];
    return sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) : null;
  }

  function nameOf(zone, at) {
    const parts = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: "shortGeneric" });
    return parts.formatToParts(at).find(({ type }) => type === "timeZoneName").value;
  }

  function nameZones(root) {
    for (const time of root.querySelectorAll("time[data-zone]:not([data-named])")) {
      time.dataset.named = "";
      const at = new Date(time.dateTime);
      const ahead = minutesAhead(time.dateTime);
      if (ahead === null || ahead === -at.getTimezoneOffset()) continue;
      const name = document.createElement("span");
      name.className = "zone muted";
      name.textContent = nameOf(time.dataset.zone, at);
      if ("relative" in time.dataset) time.append(" ", name); // seen on hover, and heard
      else time.after(" ", name);
    }
  }

  // Announcements ------------------------------------------------------------------------------
  // The live part is replaced as a whole, which screen readers do not hear; this region stays and speaks for it.
  let announced = document.querySelector("[data-announce]")?.textContent.trim();

  function say(sentence) {
    const announcer = document.getElementById("announcer");
    if (announcer) announcer.textContent = sentence;
  }

  function announceChange() {
    const sentence = document.querySelector("[data-announce]")?.textContent.trim();
    if (!sentence || sentence === announced) return;
    announced = sentence;
    say(sentence);
  }

  // Copying ------------------------------------------------------------------------------------
  async function copy(button) {
    const source = document.querySelector(button.dataset.copies);
    try {
      await navigator.clipboard.writeText(source.textContent.replace(/\s/g, ""));
    } catch {
      return; // refused by the browser: the code is on the screen anyway
    }
    const label = button.querySelector("[data-label]");
    const before = label.textContent;
    label.textContent = button.dataset.copied;
    say(button.dataset.copied);
    setTimeout(() => { label.textContent = before; }, 2000);
  }

  // Dialogs ------------------------------------------------------------------------------------
  // data-opens="id" opens a dialog of the page; a dialog that htmx has just filled opens by itself.
  function openDialog(dialog) {
    if (!dialog.open) dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-opens], [data-closes], [data-copies], [data-prints]");
    if (button && "prints" in button.dataset) window.print();
    if (button?.dataset.copies) copy(button);
    if (button?.dataset.opens) {
      const dialog = document.getElementById(button.dataset.opens);
      if (dialog) {
        event.preventDefault();
        openDialog(dialog);
      }
    }
    if (button && "closes" in button.dataset) {
      const dialog = button.closest("dialog");
      if (dialog) event.preventDefault();
      (dialog ?? button.closest(".toast"))?.[dialog ? "close" : "remove"]();
    }
    if (event.target.matches("dialog")) event.target.close(); // a click beside it
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details[data-menu][open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // Focus --------------------------------------------------------------------------------------
  // A part that is replaced takes the focus along: whatever stands in its place gets it, and nothing scrolls.
  const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";
  let focused = null; // how to find again what had the focus before a part was replaced

  const described = (one) =>
    [one.tagName, one.id, one.name, one.ariaLabel, one.getAttribute("href") ?? one.textContent.trim()].join("|");

  const alike = (words) => [...document.querySelectorAll(FOCUSABLE)].filter((one) => described(one) === words);

  document.addEventListener("htmx:beforeSwap", () => {
    const one = document.activeElement;
    focused = null;
    if (!one || one === document.body) return;
    const words = described(one);
    focused = { words, place: alike(words).indexOf(one), wasIn: one };
  });

  document.addEventListener("htmx:afterSettle", () => {
    const before = focused;
    focused = null;
    if (!before || before.wasIn.isConnected || document.activeElement !== document.body) return;
    const found = alike(before.words);
    (found[before.place] ?? found[0])?.focus({ preventScroll: true });
  });

  // Sending once -------------------------------------------------------------------------------
  // The answer to a second press would hide that of the first, and may find nothing left to do.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.target) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });

  window.addEventListener("pageshow", () => { // back from where it led
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // As it happens ------------------------------------------------------------------------------
  // A part with data-live="topic topic" is asked for anew when the server says that one of its topics changed; with
  // data-live="*" whatever changed, but after a rest of so many milliseconds (data-rest). A hidden page does not
  // listen: browsers allow few connections to one server, and it asks again when it is seen.
  const LISTEN_AGAIN = 30000; // milliseconds after the server could not keep one page more informed
  const outdated = new Set(); // ids of parts that changed again while they were asked for
  const askedAt = new Map(); // when each part was asked for last, by its id
  const resting = new Set(); // ids of parts that are asked for once they have rested
  let stream = null;

  function ask(part) {
    if (!part || resting.has(part.id)) return;
    const rest = (askedAt.get(part.id) ?? -Infinity) + Number(part.dataset.rest ?? 0) - Date.now();
    if (rest > 0) {
      resting.add(part.id);
      setTimeout(() => {
        resting.delete(part.id);
        ask(document.getElementById(part.id));
      }, rest);
    } else if (part.classList.contains("htmx-request")) {
      outdated.add(part.id);
    } else {
      askedAt.set(part.id, Date.now());
      window.htmx.trigger(part, "live");
    }
  }

  function refresh(concerns) {
    for (const part of document.querySelectorAll("[data-live]")) {
      if (concerns(part.dataset.live.split(" "))) ask(part);
    }
  }

  function askAgain() {
    const again = [...outdated];
    outdated.clear();
    for (const id of again) ask(document.getElementById(id));
  }

  document.addEventListener("htmx:afterSettle", askAgain);
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.xhr.status === 204) askAgain(); // nothing changed, so nothing settles
  });

  function listen() {
    const url = document.body.dataset.liveUrl;
    if (stream || !url || document.hidden || !document.querySelector("[data-live]")) return;
    stream = new EventSource(url);
    stream.addEventListener("listening", () => refresh(() => true)); // what changed before was not heard
    stream.addEventListener("message", ({ data }) => {
      const changed = new Set(JSON.parse(data));
      refresh((topics) => topics.some((topic) => topic === "*" || changed.has(topic)));
    });
    stream.addEventListener("error", () => {
      if (stream?.readyState !== EventSource.CLOSED) return; // it comes again by itself
      stream = null;
      setTimeout(listen, LISTEN_AGAIN);
    });
  }

  function stopListening() {
    stream?.close();
    stream = null;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? stopListening() : listen()));
  window.addEventListener("pagehide", stopListening);

  // No answer ----------------------------------------------------------------------------------
  // What was asked for and did not come is said once, until something comes again.
  const unanswered = () => document.querySelector("[data-unanswered]");

  function sayNoAnswer({ detail }) {
    delete detail.elt.closest("form")?.dataset.sent;
    const place = document.querySelector(".toasts");
    if (!place || unanswered()) return;
    const toast = document.getElementById("no-answer").content.firstElementChild.cloneNode(true);
    toast.dataset.unanswered = "";
    place.append(toast);
    prepare(toast);
  }

  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(name, sayNoAnswer);
  }
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful) unanswered()?.remove();
  });

  // Whatever is new on the page ----------------------------------------------------------------
  function prepare(root) {
    nameZones(root);
    showTimes(root);
    for (const needsScript of root.querySelectorAll("[data-scripted]")) needsScript.hidden = false;
  }

  // A part that was asked for and led elsewhere, as to the sign-in page, belongs into no part: load the whole page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    const asked = new URL(pathInfo.requestPath, location.href).pathname;
    if (!xhr.responseURL || new URL(xhr.responseURL).pathname === asked) return;
    event.detail.shouldSwap = false;
    location.reload();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    prepare(document);
    announceChange();
    const target = event.detail.target ?? event.target; // going back names none
    if (target.matches("dialog")) openDialog(target);
    target.querySelector("[data-focus]")?.focus();
  });

  prepare(document);
  listen();
  document.querySelector("[aria-invalid=true]")?.focus();
  setInterval(() => showTimes(document), 30000);
})();
