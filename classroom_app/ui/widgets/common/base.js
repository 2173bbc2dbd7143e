// Small helpers for every widget: elements, ids, memory of small choices, calm motion.

/** A UUID v4. Plain http has no crypto.randomUUID, but it has getRandomValues. */
export function newId() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Small choices that outlive the page. A private window may forbid localStorage: then they don't. */
export const memo = {
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

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const calmMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Restarts a CSS animation by taking its class off and on again. */
export function replay(element, name) {
  element.classList.remove(name);
  void element.offsetWidth;
  element.classList.add(name);
}

/** No callout, magnifier or context menu when a child holds a finger down. */
export function noCallout(element) {
  element.addEventListener("contextmenu", (event) => event.preventDefault());
  element.addEventListener("dragstart", (event) => event.preventDefault());
}

export const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

/** A picture beside words that say the same: not read out. */
export function makeEmoji(className, emoji = "") {
  const picture = make("span", { className, textContent: emoji });
  picture.setAttribute("aria-hidden", "true");
  return picture;
}

/** The child at this place among its siblings; one that is there already is not touched. */
export function placeAt(parent, child, at) {
  if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null);
}
