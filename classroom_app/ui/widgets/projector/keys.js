// What a key means on the projector: a keyboard, or a presenter's remote, which sends Page Up and Page Down.

const WISHES = new Map([
  [" ", "next"],
  ["ArrowRight", "next"],
  ["PageDown", "next"],
  ["Enter", "next"],
  ["ArrowLeft", "back"],
  ["PageUp", "back"],
  ["s", "sound"],
  ["S", "sound"],
]);

/** "next", "back", "sound", or null. A key that is held down, or one with others, means nothing. */
export function wishOf({ key, repeat, ctrlKey, altKey, metaKey, target }) {
  if (repeat || ctrlKey || altKey || metaKey) return null;
  if (target?.matches?.("input, textarea, select, [contenteditable=true]")) return null;
  return WISHES.get(key) ?? null;
}
