import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { InView } from "../../classroom_app/ui/widgets/in_view/in_view.js";

test("what is new is moved into view once, and what was seen stays where it is", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.CSS = { escape: (name) => name };
  const moved = [];
  globalThis.document = {
    querySelector: (selector) => ({ scrollIntoView: ({ block }) => moved.push([selector, block]) }),
  };
  const part = new InView();
  for (const what of ["one", "one", "two"]) {
    part.update({ data: { container: "notice_card", what } });
    mock.timers.tick(1000);
  }
  assert.deepEqual(moved, [
    [".st-key-notice_card", "nearest"],
    [".st-key-notice_card", "nearest"],
  ]);
  part.update({ data: { container: "notice_card", what: "three" } });
  part.close();
  mock.timers.tick(1000);
  assert.equal(moved.length, 2);
  mock.timers.reset();
});
