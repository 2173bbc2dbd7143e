// Where the AI looked, from the maps that the network has made on the way to its features: exact, because the head
// is linear on averaged maps (ml_core/learn/explain.py).

import { plus } from "./numbers.js";

/** `maps`: {dims: [1, channels, rows, columns], data}, in the order of the features. {rows, columns, heat}, heat as
 * base64 with a byte a cell: 255 where the most spoke for the label. */
export function labelMap(maps, head, label) {
  const others = head.weight.filter((_, at) => at !== label);
  const against = others.reduce(
    (sum, row) => plus(sum, row, 1 / others.length),
    new Float64Array(head.length),
  );
  const towards = plus(head.weight[label], against, -1);
  const rows = Math.max(...maps.map(({ dims }) => dims[2]));
  const columns = Math.max(...maps.map(({ dims }) => dims[3]));
  const total = new Float64Array(rows * columns);
  let begins = 0;
  maps.forEach(({ dims, data }, index) => {
    const [, channels, high, wide] = dims;
    const cells = high * wide;
    const spoken = new Float64Array(cells);
    let square = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      const weight = towards[begins + channel];
      let sum = 0;
      for (let cell = 0; cell < cells; cell += 1) {
        const value = data[channel * cells + cell];
        sum += value;
        spoken[cell] += value * weight;
      }
      square += (sum / cells) ** 2;
    }
    begins += channels;
    const scale = (index === 0 ? 1 : (maps.length - 1) ** -0.5) / Math.max(Math.sqrt(square), 1e-6);
    for (let y = 0; y < rows; y += 1) {
      for (let x = 0; x < columns; x += 1) {
        const cell = Math.floor((y * high) / rows) * wide + Math.floor((x * wide) / columns);
        total[y * columns + x] += spoken[cell] * scale;
      }
    }
  });
  const highest = Math.max(...total);
  const share = (value) => (highest > 0 ? Math.min(Math.max(value / highest, 0), 1) : 0);
  return {
    rows,
    columns,
    heat: btoa(String.fromCharCode(...Array.from(total, (value) => share(value) * 255))),
  };
}
