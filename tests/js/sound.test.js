import assert from "node:assert/strict";
import { test } from "node:test";
import { Sound } from "../../classroom_app/ui/widgets/projector/sound.js";
import { KINDS, tuneOf } from "../../classroom_app/ui/widgets/projector/tunes.js";

const SCENES = ["drum", "place", "podium", "awards", "hardest", "looked", "thanks"];

/** Web Audio on paper: what was started, and what is heard. */
function useContext() {
  const started = [];
  const made = { contexts: 0, started, outs: [] };
  const param = () => ({ value: 0, setValueAtTime() {}, exponentialRampToValueAtTime() {} });
  class Node {
    constructor(kind) {
      Object.assign(this, { kind, gain: param(), frequency: param(), heard: false });
    }

    connect(to) {
      if (to === "speaker") made.outs.push(this);
      this.heard = true;
    }

    disconnect() {
      this.heard = false;
    }

    start(at) {
      started.push({ kind: this.kind, at });
    }

    stop() {}
  }
  const context = {
    currentTime: 5,
    sampleRate: 100,
    destination: "speaker",
    createGain: () => new Node("gain"),
    createOscillator: () => new Node("tone"),
    createBiquadFilter: () => new Node("filter"),
    createBufferSource: () => new Node("noise"),
    createBuffer: (_channels, length) => ({ getChannelData: () => new Float32Array(length) }),
    close() {
      made.closed = true;
    },
  };
  const make = () => {
    made.contexts += 1;
    return context;
  };
  return { made, make };
}

test("every scene of the show has a sound, and none is longer than the drum roll", () => {
  for (const scene of SCENES) assert.ok(KINDS.includes(scene), scene);
  for (const kind of KINDS) {
    const notes = tuneOf(kind, 3);
    assert.ok(notes.length > 0, kind);
    for (const { at, length, hz, loud } of notes) {
      assert.ok(at >= 0 && length > 0 && at + length < 5 && loud > 0 && loud <= 1, kind);
      assert.ok(hz > 100 && hz < 2000, kind);
    }
  }
  assert.deepEqual(tuneOf("nothing like it"), []);
});

test("each group that joins sounds higher than the one before", () => {
  const pitches = [0, 1, 2, 3, 4, 5].map((number) => tuneOf("joined", number).at(-1).hz);
  assert.deepEqual(
    pitches,
    [...pitches].sort((one, other) => one - other),
  );
});

test("it is silent until it is switched on, and then what is shown now is heard now", () => {
  const { made, make } = useContext();
  const sound = new Sound(make);
  sound.play("winner");
  assert.equal(made.contexts, 0);
  sound.toggle();
  assert.equal(made.contexts, 1);
  sound.play("drum");
  sound.play("place");
  assert.deepEqual(
    made.outs.map((out) => out.heard),
    [false, false, true],
  );
  assert.ok(made.started.every(({ at }) => at >= 5));
  sound.toggle();
  assert.equal(made.outs.at(-1).heard, false);
  const before = made.started.length;
  sound.play("winner");
  assert.equal(made.started.length, before);
  sound.close();
  assert.ok(made.closed);
});
