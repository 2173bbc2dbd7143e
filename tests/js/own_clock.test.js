import assert from "node:assert/strict";
import { test } from "node:test";
import { OwnClock } from "../../classroom_app/ui/widgets/own_clock/own_clock.js";

test("it says how far the browser is ahead, and again only when that has changed", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1_000_000_000 });
  const told = [];
  const clock = new OwnClock();
  const at = (server_ms) =>
    clock.update({ data: { server_ms }, setStateValue: (name, value) => told.push([name, value]) });
  at(1_000_000_000 - 420_000); // seven minutes ahead
  at(1_000_000_000 - 421_500); // the way took a little longer
  assert.deepEqual(told, [["off_s", 420]]);
  at(1_000_000_000 + 1_000); // somebody set the clock right
  assert.deepEqual(told[1], ["off_s", -1]);
});
