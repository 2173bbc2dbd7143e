import assert from "node:assert/strict";
import { test } from "node:test";
import { sayableSureness, surenessOf } from "../../classroom_app/ui/widgets/common/sureness.js";

test("a share is one of three words", () => {
  const words = [0, 0.3, 0.59, 0.6, 0.89, 0.9, 1].map((share) => surenessOf(share));
  assert.deepEqual(words, ["maybe", "maybe", "maybe", "probably", "probably", "surely", "surely"]);
});

test("a share that trembles about a step keeps its word, one that is past it does not", () => {
  assert.equal(surenessOf(0.91, "probably"), "probably");
  assert.equal(surenessOf(0.89, "surely"), "surely");
  assert.equal(surenessOf(0.94, "probably"), "surely");
  assert.equal(surenessOf(0.86, "surely"), "probably");
  assert.equal(surenessOf(0.3, "surely"), "maybe");
});

test("of labels that are not the best one only those that come into question have a word", () => {
  assert.equal(sayableSureness(0.1, false), "");
  assert.equal(sayableSureness(0.3, false), "maybe");
  assert.equal(sayableSureness(0.1, true), "maybe", "the best of many labels has one");
});
