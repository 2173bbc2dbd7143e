import assert from "node:assert/strict";
import { test } from "node:test";
import { difference } from "../../classroom_app/ui/widgets/common/pixels.js";

test("how far two frames are apart", () => {
  const [black, white] = [new Uint8Array(256), new Uint8Array(256).fill(255)];
  assert.equal(difference(black, black), 0);
  assert.equal(difference(black, white), 255);
  assert.equal(difference(white, black), 255);
  const one = new Uint8Array(256);
  one[7] = 128;
  assert.equal(difference(black, one), 0.5);
});
