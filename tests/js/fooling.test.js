import assert from "node:assert/strict";
import { test } from "node:test";
import { saidOf, verdictOf } from "../../classroom_app/ui/widgets/player/fooling.js";

const text = {
  swap_counted: "counted",
  swap_soon: "soon",
  swap_again: "again",
  swap_enough: "enough",
  swap_over: "over",
  player_offline: "offline",
};
const own = { ok: true, status: 200, foreign: false };
const refused = { ok: false, status: 409, foreign: false };

test("an AI that knows the thing, or says that it does not know, was not fooled", () => {
  assert.equal(verdictOf("rock", false, "rock"), "right");
  assert.equal(verdictOf("rock", true, "rock"), "right");
  assert.equal(verdictOf("rock", true, "paper"), "doubt");
  assert.equal(verdictOf("rock", false, "paper"), "fooled");
});

test("of a thing that counted, or was there before, nothing more is to be said", () => {
  const told = (check) => saidOf({ ...own, answer: { check, fooled: 3 } }, text);
  assert.deepEqual(told("counted"), { sentence: "counted", again: false });
  assert.deepEqual(told("again"), { sentence: "again", again: false });
  assert.deepEqual(told("enough"), { sentence: "enough", again: false });
  assert.deepEqual(told("soon"), { sentence: "soon", again: true });
});

test("a gap in the network is no answer, and a round that is over is one", () => {
  assert.deepEqual(saidOf({ ...refused, status: 503, answer: null }, text), {
    sentence: "offline",
    again: true,
  });
  const foreign = { ok: true, status: 200, answer: null, foreign: true };
  assert.deepEqual(saidOf(foreign, text), { sentence: "offline", again: true });
  const over = { ...refused, answer: { error: "swap_over", message: "x" } };
  assert.deepEqual(saidOf(over, text), { sentence: "over", again: false });
  const waits = { ...refused, answer: { error: "group_waits", message: "please wait" } };
  assert.deepEqual(saidOf(waits, text), { sentence: "please wait", again: false });
});
