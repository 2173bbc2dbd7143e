// Texts with furigana, as nodes and as plain words. Never through innerHTML: names come from people.

const FURIGANA =
  /\{([^{}|]+)\|([^{}|]+)\}|<ruby>([^<]*)(?:<rp>[^<]*<\/rp>)?<rt>([^<]*)<\/rt>(?:<rp>[^<]*<\/rp>)?<\/ruby>/g;
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&#39;": "'" };

const decoded = (text) => text.replace(/&(?:amp|lt|gt|quot|#x27|#39);/g, (entity) => ENTITIES[entity]);

/** A text with `{base|reading}` or `<ruby>` in it, cut into plain strings and {base, reading}. */
export function textParts(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(FURIGANA)) {
    if (match.index > from) parts.push(decoded(text.slice(from, match.index)));
    parts.push({ base: decoded(match[1] ?? match[3]), reading: decoded(match[2] ?? match[4]) });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push(decoded(text.slice(from)));
  return parts;
}

/** The same as nodes, furigana above its base. */
export function textNodes(text) {
  return textParts(text).map((part) => {
    if (typeof part === "string") return part;
    const ruby = document.createElement("ruby");
    const reading = document.createElement("rt");
    reading.textContent = part.reading;
    ruby.append(part.base, reading);
    return ruby;
  });
}

/** The same for attributes and speech: the reading alone. */
export const plainText = (text) =>
  textParts(text)
    .map((part) => part.reading ?? part)
    .join("");

const shownTexts = new WeakMap();

export function setText(element, text) {
  if (shownTexts.get(element) === text) return;
  shownTexts.set(element, text);
  element.replaceChildren(...textNodes(text ?? ""));
}

export function setLabel(element, text) {
  element.setAttribute("aria-label", plainText(text));
}

/** `%n` is the blank for a number: braces already mean furigana. */
export const withNumber = (text, n) => text.split("%n").join(String(n));
