// Reads the state every half second while somebody looks, and shows it.

import { post, read } from "/-/asking.js";
import { chosenDoor, showDoors } from "/-/doors.js";
import { byId, setText } from "/-/dom.js";
import { addWideDrills, learnDrills } from "/-/drills.js";
import { showCalls, showInvites, showStory, showWebhooks } from "/-/story.js";
import { instant } from "/-/words.js";

const REFRESH_MILLISECONDS = 500;
const READING = "simulator: how to read";
let latest = null;
let waiting = null;
let accountsShown = false;

function show(state) {
  latest = state;
  setText(byId("now"), instant(state.now, undefined, true));
  showMix(state.mix);
  showDoors(state);
  showStory(state, byId("only-this").checked ? chosenDoor() : null);
  showCalls(state);
  showWebhooks(state);
  showInvites(state);
  if (!accountsShown) addWideDrills(state.accounts);
  accountsShown = true;
}

function showMix(mix) {
  const select = byId("mix");
  select.closest("label").hidden = mix === undefined;
  if (mix !== undefined && document.activeElement !== select) select.value = mix;
}

async function refresh() {
  const trouble = byId("trouble");
  try {
    show(await read("/-/state.json"));
    trouble.hidden = true;
  } catch {
    setText(trouble, "The simulator does not answer. What you see is from before; the page goes on asking.");
    trouble.hidden = false;
  }
}

async function refreshWhileVisible() {
  clearTimeout(waiting);
  if (document.hidden) return;
  await refresh();
  clearTimeout(waiting);
  waiting = setTimeout(refreshWhileVisible, REFRESH_MILLISECONDS);
}

// A browser may keep nothing for this page; then it is unfolded again next time.
function rememberFolding() {
  const reading = byId("reading");
  try {
    if (localStorage.getItem(READING) === "folded") reading.open = false;
    reading.addEventListener("toggle", () => localStorage.setItem(READING, reading.open ? "open" : "folded"));
  } catch {
    reading.open = true;
  }
}

rememberFolding();
document.addEventListener("visibilitychange", refreshWhileVisible);
document.addEventListener("acted", refreshWhileVisible);
document.addEventListener("chosen", () => latest && show(latest));
byId("only-this").addEventListener("change", () => latest && show(latest));
byId("mix").addEventListener("change", () => post("/-/mix", { mix: byId("mix").value }).then(refresh, refresh));
await learnDrills();
refreshWhileVisible();
