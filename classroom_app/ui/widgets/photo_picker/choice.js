// Which photos are shown and which are chosen: pure, without a page.

/** Photos of the label and of the state; an empty one stands for all. */
export const filtered = (photos, label, state) =>
  photos.filter((photo) => (!label || photo.label_id === label) && (!state || photo.state === state));

/** Of those chosen, the ones that are still there. What is filtered away stays chosen only while it is seen. */
export function stillChosen(chosen, shown) {
  const there = new Set(shown.map((photo) => photo.id));
  return new Set([...chosen].filter((id) => there.has(id)));
}

/** How many photos each value of a field has, in no order. */
export function tally(photos, field) {
  const counts = new Map();
  for (const photo of photos) counts.set(photo[field], (counts.get(photo[field]) ?? 0) + 1);
  return counts;
}

/** One word for a choice: the same for the same photos, in whatever order they were tapped. */
export const named = (chosen) => [...chosen].sort().join(" ");
