// The few things this page does with elements; what did not change is never touched, so focus and typed text stay.

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function byId(id) {
  return document.getElementById(id);
}

export function part(card, name) {
  return card.querySelector(`[data-part="${name}"]`);
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setData(node, name, value) {
  if (node.dataset[name] !== String(value)) node.dataset[name] = String(value);
}

// Draws the children anew, but only when what they show has changed.
export function redraw(node, value, children) {
  const key = JSON.stringify(value);
  if (node.drawn === key) return;
  node.drawn = key;
  node.replaceChildren(...children());
}

// Keeps one child for each item, in their order; makes what is new and drops what is gone.
export function keep(node, items, keyOf, make) {
  const known = new Map([...node.children].map((child) => [child.key, child]));
  const first = !node.filled;
  node.filled = true;
  const wanted = items.map((item) => {
    const key = keyOf(item);
    const child = known.get(key) || make(item);
    if (!known.has(key) && !first) child.classList.add("new");
    child.key = key;
    return child;
  });
  const same = wanted.length === node.children.length && wanted.every((child, place) => child === node.children[place]);
  if (!same) node.replaceChildren(...wanted);
}
