// How far a held button is.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Hold } from "../../classroom_app/ui/widgets/hold_button/hold.js";

test("a press counts only when it lasts, and once", () => {
  const hold = new Hold(2000);
  hold.press(0);
  assert.equal(hold.look(1000), 0.5);
  hold.release(1500);
  assert.equal(hold.look(5000), 0);
  hold.press(6000);
  hold.press(7000); // a second finger changes nothing
  assert.equal(hold.look(7999) < 1, true);
  assert.equal(hold.look(8000), 1);
  assert.equal(hold.look(8001), 0);
  assert.equal(hold.held, false);
});

test("who lets go after the end has held it, though no frame came meanwhile", () => {
  const hold = new Hold(2000);
  hold.press(0);
  assert.equal(hold.release(2400), true);
  assert.equal(hold.release(2500), false);
  hold.press(3000);
  assert.equal(hold.release(4999), false);
  assert.equal(hold.held, false);
});

test("a screen reader's press fills by itself, and a second one stops it", () => {
  const hold = new Hold(2000);
  hold.activate(0);
  hold.release(10);
  assert.equal(hold.look(2000), 1);
  hold.activate(3000);
  hold.activate(3500);
  assert.equal(hold.look(9000), 0);
});
