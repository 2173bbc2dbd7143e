// What the bars say: shares that change calmly, an order that changes only for a clear lead, doubt with a memory.

const SMOOTH_MS = 450; // how long the shares remember
const OVERTAKE_BY = 0.03; // a bar overtakes another only by this much
const UNSURE_FROM = 0.6; // of 1; once in doubt, it stays so down to SURE_FROM
const SURE_FROM = 0.4;
const TORN_BELOW = 0.2; // of 1: the lead of the best label over the next, below which the AI is between two
const APART_FROM = 0.3; // once torn, it stays so up to this lead

/** The order of the bars anew: label ids from best to worst, changed only where one is ahead by `lead`. */
export function reordered(order, shares, lead) {
  const newcomers = [...shares.keys()].filter((id) => !order.includes(id));
  const next = [...order, ...newcomers];
  if (newcomers.length) next.sort((a, b) => shares.get(b) - shares.get(a));
  for (let round = 0; round < next.length; round += 1) {
    for (let at = 1; at < next.length; at += 1) {
      const [ahead, behind] = [next[at - 1], next[at]];
      if (shares.get(behind) > shares.get(ahead) + lead) [next[at - 1], next[at]] = [behind, ahead];
    }
  }
  return next;
}

export class CalmGuess {
  constructor() {
    this.shares = new Map(); // label id -> smoothed share, 0 to 1
    this.known = new Map(); // label id -> {emoji, name}
    this.order = []; // label ids, best first
    this.doubt = 0;
    this.unsure = false;
    this.torn = false;
    this.version = null; // of the model
    this.restart();
  }

  /** Another picture: nothing to be smoothed with. */
  restart() {
    this.learnedAt = null;
  }

  /** Takes in an answer at `nowMs`. `still`: the picture stands still, so the answer counts as it is. */
  learn({ version, scores, unsure }, still, nowMs) {
    this.version = version;
    const weight = still || this.learnedAt === null ? 1 : 1 - Math.exp((this.learnedAt - nowMs) / SMOOTH_MS);
    this.learnedAt = nowMs;
    const mix = (before, after) => before + (after - before) * weight;
    const heard = new Map(scores.map((score) => [score.label_id, score.p]));
    for (const score of scores) {
      this.known.set(score.label_id, score);
      if (!this.shares.has(score.label_id)) this.shares.set(score.label_id, score.p);
    }
    for (const [id, share] of this.shares) this.shares.set(id, mix(share, heard.get(id) ?? 0));
    this.doubt = mix(this.doubt, unsure ? 1 : 0);
    this.unsure = this.doubt > (this.unsure ? SURE_FROM : UNSURE_FROM);
    this.order = reordered(this.order, this.shares, still ? 0 : OVERTAKE_BY);
    this.torn = this.lead < (this.torn ? APART_FROM : TORN_BELOW);
  }

  /** How far the best label is ahead of the next, 0 to 1. */
  get lead() {
    const [best = 0, next = 0] = this.order.map((id) => this.shares.get(id));
    return best - next;
  }

  /** Label id -> length of its bar, 0 to 1. No bar is longer than one above it: an order that waits for a clear
   * lead must not look like a mistake. */
  get lengths() {
    let most = 1;
    return new Map(
      this.order.map((id) => {
        most = Math.min(most, this.shares.get(id));
        return [id, most];
      }),
    );
  }

  /** Why it does not know: `torn` between labels, or something `strange`; empty when it knows. */
  get reason() {
    if (!this.unsure) return "";
    return this.torn ? "torn" : "strange";
  }

  /** The id of the label whose bar is on top, in doubt too. */
  get first() {
    return this.order[0] ?? "";
  }

  /** {emoji, name} of the best label, undefined in doubt. */
  get best() {
    return this.unsure ? undefined : this.known.get(this.first);
  }
}
