// How instants, windows and statuses are said.

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const EVERY_DAY = 127;
const STATUSES = {
  0: "no answer",
  200: "answered",
  204: "taken",
  400: "value refused",
  401: "token unknown",
  402: "not paid",
  403: "not allowed",
  404: "unknown",
  405: "not for this",
  409: "code is there already",
  422: "cannot be read",
  423: "busy",
  429: "too many calls",
};

export function statusWords(status) {
  if (STATUSES[status]) return STATUSES[status];
  if (status >= 500) return "service failed";
  return status >= 400 ? "refused" : "answered";
}

export function isGood(status) {
  return status >= 200 && status < 400;
}

export function instant(iso, zone, withSeconds) {
  const options = { timeZone: zone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (withSeconds) options.second = "2-digit";
  return new Intl.DateTimeFormat("en-GB", options).format(new Date(iso));
}

export function clock(iso) {
  return new Date(iso).toLocaleTimeString("en-GB");
}

export function ago(iso, now) {
  const seconds = Math.max(0, Math.round((new Date(now) - new Date(iso)) / 1000));
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${seconds - (seconds % 5)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86400)} d ago`;
}

export function spaced(code) {
  return code ? code.replace(/(..)(?=.)/g, "$1 ") : "app, no code";
}

export function several(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}

export function windowWords(entry, zone) {
  const words = entry.enabled ? [] : ["disabled"];
  if (!entry.allowed_from) return [...words, "always"].join(", ");
  const from = instant(entry.allowed_from, zone);
  words.push(entry.allowed_until ? `${from} – ${instant(entry.allowed_until, zone)}` : `from ${from}`);
  if (entry.weekdays !== null && entry.weekdays !== EVERY_DAY) {
    const days = WEEKDAYS.filter((_, place) => entry.weekdays & (64 >> place));
    words.push(days.length ? days.join(" ") : "on no day");
  }
  const first = entry.from_minute || 0;
  const end = entry.until_minute || 0;
  if (first !== end) words.push(`${ofDay(first)}–${ofDay(end)}`);
  return words.join(", ");
}

function ofDay(minutes) {
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
