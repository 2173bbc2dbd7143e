// How sure an AI is, in the words that children read: the one place where a share of a label becomes words.
//
// Words and not percentages, because a share is not worth its digits: it is off by 1 to 18 of 100, depending on the
// photos and the place. The steps are worth their words wherever the photos come from (docs/measured.md): of the
// guesses from 0.9 on 98 of 100 were right, of those from 0.6 on 76 to 80, of the others about half.

const STEPS = [
  [0.9, "surely"],
  [0.6, "probably"],
  [0, "maybe"],
];
const SPOKEN_FROM = 0.2; // of a label that is not the best one: less is no guess at all
const KEPT_BY = 0.03; // a word changes only when the share is past the step by this much

/** "surely", "probably" or "maybe" for the share of the best label, 0 to 1. `before`: the word it had. */
export function surenessOf(share, before = "") {
  const word = (of) => STEPS.find(([least]) => of >= least)?.[1] ?? "maybe";
  const near = [word(share - KEPT_BY), word(share + KEPT_BY)];
  return near.includes(before) ? before : word(share);
}

/** The same for any label of a guess: "" where there is nothing to say. */
export const sayableSureness = (share, isBest, before) =>
  isBest || share >= SPOKEN_FROM ? surenessOf(share, before) : "";
