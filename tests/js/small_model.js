// A model file of two labels and three features, for the tests of what guesses on the iPad.

export const META = {
  format: 2,
  space: "net.1.4",
  labels: ["a", "b"],
  shrinkage: 0.5,
  temperature: 4,
  rule: { distance_mean: 0.1, distance_scale: 0.5, strength_mean: 1, strength_scale: 0.25, threshold: 3 },
};
export const TENSORS = {
  bias: [[-0.5, -0.5], [2]],
  reach_basis: [
    [0, 0, 0.5],
    [1, 3],
  ],
  reach_means: [
    [1, 0, 0, 0, 1, 0],
    [2, 3],
  ],
  weight: [
    [1, 0, 0, 0, 1, 0],
    [2, 3],
  ],
};

/** The bytes of a safetensors file. */
export function bytesOf(tensors = TENSORS, meta = META) {
  const header = { __metadata__: { meta: JSON.stringify(meta) } };
  let end = 0;
  for (const [name, [values, shape]] of Object.entries(tensors)) {
    header[name] = { dtype: "F32", shape, data_offsets: [end, end + values.length * 4] };
    end += values.length * 4;
  }
  const head = new TextEncoder().encode(JSON.stringify(header));
  const data = Object.values(tensors).flatMap(([values]) => values);
  const bytes = new Uint8Array(8 + head.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  bytes.set(new Uint8Array(Float32Array.from(data).buffer), 8 + head.length);
  return bytes.buffer;
}
