import assert from "node:assert/strict";
import { test } from "node:test";
import { HeadOfGroup } from "../../classroom_app/ui/widgets/device/head.js";
import { readModel } from "../../classroom_app/ui/widgets/device/model_file.js";
import { eigenOf } from "../../classroom_app/ui/widgets/device/numbers.js";
import { FrameWindow, keepsItsOwn } from "../../classroom_app/ui/widgets/device/scene.js";
import { bytesOf, TENSORS } from "./small_model.js";

test("a symmetric matrix is what its eigenvectors make of it", () => {
  const matrix = [
    [4, 1, -2, 0.5],
    [1, 3, 0, 1],
    [-2, 0, 5, 0],
    [0.5, 1, 0, 1],
  ];
  const { values, vectors } = eigenOf(matrix);
  matrix.forEach((row, i) => {
    row.forEach((one, j) => {
      const made = values.reduce((sum, value, at) => sum + value * vectors[at][i] * vectors[at][j], 0);
      assert.ok(Math.abs(made - one) < 1e-12);
    });
  });
});

test("the head guesses the label whose mean is near, and doubts what is far from both", () => {
  const head = new HeadOfGroup(readModel(bytesOf()));
  const near = head.guess([1, 0, 0]);
  assert.ok(near.shares[0] > 0.9);
  assert.equal(near.unsure, false);
  assert.equal(head.guess([0.5, 0.5, 4]).unsure, true);
});

test("a round of frames is looked at through one view after another, and their mean is what counts", () => {
  const window = new FrameWindow(3);
  const views = [];
  for (const row of [[0], [3], [6], [0], [3]]) {
    views.push(window.next);
    window.add(row, 100);
  }
  assert.deepEqual(views, [0, 1, 2, 0, 1]);
  const { mean, full } = window.add([6], 100);
  assert.deepEqual([...mean], [3]);
  assert.ok(full);
});

test("another thing starts anew: the frames before it count no more", () => {
  const window = new FrameWindow(3);
  for (const row of [[0], [0.3], [0.1]]) window.add(row, 1);
  const { mean, full } = window.add([5], 1);
  assert.deepEqual([...mean], [5]);
  assert.equal(full, false);
  const next = window.add([5.2], 1);
  assert.ok(Math.abs(next.mean[0] - 5.1) < 1e-9);
});

test("a move by which a label would be taken for another is no place", () => {
  const spread = {
    spread_directions: [
      [0, 0, 1],
      [1, 3],
    ],
    spread_pull: [[0], [1]],
    spread_numbers: [[1, 0.5], [2]],
  };
  const head = new HeadOfGroup(readModel(bytesOf({ ...TENSORS, ...spread })));
  assert.equal(keepsItsOwn(head, [2, -2, 0]), false);
  assert.equal(keepsItsOwn(head, [0, 0, 3]), true);
});
