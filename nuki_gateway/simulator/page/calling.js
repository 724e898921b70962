// Calls to the API as an integration would make them, for whoever has none at hand.

import { post } from "/-/asking.js";
import { element, part, redraw } from "/-/dom.js";
import { isGood, statusWords } from "/-/words.js";

const KEYPAD_CODE = 13;

export function calling(panel, door) {
  const path = `/smartlock/${door.smartlock_id}`;
  part(panel, "send").addEventListener("submit", (event) => {
    event.preventDefault();
    const body = { name: part(panel, "send-name").value, type: KEYPAD_CODE, code: Number(part(panel, "send-code").value) };
    call(panel, door, "PUT", `${path}/auth`, body);
  });
  part(panel, "delete").addEventListener("click", () => {
    call(panel, door, "DELETE", `${path}/auth/${part(panel, "listed").value}`);
  });
  part(panel, "sync").addEventListener("click", () => call(panel, door, "POST", `${path}/sync`));
}

export function showListed(panel, door) {
  const select = part(panel, "listed");
  const listed = door.in_the_cloud.map((one) => [one.id, one.name]);
  const before = select.value;
  redraw(select, listed, () => {
    if (!listed.length) return [option("", "nothing")];
    return listed.map(([id, name]) => option(id, name));
  });
  if (listed.some(([id]) => id === before) && select.value !== before) select.value = before;
  part(panel, "delete").disabled = !listed.length;
}

function option(value, text) {
  const made = element("option", "", text);
  made.value = value;
  return made;
}

async function call(panel, door, method, path, body) {
  const said = part(panel, "called");
  try {
    const answer = await post("/-/as-account", { account_id: door.account_id, method, path, body });
    said.dataset.kind = isGood(answer.status) ? "way" : "act";
    said.textContent = words(answer);
  } catch (problem) {
    said.dataset.kind = "act";
    said.textContent = problem.message;
  }
  document.dispatchEvent(new Event("acted"));
}

function words(answer) {
  if (answer.status === 204) return "204: checked and queued. That is all the API says. Watch “On its way”.";
  if (answer.status === 0) return "No answer. Whether it was carried out, the caller cannot know.";
  const detail = answer.body && answer.body.detailMessage ? ` ${answer.body.detailMessage}.` : "";
  return `${answer.status}: ${statusWords(answer.status)}.${detail}`;
}
