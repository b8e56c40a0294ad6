// Where the keyboard is, and how it stays there although what it was on is drawn anew.

/** What has the focus: the element, the message that it stands in, and what it is there. */
export function focused() {
  const element = document.activeElement;
  return { element, ts: element.closest?.(".message")?.dataset.ts, key: element.dataset.key };
}

/** Give the focus back to what had it; where that was drawn anew, to what stands in its place in `root`, its message at least. */
export function goBack({ element, ts, key }, root, otherwise) {
  const message = ts && root.querySelector(`.message[data-ts="${ts}"]`), around = message || root;
  const same = key && [...around.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key);
  (element.isConnected ? element : same || message || otherwise).focus({ preventScroll: true });
}

/** Draw what stands in `root` anew; whoever worked in it with the keyboard is still there afterwards. */
export function keepingFocus(root, draw, otherwise = root) {
  const before = focused(), isInside = before.element !== root && root.contains(before.element);
  draw();
  if (isInside && !root.contains(document.activeElement)) goBack(before, root, otherwise);
}

/** Have exactly `wanted` stand in `element`, in that order; what stands there already is not touched. */
export function arrange(element, wanted) {
  const keep = new Set(wanted);
  for (const each of [...element.children]) if (!keep.has(each)) each.remove();
  let next = element.firstChild;
  for (const each of wanted) {
    if (each === next) next = next.nextSibling;
    else element.insertBefore(each, next);
  }
}
