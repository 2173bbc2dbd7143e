import assert from "node:assert/strict";
import { test } from "node:test";
import mount from "../../classroom_app/ui/widgets/tiles/tiles.js";
import { FakeElement } from "./doubles.js";

const DATA = { tiles: [], label: "", chosen: "", layout: "tabs", color: "#d9480f", full: 20, notch: 5 };

test("tiles that leave the page stop watching its size", () => {
  const watching = new Set();
  globalThis.ResizeObserver = class {
    observe(element) {
      watching.add(element);
    }

    disconnect() {
      watching.clear();
    }
  };
  globalThis.getComputedStyle = () => ({ getPropertyValue: () => "" });
  const root = Object.assign(new FakeElement("div"), {
    dataset: {},
    style: { setProperty() {} },
    classList: { toggle() {} },
  });
  const leave = mount({ parentElement: { querySelector: () => root }, data: DATA, setTriggerValue() {} });
  assert.deepEqual([...watching], [root]);
  leave();
  assert.equal(watching.size, 0);
});
