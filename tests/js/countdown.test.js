import assert from "node:assert/strict";
import { test } from "node:test";
import { Countdown, clockMood, clockText } from "../../classroom_app/ui/widgets/projector/countdown.js";

function counted(state) {
  let now = 1000;
  const clock = new Countdown(() => now);
  clock.set(state);
  return { clock, pass: (seconds) => (now += 1000 * seconds) };
}

test("it counts between two answers by the time that passes, whatever the device's clock says", () => {
  const { clock, pass } = counted({ left_s: 90.4, paused: false });
  assert.equal(clock.seconds(), 91);
  pass(30);
  assert.equal(clock.seconds(), 61);
  pass(1000);
  assert.equal(clock.seconds(), 0);
  clock.set({ left_s: 120, paused: false });
  assert.equal(clock.seconds(), 120);
});

test("while it is paused it stands, and without a time box there is nothing", () => {
  const { clock, pass } = counted({ left_s: 45, paused: true });
  pass(30);
  assert.equal(clock.seconds(), 45);
  clock.set({ left_s: null, paused: false });
  assert.equal(clock.seconds(), null);
});

test("minutes and seconds, and what the last ones look like", () => {
  assert.deepEqual([754, 60, 9, 0].map(clockText), ["12:34", "1:00", "0:09", "0:00"]);
  assert.deepEqual([null, 61, 60, 11, 10, 1, 0].map(clockMood), [
    "",
    "",
    "last",
    "last",
    "ticks",
    "ticks",
    "over",
  ]);
});
