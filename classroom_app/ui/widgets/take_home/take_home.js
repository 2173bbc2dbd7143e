// A group's AI at home: one page from a file, which asks nobody and loads nothing. It shows what the group made, and
// guesses what the camera sees or what is in a chosen picture.

import { make, noCallout } from "../common/base.js";
import { Finder } from "../common/finder.js";
import { HeatView } from "../common/heatmap.js";
import { paint } from "../common/paint.js";
import { canvasOfFile, FRAME_SIDE_PX, smallPicture, squareOf } from "../common/pixels.js";
import { plainText, setLabel, setText } from "../common/text.js";
import { GuessView } from "../player/guess_view.js";
import { HomeAi } from "./home_ai.js";

const GAP_MS = 80; // between frames: the page has to be drawn too
const CAMERA = "home"; // the one stream of frames

class HomePage {
  /** `story`: what the server wrote down of the group; `imported`: a module by its address. */
  constructor(root, story, imported) {
    Object.assign(this, { root, story });
    this.lang = story.lang;
    const $ = (name) => root.querySelector(name);
    this.part = {
      player: $(".home-player"),
      still: $(".still"),
      opening: $(".home-opening"),
      opened: $(".home-opened"),
      ways: $(".home-ways"),
      camera: $(".home-camera"),
      picture: $(".home-picture"),
      language: $(".home-language"),
      pick: $(".pick-one"),
      around: $(".around"),
      aroundText: $(".around-text"),
    };
    this.around = false; // the AI has looked around
    this.undone = false; // a tap wanted it as it was
    this.labels = new Map(story.labels.map((label) => [label.label_id, label]));
    this.word = ""; // of the camera; empty: nobody has asked for it
    this.state = "opening"; // opening, ready, or why there is no AI
    this.stands = null; // the picture that stands still
    this.pictures = 0; // that were guessed
    this.view = new GuessView(this.part.player);
    this.heat = new HeatView($(".heat"), $(".look"));
    this.stopListening = new AbortController();
    this.finder = new Finder(this.part.player, (word) => this.heardCamera(word), this.stopListening.signal);
    this.ai = new HomeAi((name) => document.getElementById(`part-${name}`), imported);
    this.listen();
    this.write();
    paint(root, story.color);
    this.open();
  }

  listen() {
    const { part } = this;
    part.camera.addEventListener("click", () => this.useCamera());
    part.picture.addEventListener("click", () => part.pick.click());
    part.pick.addEventListener("change", () => this.takeFile());
    part.around.addEventListener("click", () => {
      this.undone = !this.undone;
      this.showAround();
    });
    part.language.addEventListener("click", () => {
      this.lang = this.lang === "ja" ? "en" : "ja";
      this.write();
    });
    noCallout(this.root);
  }

  get text() {
    return this.story.texts[this.lang];
  }

  // ---- words

  /** All of them, in the language of now. */
  write() {
    const { root, story, text, lang, part } = this;
    const say = (name, words) => setText(root.querySelector(name), words);
    document.documentElement.lang = lang;
    document.title = plainText(story.title[lang]);
    say(".home-animal", story.emoji);
    say(".home-title", story.title[lang]);
    say(".home-class", story.made[lang]);
    say(".home-story-title", text.take_home_story);
    this.sayCamera();
    say(".home-picture-text", text.take_home_picture);
    say(".home-foot", text.take_home_alone);
    setText(part.language, text.language_other);
    root
      .querySelector(".home-lines")
      .replaceChildren(...story.lines[lang].map(([emoji, line]) => this.item(emoji, line)));
    root
      .querySelector(".home-labels")
      .replaceChildren(...story.labels.map((label) => this.item(label.emoji, label[lang])));
    this.finder.write(text);
    this.heat.say(text);
    this.view.forget();
    this.heardCamera(this.word);
    this.sayState();
    if (this.answer) this.draw();
  }

  sayCamera() {
    const words = this.stands ? this.text.take_home_back : this.text.take_home_camera;
    setText(this.root.querySelector(".home-camera-text"), words);
  }

  item(emoji, words) {
    const line = make("li", {});
    const said = make("span", {});
    setText(said, words);
    if (emoji) line.append(make("span", { className: "emoji", textContent: emoji }), " ");
    line.append(said);
    return line;
  }

  sayState() {
    const { part, state, text } = this;
    this.root.dataset.state = state;
    part.opening.hidden = state !== "opening";
    part.ways.hidden = state !== "ready";
    if (state === "ready") {
      if (!this.answer) this.view.sayHeadline("💭", text.take_home_ask, "sentence");
    } else if (state === "opening") this.view.sayHeadline("🤖", text.take_home_opening, "sentence");
    else this.view.sayHeadline("🧩", text[`take_home_${state}`], "sentence");
  }

  heardCamera(word) {
    const { part, text, finder, stands } = this;
    this.word = word;
    const { live, without } = finder.show(word || "start", text, {
      stands: stands !== null,
      fromFile: stands !== null,
    });
    finder.part.take.hidden = true; // the way to a picture is always there
    if (!word) setText(finder.part.picture, this.story.emoji);
    this.live = live;
    part.camera.hidden = live && !stands;
    part.camera.classList.toggle("strong", !without);
    part.picture.classList.toggle("strong", without);
    if (without) part.camera.hidden = true;
    this.showAround();
  }

  /** By itself the AI looks around where the place is another one: it says so, and a tap undoes it. */
  showAround() {
    const { around, aroundText } = this.part;
    const words = this.text[this.undone ? "player_around_here" : "player_around_done"];
    around.hidden = !this.live || this.stands !== null || !(this.around || this.undone);
    setText(aroundText, words);
    setLabel(around, words);
  }

  // ---- the AI

  async open() {
    try {
      await this.ai.open(this.story, (share) => {
        this.part.opened.style.setProperty("--share", share.toFixed(2));
      });
      this.state = "ready";
    } catch (error) {
      this.fails(error);
    }
    this.root.querySelector(".home-story").hidden = false;
    this.sayState();
  }

  learn(answer, still) {
    this.answer = answer;
    this.view.guess.learn(this.named(answer), still, performance.now());
    this.view.draw(this.text);
  }

  /** The last answer once more, in other words. */
  draw() {
    this.view.guess.learn(this.named(this.answer), true, performance.now());
    this.view.draw(this.text);
  }

  named(answer) {
    const scores = answer.scores.flatMap(({ label_id, p }) => {
      const label = this.labels.get(label_id);
      return label ? [{ label_id, p, emoji: label.emoji, name: label[this.lang] }] : [];
    });
    return { ...answer, scores };
  }

  // ---- the camera

  useCamera() {
    this.letGo();
    if (!this.live) this.finder.camera.open();
    if (!this.running) this.run();
  }

  async run() {
    this.running = true;
    while (this.state === "ready") {
      if (!document.hidden && !this.stands && this.finder.camera.usable) await this.look();
      await new Promise((resolve) => setTimeout(resolve, GAP_MS));
    }
  }

  async look() {
    const canvas = squareOf(this.finder.part.video, FRAME_SIDE_PX);
    if (!canvas) return;
    const picture = smallPicture(canvas);
    try {
      const answer = await this.ai.ask({ kind: "frame", picture, camera: CAMERA, look: !this.undone });
      this.around = answer.looked_around === true;
      this.showAround();
      if (!this.stands) this.learn(answer, false);
    } catch (error) {
      this.fails(error);
    }
  }

  fails(error) {
    this.state = { old: "old", damaged: "damaged" }[error.reason] ?? "broken";
    this.root.dataset.detail = String(error);
    this.sayState();
  }

  // ---- a picture that stands still

  async takeFile() {
    const [file] = this.part.pick.files;
    this.part.pick.value = "";
    if (!file) return;
    let canvas;
    try {
      canvas = await canvasOfFile(file, FRAME_SIDE_PX * 2);
    } catch {
      this.view.sayHeadline("🖼️", this.text.take_home_unreadable, "sentence");
      return;
    }
    const { still } = this.part;
    still.width = canvas.width;
    still.height = canvas.height;
    still.getContext("2d").drawImage(canvas, 0, 0);
    still.hidden = false;
    const picture = smallPicture(canvas);
    this.stands = picture;
    this.view.forget();
    this.answer = null;
    this.heat.clear(true);
    this.heardCamera(this.word);
    this.sayCamera();
    this.view.sayHeadline("🔍", this.text.take_home_looks, "sentence");
    await this.guess(picture).catch((error) => this.fails(error));
  }

  async guess(picture) {
    const answer = await this.ai.ask({ kind: "photo", picture, camera: null, look: false });
    if (picture !== this.stands) return;
    this.learn(answer, true);
    this.pictures += 1;
    Object.assign(this.root.dataset, { seen: answer.scores[0].label_id, pictures: String(this.pictures) });
    this.heat.button.hidden = false;
    const map = await this.ai.ask({ kind: "map", picture, label: answer.scores[0].label_id });
    if (picture === this.stands) this.heat.show(map, this.part.still.width, this.part.still.height);
  }

  /** Back to the camera. */
  letGo() {
    if (!this.stands) return;
    this.stands = null;
    this.answer = null;
    this.part.still.hidden = true;
    this.heat.clear();
    this.heat.button.hidden = true;
    this.view.forget();
    this.heardCamera(this.word);
    this.sayCamera();
    this.sayState();
  }
}

/** Called by the line that the server writes under this script. */
export default function startHome(imported) {
  const told = document.getElementById("story");
  const root = document.querySelector(".home");
  root.querySelector(".home-static").remove();
  return new HomePage(root, JSON.parse(told.textContent), imported);
}
