// The sounds of the show as notes: made by the project, none is a recording. Times in seconds, pitch in hertz.

const noise = (at, length, loud, low) => ({ at, length, loud, shape: "noise", hz: low });
const note = (at, length, hz, loud = 0.5, shape = "triangle") => ({ at, length, hz, loud, shape });

const C5 = 523.25;
const E5 = 659.26;
const G5 = 783.99;
const C6 = 1046.5;
const E6 = 1318.5;
const STEPS = [0, 2, 4, 7, 9]; // a scale on which every two tones sound well together

export const ROLL_S = 4;

function roll() {
  const hits = [];
  for (let at = 0; at < ROLL_S; at += 0.055) hits.push(noise(at, 0.07, 0.12 + (0.3 * at) / ROLL_S, 240));
  return [...hits, noise(ROLL_S, 0.9, 0.8, 160)];
}

const hit = () => [noise(0, 0.5, 0.7, 180), note(0, 0.6, C5), note(0.02, 0.6, E5, 0.35)];

const fanfare = () => [
  noise(0, 0.6, 0.7, 160),
  note(0, 0.18, G5, 0.5, "sawtooth"),
  note(0.2, 0.18, G5, 0.5, "sawtooth"),
  note(0.4, 0.18, G5, 0.5, "sawtooth"),
  ...[C5, E5, G5, C6].map((hz) => note(0.62, 1.6, hz, 0.4, "sawtooth")),
  ...[G5, C6, E6].map((hz) => note(1.5, 1.5, hz, 0.25)),
];

/** Its pitch rises from one to the next. */
const plop = (number) => {
  const hz = C5 * 2 ** ((STEPS[number % STEPS.length] + 12 * (Math.floor(number / STEPS.length) % 2)) / 12);
  return [note(0, 0.12, hz * 0.7, 0.4, "sine"), note(0.06, 0.2, hz, 0.5, "sine")];
};

const TUNES = {
  joined: plop,
  born: () => [C5, E5, G5, C6].map((hz, place) => note(0.09 * place, 0.25, hz, 0.4)),
  tick: () => [note(0, 0.06, C6, 0.35, "square")],
  over: () => [note(0, 0.5, G5, 0.5), note(0.5, 0.9, C5, 0.5), noise(0, 0.5, 0.5, 160)],
  drum: roll,
  place: hit,
  winner: fanfare,
  podium: fanfare,
  awards: () => [E5, G5, C6, E6].map((hz, place) => note(0.13 * place, 0.5, hz, 0.4)),
  hardest: () => [note(0, 0.25, E5, 0.4), note(0.3, 0.5, C5 * 0.94, 0.4)],
  looked: () => [C5, E5, C6].map((hz, place) => note(0.18 * place, 0.4, hz, 0.4)),
  thanks: () => [C5, E5, G5].map((hz, place) => note(0.2 * place, 1.2, hz, 0.35)),
};

export const KINDS = Object.keys(TUNES);

/** The notes of a sound; none for a scene without one. */
export const tuneOf = (kind, number = 0) => TUNES[kind]?.(number) ?? [];
