// What happened, newest first: the story in words, the calls, the webhooks, the invites.

import { post } from "/-/asking.js";
import { byId, element, keep, redraw } from "/-/dom.js";
import { clock, isGood, statusWords } from "/-/words.js";

const SHOWN = 24;
const SHOWN_CALLS = 14;
const KINDS = {
  accepted: ["way", "1", "Queued"],
  carried: ["ready", "2", "On the lock"],
  read: ["ready", "3", "In the cloud"],
  webhook: ["way", "4", "Webhook"],
  stale: ["look", "✕", "Copy not refreshed"],
  missing: ["act", "✕", "Not in the cloud"],
  lost: ["act", "✕", "Lost"],
  refused: ["act", "✕", "Refused by the lock"],
  call: ["act", "✕", "Refused by the API"],
  door: ["", "•", "At the door"],
  app: ["look", "≠", "In the Nuki app"],
  drill: ["look", "!", "Fire drill"],
};

export function showStory(state, onlyFor) {
  const events = [...state.happenings.map(told), ...state.calls.filter(isRefusedWrite).map(refused)]
    .filter((one) => onlyFor === null || one.smartlock_id === onlyFor || one.smartlock_id === 0)
    .sort((one, other) => new Date(other.at) - new Date(one.at) || other.sequence - one.sequence)
    .slice(0, SHOWN);
  byId("no-story").hidden = events.length > 0;
  const begun = new Map(state.happenings.filter((one) => one.kind === "accepted").map((one) => [one.operation_id, one.at]));
  keep(byId("story"), events, (one) => one.key, (one) => line(one, begun.get(one.operation_id)));
}

function told(one) {
  return { ...one, key: `told ${one.sequence}` };
}

function isRefusedWrite(call) {
  return call.method !== "GET" && !isGood(call.status);
}

function refused(call) {
  const found = /^\/smartlock\/(\d+)/.exec(call.path);
  const who = call.account || "Somebody";
  const ending = call.status === 0
    ? "no answer came, so the caller cannot know what was done."
    : `${call.status}, ${statusWords(call.status)}. Nothing is queued by this.`;
  return {
    key: `call ${call.at} ${call.path}`,
    at: call.at,
    sequence: 0,
    kind: "call",
    words: `${who} called ${call.method} ${call.path}: ${ending}`,
    smartlock_id: found ? Number(found[1]) : 0,
    good: true,
  };
}

function line(one, begunAt) {
  const made = element("li");
  const [tone, sign, word] = KINDS[one.kind] || ["", "•", one.kind];
  const kind = element("span", "kind", word);
  kind.dataset.tone = one.good ? tone : "act";
  kind.dataset.sign = one.good ? sign : "✕";
  const later = begunAt && begunAt !== one.at ? ` · ${((new Date(one.at) - new Date(begunAt)) / 1000).toFixed(1)} s later` : "";
  made.append(kind, element("span", "when", `${clock(one.at)}${later}`), element("span", "words", one.words));
  return made;
}

export function showCalls(state) {
  const grouped = [];
  for (const call of state.calls) {
    const last = grouped[grouped.length - 1];
    const alike = last && ["account", "method", "path", "status"].every((name) => last[name] === call[name]);
    if (alike) last.times += 1;
    else grouped.push({ ...call, times: 1 });
  }
  byId("no-calls").hidden = grouped.length > 0;
  const shown = grouped.slice(0, SHOWN_CALLS);
  redraw(byId("calls"), shown, () => shown.map(callLine));
}

function callLine(call) {
  const times = call.times > 1 ? `, ${call.times} times` : "";
  const who = `${clock(call.at)} · ${call.account || "unknown account"}${times}`;
  const status = call.status === 0 ? statusWords(0) : `${call.status} ${statusWords(call.status)}`;
  return logLine(status, isGood(call.status), `${call.method} ${call.path}`, who);
}

export function showWebhooks(state) {
  byId("no-webhooks").hidden = state.webhooks.length > 0;
  const shown = state.webhooks.slice(0, SHOWN_CALLS);
  redraw(byId("webhooks"), shown, () => shown.map((one) => {
    const answered = one.status === null ? "no answer" : `${one.status} ${one.good ? "received" : "not received"}`;
    return logLine(answered, one.good, one.feature, `${clock(one.at)} · ${one.milliseconds} ms · ${one.url}`);
  }));
}

function logLine(status, good, what, when) {
  const made = element("li");
  const shown = element("span", "status", `${good ? "✓" : "✕"} ${status}`);
  shown.dataset.tone = good ? "ready" : "act";
  made.append(shown, element("span", "what", what), element("span", "when", when));
  return made;
}

export function showInvites(state) {
  byId("invites-panel").hidden = !state.invites.length;
  redraw(byId("invites"), state.invites, () => state.invites.map(inviteLine));
}

function inviteLine(invite) {
  const made = element("li", "asking");
  made.append(element("span", "status", invite.redeemed_at ? "✓ redeemed" : "… sent"));
  made.append(element("span", "what", `${invite.email} for ${invite.door || "a door that is gone"}`));
  made.append(element("span", "when", `sent ${clock(invite.sent_at)}`));
  const [words, path] = invite.redeemed_at ? ["Open the door with it", "/-/open-with-app"] : ["Redeem", "/-/redeem"];
  const button = element("button", "", words);
  button.type = "button";
  button.addEventListener("click", () => useInvite(path, invite));
  made.append(button);
  return made;
}


async function useInvite(path, invite) {
  const outcome = byId("invite-outcome");
  try {
    const seen = await post(path, { authorization_id: invite.authorization_id });
    outcome.dataset.kind = seen && !seen.opened ? "act" : "way";
    if (!seen) outcome.textContent = "Redeemed: it is in the app now.";
    else outcome.textContent = seen.opened ? "✓ Opens." : `✕ Stays shut: ${seen.reason}.`;
  } catch (problem) {
    outcome.dataset.kind = "act";
    outcome.textContent = problem.message;
  }
  document.dispatchEvent(new Event("acted"));
}
