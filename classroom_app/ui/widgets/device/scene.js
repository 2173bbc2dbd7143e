// What a stream of frames says of the place that they come from: ml_core/learn/scene.py on the device, number for
// number. A scene holds means, never a frame.

import { along, combined, dot, highestAt, meanRow, plus } from "./numbers.js";

export const NEWS_SHARE = 0.3;
const KEPT_SHARE = 0.92;
const STRENGTHS = 12;
const DOUBT_THINGS = 1;
const ENOUGH_LABELS = 3;
const LOOK_THINGS = 7;
const LOOK_MOVED_MIN = 1.5;
const LOOK_VARIETY_MIN = 0.075;

/** One frame of a stream: {shares, unsure, scene, variety, lookedAround}. `lookAround`: the head may be solved
 * anew for another place; without it a change that was made is undone. */
export function judgedFrame(head, row, before, lookAround) {
  const followed = follow(head, row, before);
  const scene = { ...followed, adopted: lookAround ? adopted(head, followed) : null };
  return { ...saidOf(head, row, scene), scene };
}

/** What the model says of a row in a scene that it does not join. */
export function saidOf(head, row, scene) {
  if (!scene) return { ...head.guess(row), variety: 0, lookedAround: false };
  const shares = head.shares(row, scene.adopted ? solvedFor(head, scene.adopted) : head);
  let [away, share] = [row, 1];
  if (scene.strengths.length) {
    share = 1 - trust(scene) * (1 - head.shareOf(scene.strengths));
    away = plus(row, outside(head, moved(head, scene)), -trust(scene));
  }
  const unsure = head.unsure(shares, head.distance(away), head.strength(row), head.unlikeness(row), share);
  return { shares, unsure, variety: variety(head, scene), lookedAround: scene.adopted !== null };
}

export function follow(head, row, scene) {
  if (!scene) return first(head, row);
  const away = plus(row, scene.last, -1);
  if (dot(away, away) <= NEWS_SHARE * 2 * head.photoVariance) return scene;
  // A thing joins the means once it has gone: what is held up now must not make itself less strange.
  const gone = scene.last;
  const weight = scene.weight * KEPT_SHARE + 1;
  const labels = scene.labels.map((one) => one * KEPT_SHARE);
  labels[head.guessed(gone)] += 1;
  const place = head.place(gone);
  return {
    mean: plus(scene.mean, plus(gone, scene.mean, -1), 1 / weight),
    last: row,
    labels,
    square: scene.square + (dot(place, place) - scene.square) / weight,
    weight,
    strengths: [...scene.strengths, head.strength(gone)].slice(-STRENGTHS),
    adopted: scene.adopted,
  };
}

const first = (head, row) => ({
  mean: new Float64Array(head.length),
  last: row,
  labels: head.labels.map(() => 0),
  square: 0,
  weight: 0,
  strengths: [],
  adopted: null,
});

/** 0 to 1: how much of what the scene says is believed. */
function trust(scene) {
  const seen = scene.labels.filter((weight) => weight > 0.3).length;
  const covered = Math.min(1, seen / Math.min(scene.labels.length, ENOUGH_LABELS));
  return (covered * scene.weight) / (scene.weight + DOUBT_THINGS);
}

const moved = (head, scene) => plus(scene.mean, head.middle, -1);

/** The part of a move that can change no guess. */
function outside(head, row) {
  return plus(row, combined(head.spokenOf, along(head.spokenOf, row), head.length), -1);
}

function adopted(head, scene) {
  const move = moved(head, scene);
  const since = scene.adopted ? plus(move, scene.adopted, -1) : move;
  if (variety(head, scene) < 1 || !placeChanged(head, since)) return scene.adopted;
  return placeChanged(head, move) && keepsItsOwn(head, move) ? move : null;
}

/** What every label was taught with must still be that label. */
export function keepsItsOwn(head, move) {
  const { weight, bias } = solvedFor(head, move);
  return head.means.every(
    (mean, label) => highestAt(Array.from(along(weight, mean), (score, at) => score + bias[at])) === label,
  );
}

function variety(head, scene) {
  const many = Math.min(1, scene.weight / LOOK_THINGS);
  return many * Math.min(1, spreadOverLabels(head, scene) / LOOK_VARIETY_MIN);
}

function placeChanged(head, move) {
  const away = outside(head, move);
  return head.spread !== null && dot(away, away) > LOOK_MOVED_MIN * head.photoVariance;
}

function spreadOverLabels(head, scene) {
  if (scene.weight <= 0) return 0;
  const middle = head.place(scene.mean);
  return Math.max(0, scene.square - dot(middle, middle)) / Math.max(head.space2d.spread, 1e-9);
}

/** The head as if it had been fitted on its training rows and on the same rows moved (Sherman and Morrison). */
function solvedFor(head, move) {
  if (head.spread === null) return head;
  const { directions, pull, ridge } = head.spread;
  const share = (1 - head.shrinkage) / 4;
  const pulled = along(directions, move).map((one, at) => one * pull[at]);
  const towards = plus(move, combined(directions, pulled, head.length), -1).map((one) => one / ridge);
  const length = dot(move, towards);
  const factor = share / (1 + share * length);
  const weight = head.weight.map((row) =>
    plus(plus(row, towards, 0.5), towards, -factor * (dot(row, move) + length / 2)),
  );
  const bias = weight.map((row, at) => -0.5 * dot(row, plus(head.means[at], move, 0.5)));
  return { weight, bias };
}

/**
 * The last frames of a camera while they show the same thing. Each frame is looked at through one view, the next
 * one each time, so that the mean over a round of frames is what the server sees in one frame.
 */
export class FrameWindow {
  constructor(views) {
    this.views = views;
    this.restart();
  }

  restart() {
    this.rows = Array(this.views).fill(null);
    this.next = 0;
  }

  /** Takes in the row of view `next`; `news`: how far, squared, the same view of another thing lies. */
  add(row, news) {
    const view = this.next;
    const seen = this.rows.filter((one) => one !== null);
    const before = this.rows[view];
    // Views of one frame differ too: where this one was not seen before, twice as far is still the same thing.
    const distance = before ? distanceOf(row, before) : seen.length ? distanceOf(row, meanRow(seen)) / 2 : 0;
    if (distance > news) this.restart();
    this.rows[view] = row;
    this.next = (view + 1) % this.views;
    return { mean: meanRow(this.rows.filter((one) => one !== null)), full: !this.rows.includes(null) };
  }
}

function distanceOf(one, other) {
  const away = plus(one, other, -1);
  return dot(away, away);
}
