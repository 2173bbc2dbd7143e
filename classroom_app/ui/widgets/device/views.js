// A picture -> the views that the network looks at, cut as the server cuts them (ml_core/vision/images.py and
// shrink.py): the same parts, the same triangle filter, the same turns.

const part = (left, top, width, height, mirrored, turned = 0) => ({
  left,
  top,
  width,
  height,
  mirrored,
  turned,
});
export const VIEWS = [
  part(0, 0, 1, 1, false),
  part(0, 0, 1, 1, true),
  part(0.1, 0.1, 0.8, 0.8, false),
  part(0, 0, 1, 1, true, 12),
  part(0.01, 0, 0.76, 0.87, false),
  part(0.15, 0.05, 0.8, 0.8, true),
];

/** View `index` of a picture ({data: RGBA, width, height}) as [side, side, 3] bytes. */
export function cutView(picture, index, side) {
  const view = VIEWS[index];
  const box = boxOf(view, picture.width, picture.height);
  const cut = view.turned ? turnedPart(picture, box, view.turned, side) : squaredPart(picture, box, side);
  return view.mirrored ? mirrored(cut, side) : cut;
}

function roundHalfEven(value) {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** In whole pixels, never empty. */
export function boxOf(view, width, height) {
  const left = Math.trunc(view.left * width);
  const top = Math.trunc(view.top * height);
  const right = Math.max(left + 1, roundHalfEven((view.left + view.width) * width));
  const bottom = Math.max(top + 1, roundHalfEven((view.top + view.height) * height));
  return { left, top, right, bottom };
}

/** Which old pixels each new one is made of: the first one and the weights. */
function triangles(old, fresh) {
  const scale = old / fresh;
  const reach = Math.max(scale, 1); // half of the filter's width; enlarging is plain interpolation
  return Array.from({ length: fresh }, (_, at) => {
    const centre = (at + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach));
    const last = Math.min(old, Math.trunc(centre + reach) + 1);
    const weights = [];
    for (let pixel = first; pixel < last; pixel += 1) {
      weights.push(Math.max(0, 1 - Math.abs(pixel + 0.5 - centre) / reach));
    }
    const sum = weights.reduce((all, weight) => all + weight, 0);
    return { first, weights: Float32Array.from(weights, (weight) => weight / sum) };
  });
}

/** The part of a picture as a square; pixels around it count for nothing. */
function squaredPart({ data, width }, { left, top, right, bottom }, side) {
  const columns = right - left;
  const low = new Float32Array(side * columns * 3);
  triangles(bottom - top, side).forEach(({ first, weights }, y) => {
    weights.forEach((weight, step) => {
      let from = ((top + first + step) * width + left) * 4;
      let to = y * columns * 3;
      for (let x = 0; x < columns; x += 1, from += 4, to += 3) {
        low[to] += data[from] * weight;
        low[to + 1] += data[from + 1] * weight;
        low[to + 2] += data[from + 2] * weight;
      }
    });
  });
  const square = new Uint8Array(side * side * 3);
  triangles(columns, side).forEach(({ first, weights }, x) => {
    for (let y = 0; y < side; y += 1) {
      const from = (y * columns + first) * 3;
      const to = (y * side + x) * 3;
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0.5;
        for (let step = 0; step < weights.length; step += 1)
          sum += low[from + step * 3 + channel] * weights[step];
        square[to + channel] = sum;
      }
    }
  });
  return square;
}

/** What of the turned square fills an upright one; a straight line between the pixels, as Pillow has it. */
function turnedPart(picture, box, degrees, side) {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const large = Math.ceil(side * (cos + Math.abs(sin))) + 2;
  const shiftX = (large - side * (cos - sin)) / 2;
  const shiftY = (large - side * (cos + sin)) / 2;
  const from = squaredPart(picture, box, large);
  const square = new Uint8Array(side * side * 3);
  const kept = (at) => Math.min(Math.max(at, 0), large - 1);
  for (let y = 0, to = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1, to += 3) {
      const inX = cos * (x + 0.5) - sin * (y + 0.5) + shiftX;
      const inY = sin * (x + 0.5) + cos * (y + 0.5) + shiftY;
      if (inX < 0 || inX >= large || inY < 0 || inY >= large) continue;
      // One by one: pairs would be an array for each pixel in Safari.
      const left = Math.floor(inX - 0.5);
      const top = Math.floor(inY - 0.5);
      const right = inX - 0.5 - left;
      const down = inY - 0.5 - top;
      const x0 = kept(left) * 3;
      const x1 = kept(left + 1) * 3;
      const y0 = kept(top) * large * 3;
      const y1 = kept(top + 1) * large * 3;
      for (let channel = 0; channel < 3; channel += 1) {
        const upper = from[y0 + x0 + channel] + (from[y0 + x1 + channel] - from[y0 + x0 + channel]) * right;
        const lower = from[y1 + x0 + channel] + (from[y1 + x1 + channel] - from[y1 + x0 + channel]) * right;
        square[to + channel] = upper + (lower - upper) * down;
      }
    }
  }
  return square;
}

function mirrored(square, side) {
  const turned = new Uint8Array(square.length);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const from = (y * side + side - 1 - x) * 3;
      const to = (y * side + x) * 3;
      for (let channel = 0; channel < 3; channel += 1) turned[to + channel] = square[from + channel];
    }
  }
  return turned;
}
