import assert from "node:assert/strict";
import { test } from "node:test";
import { filtered, named, stillChosen, tally } from "../../classroom_app/ui/widgets/photo_picker/choice.js";

const PHOTOS = [
  { id: "a", label_id: "apple", state: "ready" },
  { id: "b", label_id: "apple", state: "waiting" },
  { id: "c", label_id: "cup", state: "waiting" },
];
const ids = (photos) => photos.map((photo) => photo.id).join("");

test("label and state filter together, and an empty one stands for all", () => {
  assert.equal(ids(filtered(PHOTOS, "", "")), "abc");
  assert.equal(ids(filtered(PHOTOS, "apple", "")), "ab");
  assert.equal(ids(filtered(PHOTOS, "", "waiting")), "bc");
  assert.equal(ids(filtered(PHOTOS, "apple", "waiting")), "b");
});

test("what is not seen any more is not chosen: nobody deletes a photo that is out of sight", () => {
  const chosen = new Set(["a", "c", "gone"]);
  assert.deepEqual([...stillChosen(chosen, filtered(PHOTOS, "cup", ""))], ["c"]);
  assert.deepEqual([...stillChosen(chosen, PHOTOS)], ["a", "c"]);
});

test("photos are counted by a field", () => {
  assert.deepEqual([...tally(PHOTOS, "state")].sort(), [
    ["ready", 1],
    ["waiting", 2],
  ]);
});

test("a choice has one name, in whatever order it was made", () => {
  assert.equal(named(new Set(["b", "a"])), named(["a", "b"]));
  assert.notEqual(named(["a"]), named([]));
});
