import assert from "node:assert/strict";
import { test } from "node:test";
import { wishOf } from "../../classroom_app/ui/widgets/projector/keys.js";

test("space, arrows and a presenter's remote lead; S is for the sound", () => {
  for (const key of [" ", "ArrowRight", "PageDown", "Enter"]) assert.equal(wishOf({ key }), "next");
  for (const key of ["ArrowLeft", "PageUp"]) assert.equal(wishOf({ key }), "back");
  assert.equal(wishOf({ key: "s" }), "sound");
  for (const key of ["a", "F5", "Escape", "b"]) assert.equal(wishOf({ key }), null);
});

test("a key that is held down, one with another, and what is typed somewhere lead nothing", () => {
  assert.equal(wishOf({ key: " ", repeat: true }), null);
  assert.equal(wishOf({ key: "ArrowLeft", altKey: true }), null);
  assert.equal(wishOf({ key: "s", ctrlKey: true }), null);
  assert.equal(wishOf({ key: " ", target: { matches: () => true } }), null);
});
