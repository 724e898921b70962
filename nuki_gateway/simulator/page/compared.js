// What the lock has beside what the cloud says; a difference is told by colour, sign and word.

import { element, part, redraw, setText } from "/-/dom.js";
import { spaced, windowWords } from "/-/words.js";

const SHOWN_SAME = 25;
const VERDICTS = {
  "the same": ["", "="],
  "only on the lock": ["look", "←"],
  "only in the cloud": ["act", "→"],
  differs: ["look", "≠"],
};
const FACTS = {
  name: "name",
  code: "code",
  enabled: "on or off",
  allowed_from: "beginning",
  allowed_until: "end",
  weekdays: "weekdays",
  from_minute: "times",
  until_minute: "times",
};

export function showCompared(panel, door) {
  setText(part(panel, "lock-count"), door.on_the_lock.length ? String(door.on_the_lock.length) : "");
  setText(part(panel, "cloud-count"), door.in_the_cloud.length ? String(door.in_the_cloud.length) : "");
  redraw(part(panel, "rows"), door.compared, () => lines(door));
}

// A lock may hold 200 codes: all that is odd is shown, and the first of what is the same.
function lines(door) {
  if (!door.compared.length) return [three("No codes", "", "No codes")];
  let same = 0;
  const shown = door.compared.filter((row) => row.waiting || row.verdict !== "the same" || ++same <= SHOWN_SAME);
  const left = door.compared.length - shown.length;
  const made = shown.map((row) => line(row, door.zone));
  return left ? [...made, three(`and ${left} more`, "the same", `and ${left} more`)] : made;
}

function line(row, zone) {
  const made = element("tr");
  const [kind, sign] = row.waiting ? ["way", "…"] : VERDICTS[row.verdict];
  if (kind) made.dataset.kind = kind;
  const verdict = element("td");
  const words = element("div", "verdict");
  if (kind) words.dataset.kind = kind;
  const shown = element("span", "sign", sign);
  shown.setAttribute("aria-hidden", "true");
  words.append(shown, verdictWords(row));
  verdict.append(words);
  made.append(side(row.lock, zone), verdict, side(row.cloud, zone));
  return made;
}

function verdictWords(row) {
  if (row.waiting && row.verdict === "only on the lock") return "only on the lock, being read back";
  if (row.waiting) return row.verdict === "the same" ? "being changed" : `${row.verdict}, being changed`;
  if (row.verdict !== "differs") return row.verdict;
  return `differs: ${[...new Set(row.differing.map((name) => FACTS[name]))].join(", ")}`;
}

function side(entry, zone) {
  const cell = element("td");
  if (!entry) {
    cell.append(element("span", "missing", "–"));
    return cell;
  }
  cell.append(element("span", "name", entry.name));
  cell.append(element("span", "digits-shown", spaced(entry.code)));
  cell.append(element("span", "window", windowWords(entry, zone)));
  return cell;
}

function three(...words) {
  const made = element("tr");
  for (const word of words) {
    const cell = element("td");
    cell.append(element("span", "missing", word));
    made.append(cell);
  }
  return made;
}
