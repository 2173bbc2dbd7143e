// How long a page that failed waits.

const FIRST_MS = 3000;
const LONGEST_MS = 6_500; // with its chance below ten seconds
export const LOST_AFTER_MS = 30_000; // longer than a run waits for a database that does not answer

/** After so many tries; `chance`, 0 to 1, keeps a class's pages from coming all at once. */
export const againMs = (tries, chance) =>
  Math.min(LONGEST_MS, FIRST_MS * 1.4 ** tries) * (0.6 + 0.8 * chance);
