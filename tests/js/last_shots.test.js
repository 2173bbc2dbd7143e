// The last shot of each label, and when it is not shown any more.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LastShots } from "../../classroom_app/ui/widgets/camera/last_shots.js";

test("the picture goes once there are fewer photos of its label than before", () => {
  const shots = new LastShots("lions 1");
  assert.equal(shots.follow("apple", 4), false, "none was taken here");
  shots.keep("apple", "first");
  assert.equal(shots.follow("apple", 4), false, "it is on its way");
  assert.equal(shots.follow("apple", 5), false);
  shots.keep("apple", "second");
  shots.keep("banana", "third");
  assert.equal(shots.follow("apple", 4), true, "one was deleted, and it may be this one");
  assert.equal(shots.get("apple"), undefined);
  assert.equal(shots.get("banana"), "third");
  shots.keep("apple", "fourth");
  assert.equal(shots.follow("apple", 4), false);
  assert.equal(shots.get("apple"), "fourth");
});
