// Control calls to the simulator.

export class Problem extends Error {}

export async function read(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw new Problem(`The simulator answered ${answer.status}.`);
  return answer.json();
}

// Throws a Problem with the simulator's own sentence when it refuses.
export async function post(path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body ?? {}),
    });
  } catch {
    throw new Problem("The simulator does not answer.");
  }
  if (answer.status === 204) return null;
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(content.problem || `The simulator answered ${answer.status}.`);
  return content;
}
