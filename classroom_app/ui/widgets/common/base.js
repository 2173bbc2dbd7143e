// Small helpers for every widget: texts with furigana, ids, colours, memory of small choices.
// Knows nothing of cameras, photos or the server.

const FURIGANA =
  /\{([^{}|]+)\|([^{}|]+)\}|<ruby>([^<]*)(?:<rp>[^<]*<\/rp>)?<rt>([^<]*)<\/rt>(?:<rp>[^<]*<\/rp>)?<\/ruby>/g;
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&#39;": "'" };

const decoded = (text) => text.replace(/&(?:amp|lt|gt|quot|#x27|#39);/g, (entity) => ENTITIES[entity]);

/** Text with `{base|reading}` or `<ruby>` in it, as nodes. Never through innerHTML: names come from people. */
function textNodes(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(FURIGANA)) {
    if (match.index > from) nodes.push(decoded(text.slice(from, match.index)));
    const ruby = document.createElement("ruby");
    const reading = document.createElement("rt");
    reading.textContent = decoded(match[2] ?? match[4]);
    ruby.append(decoded(match[1] ?? match[3]), reading);
    nodes.push(ruby);
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(decoded(text.slice(from)));
  return nodes;
}

/** The same text for attributes and speech: the reading alone. */
function plainText(text) {
  return decoded(text.replace(FURIGANA, (_all, _base, reading, _base2, reading2) => reading ?? reading2));
}

const shownTexts = new WeakMap();

function setText(element, text) {
  if (shownTexts.get(element) === text) return;
  shownTexts.set(element, text);
  element.replaceChildren(...textNodes(text ?? ""));
}

function setLabel(element, text) {
  element.setAttribute("aria-label", plainText(text));
}

/** `%n` is the blank for a number: braces already mean furigana. */
const withNumber = (text, n) => text.split("%n").join(String(n));

/** A UUID v4. Plain http has no crypto.randomUUID, but it has getRandomValues. */
function newId() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Small choices that outlive the page. A private window may forbid localStorage: then they don't. */
const memo = {
  get(name) {
    try {
      return localStorage.getItem(`classroom.${name}`);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(`classroom.${name}`, value);
    } catch {
      /* forgotten, which is fine */
    }
  },
};

const INK = [31, 36, 48]; // near-black, for light colours
const READABLE = 4.6; // a little above the 4.5 that small text needs (WCAG AA)

function luminance(rgb) {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The group's colour and an ink to write on it. A colour too light for white and too dark for ink is darkened. */
function paint(root, color) {
  const hex = /^#([0-9a-f]{6})$/i.exec(color ?? "");
  let rgb = hex ? [0, 2, 4].map((at) => parseInt(hex[1].slice(at, at + 2), 16)) : INK;
  const onInk = (luminance(rgb) + 0.05) / (luminance(INK) + 0.05);
  while (onInk < READABLE && 1.05 / (luminance(rgb) + 0.05) < READABLE)
    rgb = rgb.map((part) => Math.floor(part * 0.97));
  root.style.setProperty("--accent", `rgb(${rgb.join(", ")})`);
  root.style.setProperty("--on-accent", onInk < READABLE ? "#ffffff" : `rgb(${INK.join(", ")})`);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const calmMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Restarts a CSS animation by taking its class off and on again. */
function replay(element, name) {
  element.classList.remove(name);
  void element.offsetWidth;
  element.classList.add(name);
}

/** No callout, magnifier or context menu when a child holds a finger down. */
function noCallout(element) {
  element.addEventListener("contextmenu", (event) => event.preventDefault());
  element.addEventListener("dragstart", (event) => event.preventDefault());
}
