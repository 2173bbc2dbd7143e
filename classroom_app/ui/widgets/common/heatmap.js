// Where the AI looked, drawn over a picture: dark where it did not look, clear and lined where it did.
// Told by brightness and a line, never by hue alone. Knows nothing of photos, models or the server.

import { make } from "./base.js";
import { setText } from "./text.js";

export const FIELD_SIDE = 96; // the map is smoothed on this many points a side
const SMOOTH_SHARE = 0.05; // of the side: about half a cell of the coarsest map
const EDGE_LEVEL = 0.5; // the line goes where half of the highest is reached
const VEIL_RGB = [20, 24, 44];
const VEIL_ALPHA = 0.74;
const GLOW_RGB = [255, 236, 160];
const GLOW_ALPHA = 0.2;

/** `heat` is base64, one byte a cell, row by row. Returns smooth shares of the highest, 0 to 1; null when all is 0. */
export function heatField({ rows, columns, heat }) {
  const cells = Uint8Array.from(atob(heat), (letter) => letter.charCodeAt(0));
  if (!(rows > 0) || !(columns > 0) || cells.length !== rows * columns) return null;
  let field = new Float32Array(FIELD_SIDE * FIELD_SIDE);
  for (let y = 0; y < FIELD_SIDE; y += 1) {
    for (let x = 0; x < FIELD_SIDE; x += 1) {
      const row = Math.floor((y * rows) / FIELD_SIDE);
      field[y * FIELD_SIDE + x] = cells[row * columns + Math.floor((x * columns) / FIELD_SIDE)];
    }
  }
  for (let round = 0; round < 3; round += 1) field = blurred(blurred(field)); // each turns it over: along and across
  const highest = field.reduce((most, value) => Math.max(most, value), 0);
  return highest > 0 ? field.map((value) => value / highest) : null;
}

/** The mean of neighbours along each row, written as columns. */
function blurred(field) {
  const reach = Math.round(FIELD_SIDE * SMOOTH_SHARE);
  const turned = new Float32Array(field.length);
  for (let y = 0; y < FIELD_SIDE; y += 1) {
    for (let x = 0; x < FIELD_SIDE; x += 1) {
      let sum = 0;
      for (let step = -reach; step <= reach; step += 1) {
        sum += field[y * FIELD_SIDE + Math.min(FIELD_SIDE - 1, Math.max(0, x + step))];
      }
      turned[x * FIELD_SIDE + y] = sum / (2 * reach + 1);
    }
  }
  return turned;
}

const eased = (value, low, high) => {
  const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return share * share * (3 - 2 * share);
};

/** A small canvas: the dark veil with a clear, slightly warm window. */
function veilOf(field) {
  const veil = make("canvas", { width: FIELD_SIDE, height: FIELD_SIDE });
  const pen = veil.getContext("2d");
  const pixels = pen.createImageData(FIELD_SIDE, FIELD_SIDE);
  field.forEach((value, at) => {
    const clear = eased(value, 0.12, 0.62);
    const [rgb, alpha] =
      clear < 0.5 ? [VEIL_RGB, VEIL_ALPHA * (1 - clear * 2)] : [GLOW_RGB, GLOW_ALPHA * (clear * 2 - 1)];
    pixels.data.set([...rgb, Math.round(alpha * 255)], at * 4);
  });
  pen.putImageData(pixels, 0, 0);
  return veil;
}

/** Short pieces of the line between below and above the level, [x, y, x, y] in shares of the picture (marching squares). */
export function edgeOf(field, level) {
  const pieces = [];
  const at = (x, y) => (x < 0 || y < 0 || x >= FIELD_SIDE || y >= FIELD_SIDE ? 0 : field[y * FIELD_SIDE + x]);
  for (let y = -1; y < FIELD_SIDE; y += 1) {
    for (let x = -1; x < FIELD_SIDE; x += 1) {
      const corners = [
        [x, y],
        [x + 1, y],
        [x + 1, y + 1],
        [x, y + 1],
      ];
      const cuts = [];
      corners.forEach(([x1, y1], index) => {
        const [x2, y2] = corners[(index + 1) % 4];
        const [one, other] = [at(x1, y1), at(x2, y2)];
        if (one >= level === other >= level) return;
        const part = (level - one) / (other - one);
        cuts.push((x1 + (x2 - x1) * part + 0.5) / FIELD_SIDE, (y1 + (y2 - y1) * part + 0.5) / FIELD_SIDE);
      });
      for (let cut = 0; cut + 3 < cuts.length; cut += 4) pieces.push(cuts.slice(cut, cut + 4));
    }
  }
  return pieces;
}

/** Draws over a picture of this shape; the canvas is laid over it with the same object-fit. False when nothing stood out. */
function drawHeat(canvas, answer, width, height) {
  const field = heatField(answer);
  const scale = 640 / Math.max(width, height);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  if (!field) return false;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(veilOf(field), 0, 0, canvas.width, canvas.height);
  const pieces = edgeOf(field, EDGE_LEVEL);
  pen.lineCap = "round";
  for (const [color, thick] of [
    ["rgba(20, 24, 44, .8)", 11],
    ["#ffffff", 5],
  ]) {
    pen.strokeStyle = color;
    pen.lineWidth = thick;
    pen.beginPath();
    for (const [x1, y1, x2, y2] of pieces) {
      pen.moveTo(x1 * canvas.width, y1 * canvas.height);
      pen.lineTo(x2 * canvas.width, y2 * canvas.height);
    }
    pen.stroke();
  }
  return true;
}

/** The map over one picture and the button that shows and hides it. `fetchIt` is called when a child asks too early. */
export class HeatView {
  constructor(canvas, button, fetchIt = () => {}) {
    Object.assign(this, { canvas, button, fetchIt, text: {} });
    this.name = make("span", { className: "look-name" });
    this.note = make("span", { className: "look-note" });
    const words = make("span", { className: "look-words" });
    words.append(this.name, this.note);
    button.append(words);
    button.addEventListener("click", () => {
      this.wanted = !this.wanted;
      this.draw();
      if (this.wanted && !this.ready) this.fetchIt();
    });
    this.clear();
  }

  say(text) {
    this.text = text;
    this.draw();
  }

  /** Nothing is known of this picture. With `wanted` the map shows as soon as it is there. */
  clear(wanted = false) {
    this.ready = false;
    this.wanted = wanted;
    this.draw();
  }

  show(answer, width, height) {
    this.ready = true;
    this.found = drawHeat(this.canvas, answer, width, height);
    this.draw();
  }

  draw() {
    const { button, text } = this;
    const on = this.wanted && this.ready;
    const waits = this.wanted && !this.ready;
    this.canvas.hidden = !on;
    button.setAttribute("aria-pressed", String(on));
    button.setAttribute("aria-busy", String(waits));
    setText(this.name, waits ? text.look_wait : text.look_where);
    setText(this.note, this.found ? text.look_bright : text.look_nowhere);
    this.note.hidden = !on;
  }
}
