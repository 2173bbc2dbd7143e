import assert from "node:assert/strict";
import { test } from "node:test";
import { mountOf } from "../../classroom_app/ui/widgets/common/mount.js";

class Widget {
  static made = [];

  constructor(place) {
    Object.assign(this, { place, updates: [], closed: 0 });
    Widget.made.push(this);
  }

  update({ data }) {
    this.updates.push(data);
  }

  close() {
    this.closed += 1;
  }
}

const mount = mountOf(Widget);

test("a place has one widget over all reruns, until it leaves the page", () => {
  Widget.made = [];
  const place = {};
  mount({ parentElement: place, data: 1 });
  const leave = mount({ parentElement: place, data: 2 });
  mount({ parentElement: {}, data: 3 });
  assert.deepEqual(
    Widget.made.map((one) => one.updates),
    [[1, 2], [3]],
  );
  leave();
  assert.deepEqual(
    Widget.made.map((one) => one.closed),
    [1, 0],
  );
  mount({ parentElement: place, data: 4 });
  assert.deepEqual(Widget.made[2].updates, [4]);
});

test("a call that a rerun has overtaken closes nothing", () => {
  Widget.made = [];
  const place = {};
  const overtaken = mount({ parentElement: place, data: 1 });
  const leave = mount({ parentElement: place, data: 2 });
  overtaken();
  assert.equal(Widget.made[0].closed, 0);
  leave();
  assert.equal(Widget.made[0].closed, 1);
});
