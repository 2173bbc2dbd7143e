// The group's colour, an ink that can be read on it, and its deep tone for bars, rings and frames.

const INK = [43, 36, 32]; // the pages' ink, for light colours
const PAPER = [255, 250, 242];
const READABLE = 4.6; // a little above the 4.5 that small text needs (WCAG AA)
const SEEN = 3.05; // and above the 3 of other things

const css = (rgb) => `rgb(${rgb.join(", ")})`;

function luminance(rgb) {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Dark enough to be seen on paper: as `deep` in content/catalog.py. */
function deepOf(rgb) {
  const onPaper = (tone) => (luminance(PAPER) + 0.05) / (luminance(tone) + 0.05);
  let tone = rgb;
  while (onPaper(tone) < SEEN) tone = tone.map((part) => Math.floor((part * 97) / 100));
  return tone;
}

/** A colour (`#rrggbb`), the ink on it and its deep tone. One too light for white and too dark for ink is darkened. */
export function accentOf(color) {
  const hex = /^#([0-9a-f]{6})$/i.exec(color ?? "");
  let rgb = hex ? [0, 2, 4].map((at) => parseInt(hex[1].slice(at, at + 2), 16)) : INK;
  const onInk = (luminance(rgb) + 0.05) / (luminance(INK) + 0.05);
  while (onInk < READABLE && 1.05 / (luminance(rgb) + 0.05) < READABLE)
    rgb = rgb.map((part) => Math.floor(part * 0.97));
  return { accent: css(rgb), onAccent: onInk < READABLE ? "#ffffff" : css(INK), deep: css(deepOf(rgb)) };
}

export function paint(root, color) {
  const { accent, onAccent, deep } = accentOf(color);
  root.style.setProperty("--deep", deep);
  root.style.setProperty("--accent", accent);
  root.style.setProperty("--on-accent", onAccent);
}
