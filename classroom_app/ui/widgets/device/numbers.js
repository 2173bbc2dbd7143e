// Little linear algebra: dot products of long rows, and the eigenvectors of small symmetric matrices.

export function dot(one, other) {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += one[at] * other[at];
  return sum;
}

/** one + other * factor, as a new row. */
export function plus(one, other, factor = 1) {
  const sum = new Float64Array(one.length);
  for (let at = 0; at < one.length; at += 1) sum[at] = one[at] + other[at] * factor;
  return sum;
}

/** The dot product of each row with a vector. */
export const along = (rows, vector) => Float64Array.from(rows, (row) => dot(row, vector));

/** The rows' sum, each times its weight. */
export function combined(rows, weights, length) {
  const sum = new Float64Array(length);
  rows.forEach((row, index) => {
    const weight = weights[index];
    for (let at = 0; at < length; at += 1) sum[at] += row[at] * weight;
  });
  return sum;
}

export const meanRow = (rows) => combined(rows, Array(rows.length).fill(1 / rows.length), rows[0].length);

export const highestAt = (values) =>
  values.reduce((best, value, at) => (value > values[best] ? at : best), 0);

const SWEEPS = 60;
const SMALL = 1e-30;

/**
 * Eigenvalues of a symmetric matrix (an array of rows) and its eigenvectors, `vectors[i]` for `values[i]`, in no
 * order: Jacobi's rotations, exact enough for any matrix as small as the labels are many.
 */
export function eigenOf(matrix) {
  const size = matrix.length;
  const rest = matrix.map((row) => Float64Array.from(row));
  const vectors = rest.map((_, index) =>
    Float64Array.from({ length: size }, (_one, at) => Number(at === index)),
  );
  const total = rest.reduce((sum, row) => sum + dot(row, row), 0);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    let off = 0;
    for (let p = 0; p < size; p += 1) {
      for (let q = p + 1; q < size; q += 1) {
        off += rest[p][q] ** 2;
        if (rest[p][q] !== 0) rotate(rest, vectors, p, q);
      }
    }
    if (off <= SMALL * total) break;
  }
  return { values: rest.map((row, index) => row[index]), vectors };
}

/** Turns the plane of p and q so that the matrix has a zero there. */
function rotate(rest, vectors, p, q) {
  const theta = (rest[q][q] - rest[p][p]) / (2 * rest[p][q]);
  const tangent = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cos = 1 / Math.sqrt(tangent * tangent + 1);
  const sin = tangent * cos;
  const turn = (one, other, at) => {
    const [a, b] = [one[at], other[at]];
    one[at] = cos * a - sin * b;
    other[at] = sin * a + cos * b;
  };
  for (let at = 0; at < rest.length; at += 1) turn(rest[p], rest[q], at);
  for (const row of rest) {
    const [a, b] = [row[p], row[q]];
    row[p] = cos * a - sin * b;
    row[q] = sin * a + cos * b;
  }
  for (let at = 0; at < rest.length; at += 1) turn(vectors[p], vectors[q], at);
}
