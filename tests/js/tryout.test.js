import assert from "node:assert/strict";
import { test } from "node:test";
import { isDark } from "../../classroom_app/ui/widgets/tryout/tryout.js";

const grey = (value) => new Uint8Array(256).fill(value);

test("a dark picture is told from a lit one, and from a lamp in a dark room", () => {
  assert.equal(isDark(grey(20)), true);
  assert.equal(isDark(grey(120)), false);
  const lamp = grey(20);
  lamp.fill(240, 0, 40);
  assert.equal(isDark(lamp), false);
});
