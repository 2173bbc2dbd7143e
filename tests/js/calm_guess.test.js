import assert from "node:assert/strict";
import { test } from "node:test";
import { CalmGuess, reordered } from "../../classroom_app/ui/widgets/player/calm_guess.js";

const answer = (shares, unsure = false) => ({
  version: 1,
  unsure,
  scores: Object.entries(shares).map(([id, p]) => ({ label_id: id, name: id, emoji: "", p })),
});
const sharesOf = (shares) => new Map(Object.entries(shares));

test("bars begin in the order of their shares", () => {
  assert.deepEqual(reordered([], sharesOf({ a: 0.1, b: 0.6, c: 0.3 }), 0.03), ["b", "c", "a"]);
});

test("a bar overtakes only with a clear lead", () => {
  assert.deepEqual(reordered(["a", "b"], sharesOf({ a: 0.49, b: 0.51 }), 0.03), ["a", "b"]);
  assert.deepEqual(reordered(["a", "b"], sharesOf({ a: 0.48, b: 0.52 }), 0.03), ["b", "a"]);
  assert.deepEqual(reordered(["a", "b"], sharesOf({ a: 0.49, b: 0.51 }), 0), ["b", "a"]);
  assert.deepEqual(reordered(["a", "b", "c"], sharesOf({ a: 0.1, b: 0.2, c: 0.7 }), 0.03), ["c", "b", "a"]);
});

test("a newcomer lets all be sorted anew", () => {
  assert.deepEqual(reordered(["a", "b"], sharesOf({ a: 0.3, b: 0.31, c: 0.39 }), 0.03), ["c", "b", "a"]);
});

test("the order given is left as it is", () => {
  const order = ["a", "b"];
  reordered(order, sharesOf({ a: 0.1, b: 0.9 }), 0.03);
  assert.deepEqual(order, ["a", "b"]);
});

test("the first answer counts as it is, later ones move the bars by and by", () => {
  const guess = new CalmGuess();
  guess.learn(answer({ a: 0.9, b: 0.1 }), false, 1000);
  assert.equal(guess.shares.get("a"), 0.9);
  guess.learn(answer({ a: 0.1, b: 0.9 }), false, 1300);
  const after300 = guess.shares.get("a");
  assert.ok(after300 > 0.4 && after300 < 0.6, String(after300));
  for (let ms = 1600; ms < 5000; ms += 300) guess.learn(answer({ a: 0.1, b: 0.9 }), false, ms);
  assert.ok(Math.abs(guess.shares.get("a") - 0.1) < 0.01);
  assert.equal(guess.best.name, "b");
});

test("a tremble does not change the order", () => {
  const guess = new CalmGuess();
  for (let n = 0; n < 20; n += 1) {
    const tremble = 0.05 * (n % 2);
    guess.learn(answer({ a: 0.5 - tremble, b: 0.46 + tremble }), false, 300 * n);
    assert.deepEqual(guess.order, ["a", "b"]);
  }
});

test("no bar is longer than the one above it, while their order waits for a clear lead", () => {
  const guess = new CalmGuess();
  guess.learn(answer({ a: 0.49, b: 0.47, c: 0.04 }), false, 0);
  for (let ms = 300; ms < 6000; ms += 300) guess.learn(answer({ a: 0.47, b: 0.49, c: 0.04 }), false, ms);
  assert.deepEqual(guess.order, ["a", "b", "c"]);
  assert.ok(guess.shares.get("b") > guess.shares.get("a"));
  const [a, b, c] = guess.order.map((id) => guess.lengths.get(id));
  assert.ok(a >= b && b > c, `${a} ${b} ${c}`);
});

test("a picture that stands still, and the first after another one, count as they are", () => {
  const guess = new CalmGuess();
  guess.learn(answer({ a: 0.9, b: 0.1 }), false, 1000);
  guess.learn(answer({ a: 0.2, b: 0.8 }), true, 1001);
  assert.ok(Math.abs(guess.shares.get("a") - 0.2) < 1e-9);
  assert.equal(guess.best.name, "b");
  guess.restart();
  guess.learn(answer({ a: 0.7, b: 0.3 }), false, 1002);
  assert.ok(Math.abs(guess.shares.get("a") - 0.7) < 1e-9);
});

test("a label that is not named any more sinks to nothing", () => {
  const guess = new CalmGuess();
  guess.learn(answer({ a: 0.6, b: 0.4 }), false, 0);
  guess.learn(answer({ a: 1 }), true, 300);
  assert.equal(guess.shares.get("b"), 0);
});

test("doubt needs more than one answer, and so does its end", () => {
  const guess = new CalmGuess();
  const seen = [];
  const hear = (unsure, ms) => {
    guess.learn(answer({ a: 0.5, b: 0.5 }, unsure), false, ms);
    seen.push(guess.unsure);
  };
  for (const [at, unsure] of [false, true, true, true, false, false].entries()) hear(unsure, 300 * at);
  assert.deepEqual(seen, [false, false, true, true, true, false]);
  hear(true, 9000);
  assert.equal(guess.best, undefined, "in doubt none is best");
  assert.equal(guess.first, "a", "but one bar is on top");
  assert.equal(new CalmGuess().first, "");
});

test("why it does not know: between two labels, or before something that nobody taught it", () => {
  const guess = new CalmGuess();
  guess.learn(answer({ a: 0.81, b: 0.19 }, false), true, 0);
  assert.equal(guess.reason, "", "it knows");
  guess.learn(answer({ a: 0.81, b: 0.19 }, true), true, 1);
  assert.equal(guess.reason, "strange", "sure of a label it cannot be: the thing is new to it");
  guess.learn(answer({ a: 0.38, b: 0.33, c: 0.29 }, true), true, 2);
  assert.equal(guess.reason, "torn");
  guess.learn(answer({ a: 0.5, b: 0.25, c: 0.25 }, true), true, 3);
  assert.equal(guess.reason, "torn", "a small lead changes no sentence");
  guess.learn(answer({ a: 0.8, b: 0.1, c: 0.1 }, true), true, 4);
  assert.equal(guess.reason, "strange");
});
