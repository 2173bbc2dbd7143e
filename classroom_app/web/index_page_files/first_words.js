// What is said while there is no page yet: why, and what to do. It stands in the page itself and needs nothing else
// to load, and it is written for old browsers too, which have to be told that they are old.

/** Why nothing is to be seen after so long: a kind that the page has words for, or null. Times in ms. */
function firstTrouble(seen) {
  if (!seen.cookies) return "cookies";
  if (seen.alive || seen.waited < 5000) return null;
  if (seen.old) return "old";
  if (seen.scriptFailed && seen.health === "ours") return "script";
  if (seen.waited < 8000 && !seen.scriptFailed) return null;
  if (seen.health === "away") return "server";
  if (seen.health === "foreign") return "foreign";
  if (seen.state === "CONNECTED") return "server"; // it is there, and takes its time
  if (seen.health === "ours" && seen.stateFor >= 4000) return "socket";
  return "slow";
}

/** Some browsers that block cookies say so, and some only keep none. */
function keepsCookies(navigator, document) {
  if (navigator.cookieEnabled === false) return false;
  var probe = "classroom_cookies=1; path=/; SameSite=Lax";
  try {
    document.cookie = probe;
    var kept = document.cookie.indexOf("classroom_cookies=1") >= 0;
    document.cookie = probe + "; max-age=0";
    return kept;
  } catch (_reason) {
    return false;
  }
}

/** What the answer to a look at /healthz means; only our own carries the mark. */
function healthOf(status, marked) {
  if (marked) return status === 200 ? "ours" : "away";
  return status === 0 || status >= 500 ? "away" : "foreign"; // a load balancer says 502 while the app starts
}

/** Does this browser know what Streamlit's scripts are written in? Safari does since 16.4. */
function isTooOld(evaluate) {
  try {
    evaluate("(function () { class A { static #b = 1; static { /(?<!b)a/.test('a'); } } return A?.b; })()");
    return typeof Object.hasOwn !== "function";
  } catch (reason) {
    return reason.name === "SyntaxError"; // where nothing may be evaluated, nothing is known
  }
}

/** Looks twice a second until the page lives, shows the words meanwhile, and takes them away again. */
function watchFirstPage(window, document) {
  var LOOK_MS = 500;
  var HEALTH_EVERY_MS = 4000;
  var RELOAD_AFTER_MS = 20000;
  var seen = {
    alive: false,
    cookies: true,
    health: null,
    scriptFailed: false,
    state: null,
    waited: 0,
    stateFor: 0,
  };
  var shown = null;
  var shownFor = 0;
  var wasAway = false;
  var nextHealth = 3000;
  var latest = Date.now();
  seen.old = isTooOld(window.eval);

  window.addEventListener(
    "error",
    function (event) {
      var failed = event.target;
      if (failed.tagName === "SCRIPT" || failed.rel === "modulepreload") seen.scriptFailed = true;
    },
    true,
  );

  function askHealth() {
    var request = new window.XMLHttpRequest();
    request.open("GET", "/healthz?at=" + Date.now());
    request.timeout = 6000;
    request.onloadend = function () {
      var marked = request.status !== 0 && request.getResponseHeader("X-Classroom") !== null;
      seen.health = healthOf(request.status, marked);
      wasAway = wasAway || seen.health !== "ours";
    };
    request.send();
  }

  function look() {
    var app = document.querySelector("[data-test-connection-state]");
    var style = window.getComputedStyle(document.documentElement);
    seen.cookies = keepsCookies(window.navigator, document);
    seen.alive = style.getPropertyValue("--away") !== ""; // the first thing that our pages draw
    seen.state = app ? app.getAttribute("data-test-connection-state") : null;
  }

  function show(kind) {
    var words = document.getElementById("first-words");
    if (!words) return;
    words.hidden = kind === null;
    words.removeAttribute("inert"); // Streamlit's own dialog would silence it
    words.removeAttribute("aria-hidden");
    if (kind === shown) return;
    for (var at = 0; at < words.children.length; at += 1) {
      words.children[at].hidden = words.children[at].getAttribute("data-kind") !== kind;
    }
    shown = kind;
    shownFor = 0;
  }

  /** Nothing else would bring it back: scripts that failed to load, or a connection that Streamlit has given up. */
  function mayReload() {
    if (shown === null || shown === "cookies" || shown === "old") return false;
    if (seen.health !== "ours") return false; // the browser's own error page would never come back
    if (wasAway && seen.scriptFailed) return true;
    return shownFor > RELOAD_AFTER_MS && (seen.scriptFailed || seen.state === "DISCONNECTED_FOREVER");
  }

  function turn() {
    var step = Math.min(2 * LOOK_MS, Date.now() - latest); // an iPad that slept has not waited
    latest = Date.now();
    var cookiesBefore = seen.cookies;
    look();
    seen.waited += step;
    seen.stateFor = seen.state === null ? 0 : seen.stateFor + step;
    shownFor += step;
    if (seen.waited >= nextHealth && !seen.alive) {
      nextHealth = seen.waited + HEALTH_EVERY_MS * (0.75 + Math.random() / 2);
      askHealth();
    }
    show(firstTrouble(seen));
    if ((seen.cookies && !cookiesBefore) || mayReload()) {
      setTimeout(function () {
        window.location.reload();
      }, 4000 * Math.random()); // a class does not come all at once
    } else if (!seen.alive || shown !== null) setTimeout(turn, LOOK_MS);
  }
  setTimeout(turn, LOOK_MS);
}
