import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import mount from "../../classroom_app/ui/widgets/tiles/tiles.js";
import { FakeElement, useDocument, useStorage } from "./doubles.js";

const TILES = ["apple", "pear"].map((id) => ({
  id,
  name: id,
  emoji: "🍎",
  picture: "",
  color: "",
  photos: 0,
  note: "",
}));
const DATA = {
  tiles: TILES,
  label: "",
  chosen: "apple",
  layout: "tabs",
  color: "#d9480f",
  full: 20,
  notch: 5,
  kept_as: "label",
  is_known: true,
};

class Button extends FakeElement {
  constructor(tag) {
    super(tag);
    Object.assign(this, { dataset: {}, style: { setProperty() {}, removeProperty() {} } });
    this.classList = { toggle() {}, contains: () => false, remove() {}, add() {} };
    this.parts = {};
  }

  querySelector(name) {
    this.parts[name] ??= new Button("span");
    return this.parts[name];
  }

  get isPressed() {
    return this.attributes["aria-pressed"] === "true";
  }
}

let kept;
let shown;
let told;
let heard;

beforeEach(() => {
  useDocument();
  globalThis.document.createElement = (tag) => new Button(tag);
  globalThis.ResizeObserver = class {
    observe() {}
    disconnect() {}
  };
  globalThis.getComputedStyle = () => ({ getPropertyValue: () => "" });
  globalThis.CustomEvent = class {
    constructor(name, { detail }) {
      Object.assign(this, { name, detail });
    }
  };
  heard = [];
  globalThis.dispatchEvent = (event) => heard.push(event.detail.id);
  kept = useStorage("sessionStorage");
  globalThis.location = { href: "http://class/collect" };
  globalThis.history = {
    state: null,
    replaceState: (_state, _title, url) => {
      globalThis.location.href = String(url);
    },
  };
  told = [];
});

function page() {
  const root = new Button("div");
  const parent = { querySelector: () => root };
  return (data) => {
    mount({
      parentElement: parent,
      data: { ...DATA, ...data },
      setTriggerValue: (_name, tap) => told.push(tap.id),
    });
    shown = Object.fromEntries(TILES.map(({ id }, at) => [id, root.children[at]]));
  };
}

const pressed = () => Object.keys(shown).filter((id) => shown[id].isPressed);

test("a tap is in the address before the page has heard of it, and no older run takes it back", () => {
  const update = page();
  update({});
  shown.pear.listeners.click();
  assert.equal(new URL(location.href).searchParams.get("label"), "pear");
  assert.deepEqual([told, heard], [["pear"], ["pear"]]);
  update({ chosen: "apple" }); // was on its way before the tap
  assert.deepEqual(pressed(), ["pear"]);
  assert.equal(new URL(location.href).searchParams.get("label"), "pear");
  update({ chosen: "pear" });
  update({ chosen: "apple" }); // now it is news
  assert.deepEqual(pressed(), ["apple"]);
});

test("a page that knows no choice hears the one that this tab had made", () => {
  kept.set("classroom.label", "pear");
  page()({ is_known: false });
  assert.deepEqual([told, heard, pressed()], [["pear"], ["pear"], ["pear"]]);
});

test("a choice of another class is none, and one that the page knows is not overruled", () => {
  kept.set("classroom.label", "cat");
  page()({ is_known: false });
  kept.set("classroom.label", "pear");
  page()({ is_known: true });
  assert.deepEqual(told, []);
  assert.deepEqual(pressed(), ["apple"]);
});

test("tiles that keep nothing touch neither address nor tab", () => {
  const update = page();
  update({ kept_as: "", is_known: true });
  shown.pear.listeners.click();
  assert.equal(location.href, "http://class/collect");
  assert.equal(kept.size, 0);
});
