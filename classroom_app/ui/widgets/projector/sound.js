// Plays the notes of the show. Silent until somebody switches it on: browsers want a tap or a key for that.

import { tuneOf } from "./tunes.js";

const LOUD = 0.35;

export class Sound {
  constructor(makeContext = () => new AudioContext()) {
    this.makeContext = makeContext;
    this.on = false;
  }

  toggle() {
    this.on = !this.on;
    if (this.on) {
      this.context ??= this.makeContext();
      this.context.resume?.();
      this.play("joined");
    } else this.hush();
  }

  play(kind, number = 0) {
    if (!this.on) return;
    this.hush(); // what is shown now is heard now
    const out = this.context.createGain();
    out.gain.value = LOUD;
    out.connect(this.context.destination);
    this.out = out;
    for (const one of tuneOf(kind, number)) this.playNote(one, out);
  }

  hush() {
    this.out?.disconnect();
    this.out = null;
  }

  playNote({ at, length, hz, loud, shape }, out) {
    const begin = this.context.currentTime + at;
    const swell = this.context.createGain();
    swell.gain.setValueAtTime(0.0001, begin);
    swell.gain.exponentialRampToValueAtTime(loud, begin + 0.01);
    swell.gain.exponentialRampToValueAtTime(0.0001, begin + length);
    swell.connect(out);
    const source = shape === "noise" ? this.noiseSource(hz, swell) : this.toneSource(hz, shape, swell);
    source.start(begin);
    source.stop(begin + length + 0.02);
  }

  toneSource(hz, shape, swell) {
    const tone = this.context.createOscillator();
    tone.type = shape;
    tone.frequency.value = hz;
    tone.connect(swell);
    return tone;
  }

  noiseSource(hz, swell) {
    this.hiss ??= this.makeHiss();
    const source = this.context.createBufferSource();
    source.buffer = this.hiss;
    const skin = this.context.createBiquadFilter(); // a drum's skin: the low part of a hiss
    skin.type = "lowpass";
    skin.frequency.value = hz * 4;
    source.connect(skin);
    skin.connect(swell);
    return source;
  }

  makeHiss() {
    const { sampleRate } = this.context;
    const buffer = this.context.createBuffer(1, sampleRate, sampleRate);
    const samples = buffer.getChannelData(0);
    for (let place = 0; place < samples.length; place += 1) samples[place] = 2 * Math.random() - 1;
    return buffer;
  }

  close() {
    this.hush();
    this.context?.close();
  }
}
