import assert from "node:assert/strict";
import { test } from "node:test";
import { isTimely } from "../../classroom_app/ui/widgets/camera/coach.js";

const NOW = 1_000_000_000;
const advice = { kind: "dark", sentence: "くらい", label: "rock", takenAt: NOW - 500 };
const timely = (changed = {}, times = {}, label = "rock") =>
  isTimely({ ...advice, ...changed }, label, new Map(Object.entries(times)), NOW);

test("advice for the label that is being taken is shown", () => {
  assert.equal(timely(), true);
  assert.equal(isTimely(null, "rock", new Map(), NOW), false);
  assert.equal(timely({ sentence: "" }), false);
});

test("advice for another label, or for a photo that waited long, comes too late", () => {
  assert.equal(timely({}, {}, "paper"), false);
  assert.equal(timely({ takenAt: NOW - 10_000 }), true);
  assert.equal(timely({ takenAt: NOW - 10_001 }), false);
});

test("20 s lie between two bubbles, 60 s between two of a kind", () => {
  assert.equal(timely({}, { blurry: NOW - 19_999 }), false);
  assert.equal(timely({}, { blurry: NOW - 20_000 }), true);
  assert.equal(timely({}, { dark: NOW - 59_999 }), false);
  assert.equal(timely({}, { dark: NOW - 60_000 }), true);
  assert.equal(timely({}, { dark: NOW - 60_000, blurry: NOW - 1000 }), false);
});
