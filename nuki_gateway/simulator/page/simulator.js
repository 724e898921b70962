// Shows the simulated doors and lets a person type codes. Each second the state is read anew; only what changed is
// redrawn, so that nothing typed and no focus is lost.
"use strict";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
const REFRESH_MILLISECONDS = 1000;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const EVERY_DAY = 127;
const cards = new Map();

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function part(card, name) {
  return card.querySelector(`[data-part="${name}"]`);
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function redraw(node, value, children) {
  const key = JSON.stringify(value);
  if (node.dataset.drawn === key) return;
  node.dataset.drawn = key;
  node.replaceChildren(...children());
}

function instant(iso, zone, withSeconds) {
  const options = { timeZone: zone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (withSeconds) options.second = "2-digit";
  return new Intl.DateTimeFormat("en-GB", options).format(new Date(iso));
}

function clockTime(minutes) {
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function windowWords(entry, zone) {
  const words = [];
  if (!entry.enabled) words.push("disabled");
  if (!entry.allowed_from) return [...words, "always"].join(", ");
  const from = instant(entry.allowed_from, zone);
  words.push(entry.allowed_until ? `${from} – ${instant(entry.allowed_until, zone)}` : `from ${from}`);
  if (entry.weekdays !== null && entry.weekdays !== EVERY_DAY) {
    const days = WEEKDAYS.filter((_, place) => entry.weekdays & (64 >> place));
    words.push(days.length ? days.join(" ") : "on no day");
  }
  const first = entry.from_minute || 0;
  const end = entry.until_minute || 0;
  if (first !== end) words.push(`${clockTime(first)}–${clockTime(end)}`);
  return words.join(", ");
}

function same(one, other) {
  const facts = ["name", "code", "enabled", "allowed_from", "allowed_until", "weekdays", "from_minute", "until_minute"];
  return facts.every((fact) => one[fact] === other[fact]);
}

function remark(entry, others, missing) {
  if (entry.waiting) return ["way", "Being changed"];
  const twin = others.find((other) => other.number === entry.number);
  if (!twin) return ["act", missing];
  return same(entry, twin) ? null : ["act", "Differs from the other side"];
}

function entryLine(entry, others, zone, missing) {
  const line = element("li");
  line.append(element("span", "label", entry.name));
  line.append(element("span", "digits-shown", entry.code ? entry.code.replace(/(..)(?=.)/g, "$1 ") : "app"));
  line.append(element("span", "window", windowWords(entry, zone)));
  const said = remark(entry, others, missing);
  if (said) {
    const differs = element("span", "differs", said[1]);
    differs.dataset.kind = said[0];
    line.append(differs);
  }
  return line;
}

function entryLines(entries, others, zone, missing) {
  if (!entries.length) return [element("li", "none", "Nothing")];
  return entries.map((entry) => entryLine(entry, others, zone, missing));
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? "" : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`The simulator answered ${answer.status}.`);
  return answer.status === 204 ? null : answer.json();
}

function say(node, kind, text) {
  node.dataset.kind = kind;
  node.textContent = text;
}

async function typeCode(card, smartlockId) {
  const field = part(card, "code");
  const answer = part(card, "answer");
  const code = field.value.trim();
  if (!code) {
    say(answer, "idle", "Type a code and press Enter.");
    return;
  }
  try {
    const typed = await post(`/-/locks/${smartlockId}/type-code`, { code });
    say(answer, typed.opened ? "open" : "shut", typed.opened ? "Open" : `Stays shut: ${typed.reason}`);
    field.value = "";
  } catch {
    say(answer, "shut", "The simulator does not answer.");
  }
}

async function press(card, path, said) {
  const outcome = part(card, "outcome");
  try {
    await post(path);
    outcome.textContent = said;
    await refresh();
  } catch {
    outcome.textContent = "The simulator does not answer.";
  }
}

function addDigits(card, door) {
  const field = part(card, "code");
  part(card, "digits").setAttribute("aria-label", `Keypad of ${door.name}`);
  for (const digit of DIGITS) {
    const button = element("button", "", digit);
    button.type = "button";
    button.addEventListener("click", () => {
      if (field.value.length < field.maxLength) field.value += digit;
    });
    part(card, "digits").append(button);
  }
  part(card, "clear").addEventListener("click", () => {
    field.value = "";
    field.focus();
  });
}

function makeCard(door) {
  const card = document.getElementById("door-template").content.firstElementChild.cloneNode(true);
  const path = `/-/locks/${door.smartlock_id}`;
  const field = part(card, "code");
  field.id = `code-${door.smartlock_id}`;
  part(card, "label").htmlFor = field.id;
  setText(part(card, "label"), `Code for ${door.name}`);
  addDigits(card, door);
  field.addEventListener("input", () => {
    field.value = field.value.replace(/\D/g, "");
  });
  part(card, "keypad").addEventListener("submit", (event) => {
    event.preventDefault();
    typeCode(card, door.smartlock_id);
  });
  part(card, "toggle").addEventListener("click", () => {
    const online = card.dataset.online === "true";
    press(card, `${path}/${online ? "offline" : "online"}`, online ? "The lock is offline now." : "The lock is back.");
  });
  part(card, "lose").addEventListener("click", () => {
    press(card, `${path}/lose-next-write`, "The next write will be accepted and lost.");
  });
  document.getElementById("doors").append(card);
  cards.set(door.smartlock_id, card);
  return card;
}

function about(door) {
  const keypad = { keypad: "Keypad", keypad2: "Keypad 2" }[door.keypad] || "no keypad";
  const time = instant(door.device_time, door.zone);
  return `${door.account} · ${door.type}, ${keypad} · battery ${door.battery} % · ${time} ${door.zone}`;
}

function showDoor(door) {
  const card = cards.get(door.smartlock_id) || makeCard(door);
  card.dataset.online = String(door.online);
  setText(part(card, "name"), door.name);
  setText(part(card, "about"), about(door));
  setText(part(card, "reach"), door.online ? "Online" : "Offline");
  part(card, "reach").dataset.online = String(door.online);
  setText(part(card, "toggle"), door.online ? "Take offline" : "Bring online");
  const truth = door.on_the_lock;
  const copy = door.in_the_cloud;
  setText(part(card, "lock-count"), truth.length ? String(truth.length) : "");
  setText(part(card, "cloud-count"), copy.length ? String(copy.length) : "");
  redraw(part(card, "lock-entries"), [truth, copy], () => entryLines(truth, copy, door.zone, "Not in the cloud yet"));
  redraw(part(card, "cloud-entries"), [copy, truth], () => entryLines(copy, truth, door.zone, "Not on the lock"));
  part(card, "waiting").hidden = !door.operations.length;
  redraw(part(card, "operations"), door.operations, () => door.operations.map((operation) => {
    const line = element("li");
    line.append(element("span", "words", operation.words), element("span", "stage", operation.stage));
    return line;
  }));
}

function callLine(call) {
  const line = element("li");
  const status = element("span", "status", call.status === 0 ? "cut" : String(call.status));
  if (call.status === 0 || call.status >= 400) status.dataset.kind = "refused";
  const when = `${new Date(call.at).toLocaleTimeString("en-GB")} · ${call.account || "unknown account"}`;
  line.append(status, element("span", "path", `${call.method} ${call.path}`), element("span", "when", when));
  return line;
}

function show(state) {
  setText(document.getElementById("now"), instant(state.now, undefined, true));
  document.getElementById("no-doors").hidden = state.doors.length > 0;
  document.getElementById("no-calls").hidden = state.calls.length > 0;
  state.doors.forEach(showDoor);
  redraw(document.getElementById("calls"), state.calls, () => state.calls.map(callLine));
}

async function refresh() {
  const trouble = document.getElementById("trouble");
  try {
    const answer = await fetch("/-/state.json", { cache: "no-store" });
    if (!answer.ok) throw new Error(`The simulator answered ${answer.status}.`);
    show(await answer.json());
    trouble.hidden = true;
  } catch {
    trouble.hidden = false;
    setText(trouble, "The simulator does not answer. What you see is from before; the page goes on asking.");
  }
}

async function refreshForEver() {
  await refresh();
  setTimeout(refreshForEver, REFRESH_MILLISECONDS);
}

refreshForEver();
