// What is on its way to a lock or back, step by step; what is done stays for a moment, so that it can be seen.

import { element, part, redraw } from "/-/dom.js";

const STEPS = ["Waiting", "On its way", "Being read back"];
const SHOWN_DONE_MILLISECONDS = 4000;
const FAILURES = ["lost", "refused", "stale", "missing"];
const known = new Map();

export function showOperations(panel, door, state) {
  const shown = [...door.operations.map((one) => ({ ...one, left: secondsLeft(one, state.now) })), ...over(door, state)];
  part(panel, "no-operations").hidden = shown.length > 0;
  redraw(part(panel, "operations"), shown, () => shown.map(line));
}

function secondsLeft(operation, now) {
  if (!operation.due_at) return null;
  return Math.max(0, Math.ceil((new Date(operation.due_at) - new Date(now)) / 1000));
}

function over(door, state) {
  const before = known.get(door.smartlock_id) || new Map();
  const here = new Set(door.operations.map((one) => one.id));
  const kept = new Map();
  for (const [id, one] of before) {
    if (here.has(id)) continue;
    const since = one.since || Date.now();
    if (Date.now() - since < SHOWN_DONE_MILLISECONDS) kept.set(id, { ...one, since });
  }
  const finished = [...kept.values()].map((one) => ended(one, state));
  door.operations.forEach((one) => kept.set(one.id, one));
  known.set(door.smartlock_id, kept);
  return finished;
}

function ended(operation, state) {
  const failed = state.happenings.some((one) => one.operation_id === operation.id && FAILURES.includes(one.kind));
  const stage = failed ? "✕ failed in silence" : "✓ done";
  return { ...operation, stage, over: failed ? "failed" : "done", step: failed ? operation.step : STEPS.length + 1, left: null };
}

function line(operation) {
  const made = element("li");
  made.dataset.over = operation.over || "no";
  made.dataset.stuck = String(!operation.over && operation.step === 1 && operation.stage !== "waits its turn");
  const head = element("div", "head");
  const left = operation.left === null ? "" : `, about ${operation.left} s`;
  head.append(element("span", "words", operation.words), element("span", "stage", operation.stage + left));
  made.append(head);
  if (!operation.reads_only) made.append(steps(operation.step));
  return made;
}

function steps(step) {
  const ladder = element("ol", "steps");
  STEPS.forEach((words, place) => {
    const one = element("li", "", words);
    one.dataset.state = place + 1 < step ? "past" : place + 1 === step ? "now" : "ahead";
    ladder.append(one);
  });
  return ladder;
}
