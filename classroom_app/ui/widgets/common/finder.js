// The square window onto the camera, and the card that takes its place: one picture and one sentence for the
// camera's word. Shared by the camera that shoots and the one that guesses.

import { LiveCamera, WITHOUT_CAMERA } from "./live_camera.js";
import { setLabel, setText } from "./text.js";

const WIDE_FROM_PX = 620;
const PICTURES = {
  opening: "📷",
  asking: "👆",
  lost: "😴",
  asleep: "😴",
  denied: "🙈",
  none: "📷",
  insecure: "📸",
  busy: "📷",
};

export class Finder {
  /** `onWord` hears the camera's words; `signal` ends the listening. */
  constructor(root, onWord, signal) {
    this.root = root;
    const $ = (name) => root.querySelector(name);
    this.part = {
      frame: $(".finder"),
      video: $("video"),
      flip: $(".flip"),
      card: $(".card"),
      picture: $(".picture"),
      sentence: $(".sentence"),
      take: $(".take"),
      again: $(".again"),
      help: $(".help"),
      one: $(".pick-one"),
    };
    this.camera = new LiveCamera(this.part.video, onWord);
    this.listen(signal);
  }

  listen(signal) {
    const { part } = this;
    part.take.addEventListener("click", () => part.one.click(), { signal });
    part.again.addEventListener("click", () => this.camera.open(), { signal });
    addEventListener("resize", () => this.fit(), { signal });
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.root);
  }

  fit() {
    const wide = this.root.clientWidth >= WIDE_FROM_PX && innerWidth > innerHeight;
    this.root.classList.toggle("wide", wide);
  }

  write(text) {
    setText(this.root.querySelector(".take-text"), text.camera_take);
    setText(this.part.again, text.camera_again);
    setText(this.part.help, text.camera_help);
    setLabel(this.part.flip, text.camera_flip);
  }

  /** `stands`: a picture stands still in the window; `fromFile`: it is none of this camera. */
  show(word, text, { stands = false, fromFile = false } = {}) {
    const { part, camera } = this;
    const live = word === "live" || word === "dark";
    const without = WITHOUT_CAMERA.has(word);
    this.root.dataset.word = word;
    window.classroomCameraWord = word; // for the iPad's heartbeat
    this.root.dataset.camera = without ? "no" : "yes";
    document.documentElement.dataset.camera = without ? "no" : "yes"; // for the page around: children_frame.css
    part.frame.classList.toggle("mirrored", camera.mirrored && !fromFile);
    part.flip.hidden = !live || !camera.several;
    part.card.hidden = live || stands;
    part.card.classList.toggle("waiting", !without);
    part.take.hidden = !without;
    part.again.hidden = word !== "denied" && word !== "busy";
    part.help.hidden = part.again.hidden || !text.camera_help;
    setText(part.picture, PICTURES[word] ?? "📷");
    setText(part.sentence, text[`camera_${word}`] ?? "");
    return { live, without };
  }

  close() {
    window.classroomCameraWord = null;
    delete document.documentElement.dataset.camera;
    this.sizes.disconnect();
    this.camera.close();
  }
}
