// The group's colour, and an ink that can be read on it.

const INK = [31, 36, 48]; // near-black, for light colours
const READABLE = 4.6; // a little above the 4.5 that small text needs (WCAG AA)

const css = (rgb) => `rgb(${rgb.join(", ")})`;

function luminance(rgb) {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** A colour (`#rrggbb`) and the ink on it. One too light for white and too dark for ink is darkened. */
export function accentOf(color) {
  const hex = /^#([0-9a-f]{6})$/i.exec(color ?? "");
  let rgb = hex ? [0, 2, 4].map((at) => parseInt(hex[1].slice(at, at + 2), 16)) : INK;
  const onInk = (luminance(rgb) + 0.05) / (luminance(INK) + 0.05);
  while (onInk < READABLE && 1.05 / (luminance(rgb) + 0.05) < READABLE)
    rgb = rgb.map((part) => Math.floor(part * 0.97));
  return { accent: css(rgb), onAccent: onInk < READABLE ? "#ffffff" : css(INK) };
}

export function paint(root, color) {
  const { accent, onAccent } = accentOf(color);
  root.style.setProperty("--accent", accent);
  root.style.setProperty("--on-accent", onAccent);
}
