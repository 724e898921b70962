// The timeline's chart: arrows move in it, and dragging over free days chooses when a stay begins and ends.
// Without it, each stay and each free day is a link like any other.
"use strict";

(() => {
  const LINKS = ".tape-row a";
  const FREE = "tape-free";

  // Moving -------------------------------------------------------------------------------------
  // The tabulator stops once in each row; from there arrows move.
  const linksOf = (row) => [...row.querySelectorAll("a")];

  function prepare() {
    for (const row of document.querySelectorAll(".tape-row")) {
      linksOf(row).forEach((link, position) => { link.tabIndex = position ? -1 : 0; });
    }
  }

  function middle(one) {
    const box = one.getBoundingClientRect();
    return (box.left + box.right) / 2;
  }

  function beside(link, step) {
    const links = linksOf(link.closest("tr"));
    return links[links.indexOf(link) + step];
  }

  function inNextRow(link, step) {
    const rows = [...document.querySelectorAll(".tape-row")].filter((row) => linksOf(row).length);
    const row = rows[rows.indexOf(link.closest("tr")) + step];
    if (!row) return null;
    const away = (other) => Math.abs(middle(other) - middle(link));
    return linksOf(row).reduce((best, other) => (away(other) < away(best) ? other : best));
  }

  const MOVES = {
    ArrowLeft: (link) => beside(link, -1),
    ArrowRight: (link) => beside(link, 1),
    ArrowUp: (link) => inNextRow(link, -1),
    ArrowDown: (link) => inNextRow(link, 1),
    Home: (link) => linksOf(link.closest("tr"))[0],
    End: (link) => linksOf(link.closest("tr")).at(-1),
  };

  // Choosing -----------------------------------------------------------------------------------
  // Free days beside each other, from `anchor` to `end`: the guest comes on the first and leaves on the last.
  let anchor = null;
  let end = null;

  function between(from, to) {
    const cells = [...from.parentElement.children];
    const step = Math.sign(cells.indexOf(to) - cells.indexOf(from));
    const chosen = [from];
    for (let at = cells.indexOf(from); cells[at] !== to; at += step) {
      if (!cells[at + step].classList.contains(FREE)) break;
      chosen.push(cells[at + step]);
    }
    return step < 0 ? chosen.reverse() : chosen;
  }

  function chosen() {
    if (!anchor) return [];
    const cells = between(anchor, end);
    while (cells.length && !cells[0].querySelector(".book")) cells.shift(); // nobody can arrive there
    return cells.length > 1 ? cells : [];
  }

  function show() {
    for (const cell of document.querySelectorAll(`.${FREE}.chosen`)) {
      cell.classList.remove("chosen");
      delete cell.dataset.choice;
    }
    const cells = chosen();
    if (!cells.length) return;
    for (const cell of cells) cell.classList.add("chosen");
    cells[0].dataset.choice = `${cells[0].dataset.words} – ${cells.at(-1).dataset.words}`;
    document.getElementById("announcer").textContent = cells[0].dataset.choice;
  }

  function choose(from, to) {
    [anchor, end] = [from, to];
    show();
  }

  function book() {
    const cells = chosen();
    if (!cells.length) return false;
    const url = new URL(cells[0].querySelector(".book").href);
    url.searchParams.set("until", cells.at(-1).dataset.day);
    choose(null, null);
    location.assign(url);
    return true;
  }

  // By hand ------------------------------------------------------------------------------------
  let isDragging = false;

  document.addEventListener("pointerdown", (event) => {
    const link = event.target.closest(".book");
    if (!link || event.button !== 0 || event.pointerType !== "mouse") return;
    isDragging = true;
    choose(link.parentElement, link.parentElement);
  });

  document.addEventListener("dragstart", (event) => {
    if (event.target.closest?.(".book")) event.preventDefault(); // links would be dragged themselves
  });

  document.addEventListener("pointerover", (event) => {
    const cell = isDragging && event.target.closest("td");
    if (cell && cell.parentElement === anchor.parentElement) choose(anchor, cell);
  });

  document.addEventListener("pointerup", (event) => {
    if (!isDragging) return;
    isDragging = false;
    const inRow = event.target.closest("tr") === anchor.parentElement;
    if (!inRow || !book()) choose(null, null);
  });

  document.addEventListener("pointercancel", () => {
    isDragging = false;
    choose(null, null);
  });

  // By keyboard --------------------------------------------------------------------------------
  function extend(link, step) {
    const from = anchor ?? link.parentElement;
    const last = end ?? from;
    const next = step < 0 ? last.previousElementSibling : last.nextElementSibling;
    if (next?.classList.contains(FREE)) choose(from, next);
  }

  document.addEventListener("keydown", (event) => {
    const link = event.target.closest(LINKS);
    if (!link || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && book()) event.preventDefault();
    if (event.key === "Escape") {
      isDragging = false;
      choose(null, null);
    }
    if (event.shiftKey && link.matches(".book") && /^Arrow(Left|Right)$/.test(event.key)) {
      event.preventDefault();
      extend(link, event.key === "ArrowLeft" ? -1 : 1);
    } else if (event.key in MOVES) {
      event.preventDefault();
      choose(null, null);
      MOVES[event.key](link)?.focus();
    }
  });

  document.addEventListener("focusin", (event) => {
    const link = event.target.closest(LINKS);
    if (!link) return;
    for (const other of linksOf(link.closest("tr"))) other.tabIndex = other === link ? 0 : -1;
  });

  document.addEventListener("htmx:afterSwap", prepare);
  document.addEventListener("htmx:historyRestore", prepare);
  window.addEventListener("pageshow", () => choose(null, null)); // back from the form
  prepare();
})();
