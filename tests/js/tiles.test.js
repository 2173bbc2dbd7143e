import assert from "node:assert/strict";
import { test } from "node:test";
import mount from "../../classroom_app/ui/widgets/tiles/tiles.js";
import { FakeElement, useStorage } from "./doubles.js";

const DATA = { tiles: [], label: "", chosen: "", layout: "tabs", color: "#d9480f", full: 20, notch: 5 };

function standIns() {
  const heard = new EventTarget();
  globalThis.addEventListener = heard.addEventListener.bind(heard);
  globalThis.dispatchEvent = heard.dispatchEvent.bind(heard);
  globalThis.getComputedStyle = () => ({ getPropertyValue: () => "" });
  globalThis.location = { href: "https://class/collect" };
  globalThis.history = { state: null, replaceState() {} };
  globalThis.ResizeObserver = class {
    observe() {}

    disconnect() {}
  };
  globalThis.document = { createElement: () => element() };
  useStorage("sessionStorage");
}

/** One that finds parts in itself: enough for a tile. */
function element() {
  const parts = new Map();
  const found = Object.assign(new FakeElement("div"), {
    dataset: {},
    style: { setProperty() {} },
    classList: { toggle() {}, add() {} },
    remove() {},
    querySelector(name) {
      if (!parts.has(name)) parts.set(name, element());
      return parts.get(name);
    },
  });
  return found;
}

function shown(data) {
  const root = element();
  const told = [];
  const leave = mount({
    parentElement: { querySelector: () => root },
    data: { ...DATA, ...data },
    setTriggerValue: (name, value) => told.push([name, value.id]),
  });
  return { root, told, leave };
}

test("a way that stands apart chooses in its row at once, and the camera hears the label's own name", () => {
  standIns();
  const heard = [];
  addEventListener("tile-chosen", (event) => heard.push(event.detail));
  const tile = (id) => ({ id, name: id.toUpperCase(), emoji: "x", photos: null, note: "" });
  const row = shown({ tiles: [tile("one"), tile("two")], chosen: "one" });
  const way = shown({ tiles: [{ ...tile("two"), words: "Next: two" }], layout: "way" });
  assert.equal(way.root.children[0].attributes["aria-label"], "Next: two");
  way.root.children[0].listeners.click();
  assert.deepEqual(heard, [{ id: "two", name: "TWO", emoji: "x" }]);
  assert.deepEqual(
    row.root.children.map((button) => button.attributes["aria-pressed"]),
    ["false", "true"],
  );
  assert.deepEqual([row.told, way.told], [[], [["tap", "two"]]]);
  way.leave();
  row.leave();
  way.root.children[0].listeners.click();
  assert.equal(row.root.children[0].attributes["aria-pressed"], "false");
});

test("photos that are still on this iPad are told beside those that the page counts", () => {
  standIns();
  const tile = (id) => ({ id, name: id, emoji: "x", photos: 12, note: "12 photos" });
  const row = shown({ tiles: [tile("one"), tile("two")], chosen: "one" });
  const counts = () => row.root.children.map((button) => button.querySelector(".count").children.join(""));
  dispatchEvent(new CustomEvent("photos-waiting", { detail: new Map([["one", 3]]) }));
  assert.deepEqual(counts(), ["12 photos ＋3", "12 photos"]);
  dispatchEvent(new CustomEvent("photos-waiting", { detail: new Map() }));
  assert.deepEqual(counts(), ["12 photos", "12 photos"]);
  row.leave();
});

test("tiles that leave the page stop watching its size", () => {
  standIns();
  const watching = new Set();
  globalThis.ResizeObserver = class {
    observe(element) {
      watching.add(element);
    }

    disconnect() {
      watching.clear();
    }
  };
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
