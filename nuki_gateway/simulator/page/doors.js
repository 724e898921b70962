// The row of doors to choose from, and the panel of the one that is chosen.

import { post } from "/-/asking.js";
import { calling, showListed } from "/-/calling.js";
import { showCompared } from "/-/compared.js";
import { byId, element, part, redraw, setData, setText } from "/-/dom.js";
import { addDoorDrills } from "/-/drills.js";
import { showOperations } from "/-/queue.js";
import { ago, instant, several } from "/-/words.js";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
const KEYPADS = { keypad: "Keypad", keypad2: "Keypad 2" };
const picks = new Map();
const panels = new Map();
let chosen = Number(location.hash.slice(1)) || null;

export function chosenDoor() {
  return chosen;
}

export function showDoors(state) {
  const ids = state.doors.map((door) => door.smartlock_id);
  if (!ids.includes(chosen)) chosen = ids[0] ?? null;
  byId("no-doors").hidden = ids.length > 0;
  state.doors.forEach((door) => {
    showPick(door);
    showPanel(door, state);
  });
  for (const [id, pick] of picks) pick.hidden = !ids.includes(id);
  choose(chosen);
}

function choose(id) {
  chosen = id;
  for (const [one, pick] of picks) pick.setAttribute("aria-pressed", String(one === id));
  for (const [one, panel] of panels) panel.hidden = one !== id;
}

function showPick(door) {
  if (!picks.has(door.smartlock_id)) makePick(door);
  const pick = picks.get(door.smartlock_id);
  setText(pick.querySelector(".name"), door.name);
  const odd = door.compared.filter((row) => row.verdict !== "the same" && !row.waiting).length;
  const notes = [["", several(door.on_the_lock.length, "code", "codes")]];
  if (!door.online) notes.push(["note-act", "✕ offline"]);
  if (!door.keypad) notes.push(["", "no keypad"]);
  if (door.operations.length) notes.push(["note-way", `→ ${door.operations.length} on the way`]);
  if (odd) notes.push(["note-look", `≠ ${several(odd, "difference", "differences")}`]);
  redraw(pick.querySelector(".notes"), notes, () => notes.map(([kind, text]) => element("span", kind, text)));
}

function makePick(door) {
  const pick = element("button", "pick");
  pick.type = "button";
  pick.append(element("span", "name"), element("span", "notes"));
  pick.addEventListener("click", () => {
    history.replaceState(null, "", `#${door.smartlock_id}`);
    choose(door.smartlock_id);
    document.dispatchEvent(new Event("chosen"));
  });
  byId("doors").append(pick);
  picks.set(door.smartlock_id, pick);
}

function showPanel(door, state) {
  const panel = panels.get(door.smartlock_id) || makePanel(door);
  setText(part(panel, "name"), door.name);
  setText(part(panel, "account"), door.account);
  setText(part(panel, "about"), about(door));
  setText(part(panel, "reach"), door.online ? "Online" : "Offline");
  setData(part(panel, "reach"), "online", door.online);
  setText(part(panel, "toggle"), door.online ? "Take offline" : "Bring online");
  setData(panel, "online", door.online);
  setText(part(panel, "copy-read"), `The cloud last read the whole lock ${ago(door.copy_read_at, state.now)}.`);
  showNames(panel, door);
  showCompared(panel, door);
  showOperations(panel, door, state);
  showListed(panel, door);
}

// The names that the lock knows, offered wherever a drill asks for one.
function showNames(panel, door) {
  const names = door.on_the_lock.map((one) => one.name);
  redraw(part(panel, "names"), names, () => names.map((name) => {
    const option = element("option");
    option.value = name;
    return option;
  }));
}

function about(door) {
  const time = instant(door.device_time, door.zone);
  const keypad = KEYPADS[door.keypad] || "no keypad";
  return `${door.type}, ${keypad} · battery ${door.battery} % · its clock says ${time}, ${door.zone}`;
}

function makePanel(door) {
  const panel = byId("door-template").content.firstElementChild.cloneNode(true);
  const field = part(panel, "code");
  field.id = `code-${door.smartlock_id}`;
  part(panel, "names").id = `names-${door.smartlock_id}`;
  part(panel, "label").htmlFor = field.id;
  setText(part(panel, "label"), `Code for ${door.name}`);
  setText(part(panel, "compared-title"), `Codes of ${door.name}: what the lock has, and what the cloud says`);
  say(part(panel, "answer"), "idle", "", "Type a code and press Enter.");
  addDigits(panel, door);
  field.addEventListener("input", () => {
    field.value = field.value.replace(/\D/g, "");
  });
  part(panel, "keypad").addEventListener("submit", (event) => {
    event.preventDefault();
    typeCode(panel, door.smartlock_id);
  });
  part(panel, "toggle").addEventListener("click", () => toggle(panel, door.smartlock_id));
  calling(panel, door);
  addDoorDrills(panel, door);
  byId("panels").append(panel);
  panels.set(door.smartlock_id, panel);
  return panel;
}

async function toggle(panel, smartlockId) {
  const action = panel.dataset.online === "true" ? "offline" : "online";
  await post(`/-/locks/${smartlockId}/${action}`).catch(() => null); // the next refresh says if nobody answers
  document.dispatchEvent(new Event("acted"));
}

function addDigits(panel, door) {
  const field = part(panel, "code");
  part(panel, "digits").setAttribute("aria-label", `Keypad of ${door.name}`);
  for (const digit of DIGITS) {
    const button = element("button", "", digit);
    button.type = "button";
    button.addEventListener("click", () => {
      if (field.value.length < field.maxLength) field.value += digit;
    });
    part(panel, "digits").append(button);
  }
  part(panel, "clear").addEventListener("click", () => {
    field.value = "";
    field.focus();
  });
}

async function typeCode(panel, smartlockId) {
  const field = part(panel, "code");
  const answer = part(panel, "answer");
  const code = field.value.trim();
  if (!code) {
    say(answer, "idle", "", "Type a code and press Enter.");
    return;
  }
  try {
    const typed = await post(`/-/locks/${smartlockId}/type-code`, { code });
    if (typed.opened) say(answer, "open", "✓ Opens", "");
    else say(answer, "shut", "✕ Stays shut", `${typed.reason[0].toUpperCase()}${typed.reason.slice(1)}.`);
    field.value = "";
  } catch (problem) {
    say(answer, "shut", "", problem.message);
  }
  document.dispatchEvent(new Event("acted"));
}

function say(node, kind, big, small) {
  node.dataset.kind = kind;
  node.replaceChildren(...(big ? [element("b", "", big)] : []), small);
}
