// Fire drills: the simulator lists what can be made to go wrong, the page makes a button of each.

import { post, read } from "/-/asking.js";
import { byId, element, part } from "/-/dom.js";

const APP = "app";
const TOPICS = [
  ["Writes", /write|delete|phantom|collide|busy/],
  ["The cloud’s list", /copy|unread|list/],
  ["Connection", /^(offline|online)$/],
  ["Keypad, batteries, places", /keypad|batter|foreign-codes/],
  ["Webhooks", /webhook|signature/],
  ["The log and the door", /log|motor|ajar/],
  ["Clock and zone", /clock|zone/],
  ["Account and identity", /subscription|account|replace|change-id|token|scope|refresh|invite/],
];
const REST = "Answers";
let known = [];

// Called once, before any door is shown.
export async function learnDrills() {
  known = await read("/-/drills.json").catch(() => []);
}

export function addDoorDrills(panel, door) {
  const drills = known.filter((one) => one.scope === "lock");
  const target = { smartlock_id: door.smartlock_id };
  part(panel, "drills").append(...byTopic(drills.filter((one) => !isOfTheApp(one)), target, `drills-${door.smartlock_id}`));
  part(panel, "app").append(...drills.filter(isOfTheApp).map((one) => drillForm(one, target)));
  part(panel, "app-group").hidden = !drills.some(isOfTheApp);
}

export function addWideDrills(accounts) {
  const place = byId("wide-drills");
  for (const account of accounts) {
    const drills = known.filter((one) => one.scope === "account");
    place.append(...group(`Account ${account.name}`, drills, { account_id: account.account_id }));
  }
  const everywhere = known.filter((one) => one.scope === "world");
  place.append(...group("The whole service", everywhere, {}));
  byId("drills-panel").hidden = !place.children.length;
}

function isOfTheApp(drill) {
  return drill.key.split(/[-_]/)[0] === APP;
}

function group(title, drills, target) {
  if (!drills.length) return [];
  const made = element("section");
  const name = `drills-${target.account_id || "everybody"}`;
  made.append(element("h3", "", title), ...byTopic(drills, target, name));
  return [made];
}

// Folded away by topic, one open at a time.
function byTopic(drills, target, name) {
  const topics = new Map();
  for (const drill of drills) {
    const [topic] = TOPICS.find(([, pattern]) => pattern.test(drill.key)) || [REST];
    topics.set(topic, [...(topics.get(topic) || []), drill]);
  }
  return [...topics].map(([topic, ones]) => {
    const made = element("details", "topic");
    made.name = name;
    const summary = element("summary");
    summary.append(element("span", "", topic), " ", element("span", "count", String(ones.length)));
    made.append(summary, ...ones.map((one) => drillForm(one, target)));
    return made;
  });
}

function drillForm(drill, target) {
  const form = element("form", "drill");
  const button = element("button", "", drill.words);
  const outcome = element("p", "outcome");
  outcome.setAttribute("role", "status");
  form.append(element("p", "hint", drill.hint.replace(/ \((F\d+(, )?)+\)/, "")));
  const fields = (drill.parameters || []).map((one) => field(one, target.smartlock_id));
  if (fields.length) {
    const place = element("div", "parameters");
    place.append(...fields.map((one) => one.label));
    form.append(place);
  }
  form.append(button, outcome);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(fields.map((one) => [one.name, one.value()]));
    try {
      await post(`/-/drills/${drill.key}`, { ...target, ...values });
      outcome.dataset.kind = "way";
      outcome.textContent = "Done.";
    } catch (problem) {
      outcome.dataset.kind = "act";
      outcome.textContent = problem.message;
    }
    document.dispatchEvent(new Event("acted"));
  });
  return form;
}

function field(parameter, smartlockId) {
  const label = element("label", "", "");
  const isTruth = typeof parameter.default === "boolean";
  const isNumber = typeof parameter.default === "number";
  const choices = parameter.choices || null;
  const input = element(choices ? "select" : "input");
  if (choices) {
    input.append(...choices.map((one) => element("option", "", String(one))));
    input.value = String(parameter.default);
    label.append(parameter.label, input);
  } else if (isTruth) {
    label.className = "tick";
    input.type = "checkbox";
    input.checked = parameter.default;
    label.append(input, parameter.label);
  } else {
    input.type = isNumber ? "number" : "text";
    if (isNumber) input.step = "any";
    input.value = parameter.default ?? "";
    if (parameter.name === "name" && smartlockId) input.setAttribute("list", `names-${smartlockId}`);
    label.append(parameter.label, input);
  }
  const value = () => (isTruth ? input.checked : isNumber ? Number(input.value) : input.value);
  return { name: parameter.name, label, value };
}
