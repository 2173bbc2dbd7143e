import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

// What stands in the index page is a plain script for old browsers, not a module.
const file = new URL("../../classroom_app/web/index_page_files/first_words.js", import.meta.url);
const source = readFileSync(file, "utf-8");
const parts = new Function(`${source}; return { firstTrouble, healthOf, isTooOld, watchFirstPage };`)();

const evaluate = (text) => new Function(text)();

const WELL = {
  alive: false,
  cookies: true,
  old: false,
  health: "ours",
  scriptFailed: false,
  state: "CONNECTING",
  waited: 9000,
  stateFor: 6000,
};
const trouble = (seen) => parts.firstTrouble({ ...WELL, ...seen });

test("a page that lives needs no words, however long it took", () => {
  assert.equal(trouble({ alive: true }), null);
  assert.equal(trouble({ alive: true, old: true, scriptFailed: true }), null);
});

test("nothing is said of a page that is only on its way", () => {
  for (const state of [null, "INITIAL", "CONNECTING", "CONNECTED"])
    assert.equal(trouble({ waited: 7500, state, stateFor: 5000 }), null, String(state));
});

test("each trouble has its word", () => {
  assert.equal(trouble({}), "socket");
  assert.equal(trouble({ state: "PINGING_SERVER" }), "socket");
  assert.equal(trouble({ state: "CONNECTED" }), "server");
  assert.equal(trouble({ health: "away" }), "server");
  assert.equal(trouble({ health: "foreign" }), "foreign");
  assert.equal(trouble({ state: null, stateFor: 0 }), "slow");
  assert.equal(trouble({ health: null }), "slow");
  assert.equal(trouble({ old: true, state: null }), "old");
  assert.equal(trouble({ scriptFailed: true, state: null, waited: 5000 }), "script");
  assert.equal(trouble({ scriptFailed: true, health: "away" }), "server", "not loaded because it is away");
  assert.equal(trouble({ scriptFailed: true, health: "foreign" }), "foreign");
});

test("scripts that came late do not make it the network's fault", () => {
  assert.equal(trouble({ stateFor: 1000 }), "slow");
});

test("without cookies even a page that lives is of no use", () => {
  assert.equal(trouble({ cookies: false, alive: true, waited: 0 }), "cookies");
});

test("only our own 200 is health; a load balancer's 502 is a start, a filter's page is not", () => {
  assert.equal(parts.healthOf(200, true), "ours");
  assert.equal(parts.healthOf(503, true), "away");
  assert.equal(parts.healthOf(0, false), "away");
  for (const status of [502, 503, 504]) assert.equal(parts.healthOf(status, false), "away");
  for (const status of [200, 302, 403, 404, 451]) assert.equal(parts.healthOf(status, false), "foreign");
});

test("old is who does not understand the language, not who may not evaluate", () => {
  const failing = (error) => () => {
    throw error;
  };
  assert.equal(parts.isTooOld(evaluate), false);
  assert.equal(parts.isTooOld(failing(new SyntaxError("Unexpected token"))), true);
  assert.equal(parts.isTooOld(failing(new EvalError("blocked by the policy"))), false);
});

test("a browser of ten years ago can read the script", () => {
  const modern = /=>|\?\.|\?\?|`|\b(?:let|const|class|async|await)\b/;
  const said = source
    .replace(/^\s*\/\/.*$|\/\*\*[\s\S]*?\*\/|"(?:[^"\\]|\\.)*"/gm, "")
    .replace(/\/\/.*$/gm, "");
  assert.doesNotMatch(said, modern);
});

// ---- in a page

/** A page on paper, whose clock and server a test turns. */
function pageOf(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  const kinds = ["cookies", "old", "server", "foreign", "script", "socket", "slow"];
  const words = {
    hidden: true,
    removed: [],
    children: kinds.map((kind) => ({ hidden: true, getAttribute: () => kind })),
    removeAttribute: (name) => words.removed.push(name),
  };
  const page = {
    words,
    state: "CONNECTING",
    away: "",
    healthy: true,
    cookieEnabled: true,
    keepsCookies: true,
    asked: 0,
    reloads: 0,
    listeners: {},
  };
  const document = {
    jar: "",
    get cookie() {
      return this.jar;
    },
    set cookie(text) {
      if (page.keepsCookies) this.jar = text.includes("max-age=0") ? "" : text;
    },
    documentElement: {},
    getElementById: () => words,
    querySelector: () => (page.state === null ? null : { getAttribute: () => page.state }),
  };
  const window = {
    eval: evaluate,
    addEventListener: (name, act) => {
      page.listeners[name] = act;
    },
    getComputedStyle: () => ({ getPropertyValue: () => page.away }),
    navigator: {
      get cookieEnabled() {
        return page.cookieEnabled;
      },
    },
    location: {
      reload: () => {
        page.reloads += 1;
      },
    },
    XMLHttpRequest: class {
      open() {}
      send() {
        page.asked += 1;
        this.status = page.healthy ? 200 : 0;
        this.onloadend();
      }
      getResponseHeader() {
        return "1";
      }
    },
  };
  parts.watchFirstPage(window, document);
  page.pass = (seconds) => {
    for (let n = 0; n < 2 * seconds; n += 1) t.mock.timers.tick(500);
  };
  page.said = () => (words.hidden ? null : kinds.find((_kind, at) => !words.children[at].hidden));
  return page;
}

test("within ten seconds it says that no websocket opens, and takes it back when one does", (t) => {
  const page = pageOf(t);
  page.pass(10);
  assert.equal(page.said(), "socket");
  page.away = '"..."';
  page.pass(1);
  assert.equal(page.said(), null);
  const { asked } = page;
  page.pass(60);
  assert.equal(page.asked, asked, "it looks no more");
});

test("a page that comes in time never hears a word, and asks at most once", (t) => {
  const page = pageOf(t);
  page.pass(4);
  page.away = '"..."';
  page.pass(60);
  assert.equal(page.words.hidden, true);
  assert.ok(page.asked <= 1);
});

test("scripts that fail are tried again by loading the page anew", (t) => {
  const page = pageOf(t);
  page.state = null;
  page.listeners.error({ target: { tagName: "SCRIPT" } });
  page.pass(8);
  assert.equal(page.said(), "script");
  assert.equal(page.reloads, 0);
  page.pass(30);
  assert.equal(page.reloads, 1);
});

test("a picture that fails is no script", (t) => {
  const page = pageOf(t);
  page.state = null;
  page.listeners.error({ target: { tagName: "IMG" } });
  page.pass(10);
  assert.equal(page.said(), "slow");
});

test("an app that is away is waited for", (t) => {
  const page = pageOf(t);
  page.healthy = false;
  page.pass(10);
  assert.equal(page.said(), "server");
  page.pass(60);
  assert.equal(page.reloads, 0, "Streamlit connects by itself");
  assert.ok(page.asked > 8 && page.asked < 30, String(page.asked));
});

test("scripts that did not load because the app was away load as soon as it is back", (t) => {
  const page = pageOf(t);
  Object.assign(page, { state: null, healthy: false });
  page.listeners.error({ target: { tagName: "SCRIPT" } });
  page.pass(60);
  assert.deepEqual([page.said(), page.reloads], ["server", 0]);
  page.healthy = true;
  page.pass(10);
  assert.equal(page.reloads, 1);
});

test("a browser that keeps no cookie, and says otherwise, is heard of too", (t) => {
  const page = pageOf(t);
  Object.assign(page, { away: '"..."', keepsCookies: false });
  page.pass(1);
  assert.equal(page.said(), "cookies");
});

test("cookies that are allowed again bring the page back", (t) => {
  const page = pageOf(t);
  page.cookieEnabled = false;
  page.away = '"..."';
  page.pass(1);
  assert.equal(page.said(), "cookies");
  page.pass(30);
  assert.equal(page.reloads, 0);
  page.cookieEnabled = true;
  page.pass(5);
  assert.equal(page.reloads, 1);
});
