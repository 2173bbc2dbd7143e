// What a model says of a row of features: shares of the labels, and "I don't know". The same numbers as
// ml_core/learn/head.py, unknown.py and calibration.py; the mathematics is in docs/mathematics.md.

import { along, dot, eigenOf, highestAt, meanRow, plus } from "./numbers.js";

const STRENGTH_UNIT_MIN = 0.25;
const DISTANCE_WEIGHT = 1.5;
const DISTANCE_MOST = 2;
const DISTANCE_WEIGHT_CAPPED = 0.75;
const UNLIKE_WEIGHT = 80;
const UNLIKE_SOFTNESS = 0.03;
const STRENGTH_SHARE_MIN = 0.4;
const CLEAR_MARGIN = 3;

const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

export function softmax(scores) {
  const highest = Math.max(...scores);
  const shares = scores.map((score) => Math.exp(score - highest));
  const sum = shares.reduce((all, share) => all + share, 0);
  return shares.map((share) => share / sum);
}

/** A model ready to guess; what it is made of comes from `readModel`. */
export class HeadOfGroup {
  constructor(model) {
    Object.assign(this, model);
    this.photoVariance = model.spread ? model.spread.photoVariance : Number.POSITIVE_INFINITY;
    this.basisMeans = model.means.map((mean) => along(model.basis, mean));
    this.middle = meanRow(model.means);
    this.space2d = labelSpace(model.weight, model.means);
    this.spokenOf = directionsOf(model);
    this.finalMeans = model.means.map((whole) => {
      const mean = whole.subarray(0, model.rule.final_length ?? 0);
      return { mean, square: dot(mean, mean) };
    });
  }

  /** {weight, bias} are the model's, or those solved for another place. */
  shares(row, { weight, bias } = this) {
    return softmax(Array.from(along(weight, row), (score, at) => (score + bias[at]) * this.temperature));
  }

  guessed(row) {
    return highestAt(Array.from(along(this.weight, row), (score, at) => score + this.bias[at]));
  }

  /** How far a row lies from the nearest label, outside of what photos of one label differ in anyway. */
  distance(row) {
    const rowAlong = along(this.basis, row);
    const found = this.means.map((mean, at) => {
      const away = plus(row, mean, -1);
      const within = plus(rowAlong, this.basisMeans[at], -1);
      return dot(away, away) - dot(within, within);
    });
    return Math.min(...found);
  }

  /** A row as a point between the labels. */
  place(row) {
    return placeOf(this.space2d, along(this.weight, row));
  }

  /** How strongly a row speaks for its guess: 1 where a label's own mean lies. */
  strength(row) {
    const { means, half, units } = this.space2d;
    if (!means[0].length) return 1; // all labels are alike
    const scores = along(this.weight, row);
    const label = highestAt(scores.map((score, at) => score - half[at]));
    return dot(placeOf(this.space2d, scores), means[label]) / units[label];
  }

  /** The cosine distance to the nearest label, of the final features alone; 0 where the rule does not ask. */
  unlikeness(row) {
    if (this.rule.kind !== "unlike") return 0;
    const finals = row.slice(0, this.rule.final_length);
    const length = dot(finals, finals);
    const alike = this.finalMeans.map(({ mean, square }) => {
      return dot(finals, mean) / Math.sqrt(Math.max(length * square, 1e-12));
    });
    return 1 - Math.max(...alike);
  }

  unsure(shares, distance, strength, unlikeness, strengthShare = 1) {
    const { rule } = this;
    if (rule.kind !== "unsure") {
      const far = (distance - rule.distance_mean) / rule.distance_scale;
      const faint = (rule.strength_mean - strength / strengthShare) / rule.strength_scale;
      if (rule.kind === "strangeness") return DISTANCE_WEIGHT * far + faint > rule.threshold;
      const capped = DISTANCE_WEIGHT_CAPPED * Math.min(far, DISTANCE_MOST);
      return capped + faint + UNLIKE_WEIGHT * softly(unlikeness - rule.unlike_from) > rule.threshold;
    }
    const [second, first] = [...shares].sort((a, b) => a - b).slice(-2);
    const margin = Math.min(Math.log(Math.max(first, 1e-12) / Math.max(second, 1e-12)), 5);
    const strange = distance * rule.distance_weight - margin * rule.margin_weight > rule.threshold;
    return distance > rule.far || (strange && margin < CLEAR_MARGIN);
  }

  /** How strong these things are beside the photos held back. */
  shareOf(strengths) {
    if (this.rule.kind === "unsure") return 1;
    const ordered = [...strengths].sort((a, b) => a - b);
    const half = ordered.length / 2;
    const median = (ordered[Math.ceil(half) - 1] + ordered[Math.floor(half)]) / 2;
    return Math.min(Math.max(median / Math.max(this.rule.strength_mean, 1e-3), STRENGTH_SHARE_MIN), 1);
  }

  /** A photo by itself. */
  guess(row) {
    const shares = this.shares(row);
    return {
      shares,
      unsure: this.unsure(shares, this.distance(row), this.strength(row), this.unlikeness(row)),
    };
  }
}

/** 0 below, the number itself above, softly between. */
function softly(beyond) {
  const times = beyond / UNLIKE_SOFTNESS;
  return UNLIKE_SOFTNESS * (Math.max(times, 0) + Math.log1p(Math.exp(-Math.abs(times))));
}

/** The whitened space between the labels, from `table[i][j]`: label i's score of label j's mean. */
function labelSpace(weight, means) {
  const table = weight.map((row) => Array.from(along(means, row)));
  const middle = table.map(average);
  const columns = table.map((_, at) => average(table.map((row) => row[at])));
  const all = average(middle);
  const sides = table.map((row, i) => row.map((score, j) => score - middle[i] - columns[j] + all));
  const { values, vectors } = eigenOf(sides.map((row, i) => row.map((side, j) => (side + sides[j][i]) / 2)));
  const least = Math.max(1e-6 * Math.max(...values), 1e-12);
  const kept = values.flatMap((value, at) => (value > least ? [at] : []));
  const whitening = kept.map((at) => vectors[at].map((part) => part / Math.sqrt(values[at])));
  const places = sides.map((_, j) =>
    Float64Array.from(whitening, (direction) =>
      dot(
        direction,
        sides.map((row) => row[j]),
      ),
    ),
  );
  const lengths = places.map((place) => dot(place, place));
  const units = lengths.map((length) => Math.max(length, STRENGTH_UNIT_MIN * average(lengths)));
  const half = table.map((row, at) => 0.5 * row[at]);
  return { middle, whitening, means: places, half, units, spread: average(lengths) };
}

function placeOf({ middle, whitening }, scores) {
  const away = scores.map((score, at) => score - middle[at]);
  const centre = average(Array.from(away));
  return along(
    whitening,
    away.map((one) => one - centre),
  );
}

/** Orthonormal directions that the labels' means differ in or that the head looks at: a move outside of them
 * can change no guess. From the eigenvectors of their dot products. */
function directionsOf({ weight, means, length }) {
  const rows = [weight, means].flatMap((part) => {
    const middle = meanRow(part);
    const away = part.map((row) => plus(row, middle, -1));
    const norm = Math.max(Math.sqrt(away.reduce((sum, row) => sum + dot(row, row), 0)), 1e-12);
    return away.map((row) => row.map((value) => value / norm));
  });
  const { values, vectors } = eigenOf(rows.map((row) => Array.from(along(rows, row))));
  const least = (1e-5 * Math.max(Math.sqrt(Math.max(...values, 0)), 1e-12)) ** 2;
  return values.flatMap((value, at) => {
    if (value <= least) return [];
    const direction = new Float64Array(length);
    rows.forEach((row, index) => {
      const share = vectors[at][index] / Math.sqrt(value);
      for (let place = 0; place < length; place += 1) direction[place] += row[place] * share;
    });
    return [direction];
  });
}
