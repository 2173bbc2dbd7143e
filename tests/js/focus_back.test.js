import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { FocusBack } from "../../classroom_app/ui/widgets/focus_back/focus_back.js";

const body = {};
const button = {
  focus: () => {
    page.activeElement = button;
  },
  closest: () => null,
};
const elsewhere = { closest: () => null };
const inDialog = { closest: (selector) => (selector === "[role=dialog]" ? {} : null) };
let page;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.CSS = { escape: (name) => name };
  page = globalThis.document = { body, activeElement: body, querySelector: () => button };
});

/** In steps: a timer that is set within one begins when that step is over. */
function pass(ms) {
  for (let at = 0; at < ms; at += 100) mock.timers.tick(100);
}

function closed() {
  const part = new FocusBack();
  part.update({ data: { key: "menu" } });
  part.close();
  pass(400);
}

test("where nothing has focus the menu's button gets it", () => {
  closed();
  assert.equal(page.activeElement, button);
});

test("a dialog that stays longer is waited for", () => {
  page.activeElement = inDialog;
  closed();
  pass(500);
  assert.equal(page.activeElement, inDialog);
  page.activeElement = body;
  pass(100);
  assert.equal(page.activeElement, button);
});

test("the browser may take it away once more", () => {
  closed();
  page.activeElement = body;
  pass(100);
  assert.equal(page.activeElement, button);
});

test("who has gone on meanwhile keeps it, and after two seconds nobody is called back", () => {
  closed();
  page.activeElement = elsewhere;
  pass(100);
  page.activeElement = body;
  pass(5000);
  assert.equal(page.activeElement, body);
  closed();
  pass(3000);
  page.activeElement = body;
  pass(5000);
  assert.equal(page.activeElement, body);
});
