import assert from "node:assert/strict";
import { test } from "node:test";
import {
  agreed,
  figures,
  leftNow,
  stageOf,
  wordDue,
} from "../../classroom_app/ui/widgets/round_clock/round_clock.js";

const MINUTE = 60_000;

test("whole seconds, and 0:00 is the end and not before", () => {
  assert.equal(figures(8 * MINUTE + 5000), "8:05");
  assert.equal(figures(61_001), "1:02");
  assert.equal(figures(1), "0:01");
  assert.equal(figures(0), "0:00");
  assert.equal(figures(-5), "0:00");
  assert.equal(figures(75 * MINUTE), "75:00");
});

test("the last minutes, the end and a pause look different", () => {
  assert.equal(stageOf(6 * MINUTE, false), "calm");
  assert.equal(stageOf(5 * MINUTE, false), "soon");
  assert.equal(stageOf(MINUTE, false), "last");
  assert.equal(stageOf(0, false), "over");
  assert.equal(stageOf(6 * MINUTE, true), "paused");
  assert.equal(stageOf(0, true), "over");
});

test("each word is said once, when its moment passes, also when figures jump over it", () => {
  assert.equal(wordDue(5 * MINUTE + 200, 5 * MINUTE - 50), "clock_five");
  assert.equal(wordDue(5 * MINUTE - 50, 5 * MINUTE - 300), null);
  assert.equal(wordDue(MINUTE + 1, MINUTE), "clock_one");
  assert.equal(wordDue(6 * MINUTE, 30_000), "clock_one");
  assert.equal(wordDue(100, 0), "clock_over");
  assert.equal(wordDue(0, 0), null);
  assert.equal(wordDue(30_000, 10 * MINUTE), null); // a facilitator gave more time
});

test("it runs by the browser's steady clock, and not at all in a pause", () => {
  const heard = { leftMs: 10_000, paused: false, at: 1000 };
  assert.equal(leftNow(heard, 4000), 7000);
  assert.equal(leftNow(heard, 60_000), 0);
  assert.equal(leftNow({ ...heard, paused: true }, 60_000), 10_000);
});

test("the server's word holds, but for what the way to here took", () => {
  const heard = { leftMs: 10_000, paused: false, at: 0 };
  const near = { leftMs: 8900, paused: false, at: 2000 }; // here it would be 8000
  assert.equal(agreed(heard, near), heard);
  const more = { leftMs: 60_000, paused: false, at: 2000 };
  assert.equal(agreed(heard, more), more);
  const paused = { leftMs: 8000, paused: true, at: 2000 };
  assert.equal(agreed(heard, paused), paused);
  assert.equal(agreed(undefined, near), near);
});
