import assert from "node:assert/strict";
import { test } from "node:test";
import { edgeOf, FIELD_SIDE, heatField } from "../../classroom_app/ui/widgets/common/heatmap.js";

const coded = (bytes) => btoa(String.fromCharCode(...bytes));
const corner = {
  rows: 6,
  columns: 6,
  heat: coded(Array.from({ length: 36 }, (_, at) => (at % 6 < 2 && at < 12 ? 255 : 0))),
};
const at = (field, x, y) => field[Math.floor(y * FIELD_SIDE) * FIELD_SIDE + Math.floor(x * FIELD_SIDE)];

test("a field is shares of the highest, bright where the cells are", () => {
  const field = heatField(corner);
  assert.equal(field.length, FIELD_SIDE ** 2);
  assert.equal(Math.max(...field), 1);
  assert.ok(Math.min(...field) >= 0);
  assert.ok(at(field, 0.1, 0.1) > 0.9);
  assert.ok(at(field, 0.9, 0.1) < 0.01);
  assert.ok(at(field, 0.1, 0.9) < 0.01);
  assert.ok(at(field, 0.9, 0.9) < 0.01);
});

test("rows are rows and columns are columns", () => {
  const field = heatField({ rows: 2, columns: 3, heat: coded([0, 0, 200, 0, 0, 0]) });
  assert.ok(at(field, 0.9, 0.2) > 0.9);
  assert.ok(at(field, 0.2, 0.8) < 0.01);
});

test("neighbours differ little: the field is smooth", () => {
  const field = heatField(corner);
  for (let x = 1; x < FIELD_SIDE; x += 1) assert.ok(Math.abs(field[x] - field[x - 1]) < 0.15);
});

test("a map of nothing, or of another size than it says, is no map", () => {
  assert.equal(heatField({ rows: 2, columns: 2, heat: coded([0, 0, 0, 0]) }), null);
  assert.equal(heatField({ rows: 2, columns: 2, heat: coded([1, 2, 3]) }), null);
  assert.equal(heatField({ rows: 0, columns: 0, heat: "" }), null);
});

test("the line runs once around what stands out, also at the picture's rim", () => {
  const pieces = edgeOf(heatField(corner), 0.5);
  const ends = new Map();
  for (const [x1, y1, x2, y2] of pieces) {
    for (const end of [`${x1.toFixed(6)} ${y1.toFixed(6)}`, `${x2.toFixed(6)} ${y2.toFixed(6)}`])
      ends.set(end, (ends.get(end) ?? 0) + 1);
    assert.ok(Math.max(x1, x2, y1, y2) < 0.5, "in the bright corner");
  }
  assert.ok(pieces.length > 40);
  assert.deepEqual(new Set(ends.values()), new Set([2]), "closed: every end meets one other");
});

test("where nothing reaches the level there is no line", () => {
  assert.deepEqual(edgeOf(new Float32Array(FIELD_SIDE ** 2).fill(0.4), 0.5), []);
});
