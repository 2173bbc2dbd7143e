// A group's model from its file, as ml_core/learn/checkpoint.py writes it: safetensors with the meta in the
// header. Whatever is wrong with the bytes is a ModelFileError: a broken model never guesses.

const FORMATS = [1, 2, 3];
const NEEDED = ["bias", "reach_basis", "reach_means", "weight"];
const SPREAD = ["spread_directions", "spread_pull", "spread_numbers"];
const STRANGENESS = ["distance_mean", "distance_scale", "strength_mean", "strength_scale", "threshold"];
const UNLIKE = [...STRANGENESS, "final_length", "unlike_from"];
const UNSURE = ["distance_weight", "margin_weight", "threshold", "far"];
const RULES = { strangeness: STRANGENESS, unlike: UNLIKE, unsure: UNSURE };

export class ModelFileError extends Error {}

export function readModel(buffer) {
  try {
    return checked(parts(buffer));
  } catch (error) {
    throw error instanceof ModelFileError ? error : new ModelFileError(String(error));
  }
}

function parts(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const { __metadata__: about, ...tensors } = JSON.parse(
    new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(buffer, 8, length)),
  );
  const strange = Object.keys(tensors).filter((name) => ![...NEEDED, ...SPREAD].includes(name));
  if (strange.length) throw new ModelFileError(`unknown parts: ${strange}`);
  const read = {};
  for (const [name, { dtype, shape, data_offsets: ends }] of Object.entries(tensors)) {
    const bytes = buffer.slice(8 + length + ends[0], 8 + length + ends[1]);
    const values = dtype === "F16" ? ofHalves(new Uint16Array(bytes)) : ofFloats(dtype, bytes);
    if (values.length !== shape.reduce((all, one) => all * one, 1))
      throw new ModelFileError(`${name} is cut off`);
    if (!values.every(Number.isFinite)) throw new ModelFileError(`${name} is not finite`);
    read[name] = { values, shape };
  }
  return { meta: JSON.parse(about.meta), read };
}

function ofFloats(dtype, bytes) {
  if (dtype !== "F32") throw new ModelFileError(`numbers of the kind ${dtype}`);
  return new Float32Array(bytes);
}

export function ofHalves(halves) {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

function checked({ meta, read }) {
  const has = (name) => name in read;
  if (!NEEDED.every(has)) throw new ModelFileError("parts are missing");
  const labels = meta.labels.length;
  const length = read.weight.shape[1];
  const table = (name, rows) => {
    const { values, shape } = read[name];
    if (shape.length !== 2 || shape[1] !== length || (rows && shape[0] !== rows)) {
      throw new ModelFileError(`${name} does not fit`);
    }
    return Array.from({ length: shape[0] }, (_, at) => values.subarray(at * length, (at + 1) * length));
  };
  const model = {
    labels: meta.labels,
    space: meta.space,
    temperature: meta.temperature,
    shrinkage: meta.shrinkage,
    rule: ruleOf(meta.rule),
    length,
    weight: table("weight", labels),
    bias: read.bias.values,
    means: table("reach_means", labels),
    basis: table("reach_basis"),
    spread: null,
  };
  if (SPREAD.some(has)) {
    const [ridge, photoVariance] = read.spread_numbers.values;
    const { values: pull } = read.spread_pull;
    model.spread = { directions: table("spread_directions", pull.length), pull, ridge, photoVariance };
    if (!(ridge > 0 && photoVariance > 0)) throw new ModelFileError("the spread is none");
  }
  const numbers = [model.temperature, model.shrinkage, length];
  const { kind, final_length: finals } = model.rule;
  const split = kind !== "unlike" || (Number.isInteger(finals) && finals >= 1 && finals <= length);
  const fits = FORMATS.includes(meta.format) && labels >= 2 && model.bias.length === labels && split;
  if (!fits || !numbers.every(Number.isFinite)) throw new ModelFileError("the parts do not fit together");
  return model;
}

function ruleOf(told) {
  const names = Object.keys(told).sort().join();
  const known = Object.entries(RULES).find(([, one]) => [...one].sort().join() === names);
  if (!known || !Object.values(told).every(Number.isFinite))
    throw new ModelFileError("no rule that is known");
  return { kind: known[0], ...told };
}
