// Live guessing: a small square of the camera's picture goes out when the last answer is back; calm bars show it.
// Knows nothing of models or labels beforehand: names and emoji come with the answers. No picture is kept.

import { isPassing, post } from "../common/ask.js";
import { make, noCallout, replay } from "../common/base.js";
import { Finder } from "../common/finder.js";
import { HeatView } from "../common/heatmap.js";
import { WITHOUT_CAMERA } from "../common/live_camera.js";
import { mountOf } from "../common/mount.js";
import { paint } from "../common/paint.js";
import { canvasOfFile, giveCanvas, jpegOf, squareOf, takeCanvas } from "../common/pixels.js";
import { plainText, setLabel, setText, withNumber } from "../common/text.js";
import { CalmGuess } from "./calm_guess.js";
import { Looking } from "./looking.js";

const FRAME_SIDE_PX = 320;
const GAP_MS = 300; // from one frame to the next at best: about 3 per second
const IDLE_MS = 250;
const NO_MODEL_WAIT_MS = 4000;
const ANSWER_TIMEOUT_MS = 8000;
const STALE_AFTER = 2; // failures in a row
const PLACES = 3;

class PlayerWidget {
  constructor(root) {
    this.root = root.querySelector(".player");
    const $ = (name) => this.root.querySelector(name);
    this.part = {
      still: $(".still"),
      freeze: $(".freeze"),
      freezeText: $(".freeze-text"),
      offline: $(".offline"),
      headline: $(".headline"),
      headPicture: $(".headline-picture"),
      headText: $(".headline-text"),
      bars: $(".bars"),
      spoken: $(".spoken"),
      around: $(".around"),
      aroundText: $(".around-text"),
    };
    this.looking = new Looking();
    this.rows = new Map(); // label id -> row
    this.frozen = null; // the JPEG of the picture that stands still
    this.failures = 0;
    this.forget();
    this.stopListening = new AbortController();
    this.heat = new HeatView($(".heat"), $(".look"));
    this.finder = new Finder(this.root, (word) => this.showWord(word), this.stopListening.signal);
    this.camera = this.finder.camera;
    this.listen();
  }

  listen() {
    const { part } = this;
    const { signal } = this.stopListening;
    const on = (element, name, act) => element.addEventListener(name, act, { signal });
    on(part.freeze, "click", () => (this.frozen ? this.resume() : this.freeze()));
    on(part.around, "click", () => {
      this.looking.tap(performance.now());
      this.showAround();
    });
    on(this.finder.part.flip, "click", () => {
      this.resume();
      this.looking.restart();
      this.camera.flip();
    });
    on(this.finder.part.one, "change", (event) => this.takeFile(event.target));
    on(window, "online", () => this.hurry());
    on(document, "visibilitychange", () => this.hurry());
    noCallout(this.root);
  }

  update({ data }) {
    this.data = data;
    this.text = data.strings;
    paint(this.root, data.color);
    this.finder.write(this.text);
    setText(this.root.querySelector(".offline-text"), this.text.player_offline);
    this.heat.say(this.text);
    this.showWord(this.camera.word);
    if (this.started) return;
    this.started = true;
    this.sayHeadline("💭", this.text.player_think, "sentence");
    this.camera.open();
    this.run();
  }

  showWord(word) {
    const { part } = this;
    const seen = { stands: this.frozen !== null, fromFile: this.fromFile };
    const { live, without } = this.finder.show(word, this.text, seen);
    part.freeze.hidden = !live && this.frozen === null;
    this.live = live;
    this.showAround();
    part.freeze.setAttribute("aria-pressed", String(this.frozen !== null));
    const next = without ? this.text.player_next_photo : this.text.player_resume;
    const does = this.frozen === null ? this.text.player_freeze : next;
    setText(part.freezeText, does);
    setLabel(part.freeze, does);
  }

  showAround() {
    const { around, aroundText } = this.part;
    const state = this.looking.state(performance.now());
    around.hidden = !this.live || this.frozen !== null;
    around.dataset.state = state;
    around.style.setProperty("--seen", this.looking.variety.toFixed(2));
    setText(aroundText, this.text[`player_around_${state}`]);
    setLabel(around, this.text[`player_around_${state}`]);
  }

  // ---- a picture that stands still

  async freeze() {
    const canvas = squareOf(this.finder.part.video, FRAME_SIDE_PX * 2);
    if (canvas) await this.stand(canvas);
  }

  async stand(canvas) {
    const { still } = this.part;
    still.width = canvas.width;
    still.height = canvas.height;
    still.getContext("2d").drawImage(canvas, 0, 0);
    still.hidden = false;
    this.frozen = await this.frameOf(canvas);
    this.frozenAnswered = false;
    this.lookAnswered = false;
    this.heat.clear(true);
    giveCanvas(canvas);
    this.showWord(this.camera.word);
    this.hurry();
  }

  resume() {
    this.part.still.hidden = true;
    this.frozen = null;
    this.heat.clear();
    this.heat.button.hidden = true;
    if (this.fromFile) this.forget();
    this.fromFile = false;
    this.guess.restart();
    this.showWord(this.camera.word);
    if (WITHOUT_CAMERA.has(this.camera.word)) this.sayHeadline("💭", this.text.player_think, "sentence");
    this.hurry();
  }

  async takeFile(input) {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    try {
      const canvas = await canvasOfFile(file, FRAME_SIDE_PX * 2);
      this.fromFile = true;
      this.forget();
      await this.stand(canvas);
    } catch {
      setText(this.finder.part.sentence, withNumber(this.text.camera_unreadable, 1));
    }
  }

  /** About 320 px: what the model looks at is smaller still. */
  async frameOf(canvas) {
    const scale = Math.min(1, FRAME_SIDE_PX / Math.max(canvas.width, canvas.height));
    if (scale === 1) return jpegOf(canvas);
    const small = takeCanvas(Math.round(canvas.width * scale), Math.round(canvas.height * scale));
    const pen = small.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(canvas, 0, 0, small.width, small.height);
    const bytes = await jpegOf(small);
    giveCanvas(small);
    return bytes;
  }

  // ---- asking, one frame at a time

  async run() {
    while (!this.stopListening.signal.aborted) {
      const begun = performance.now();
      const rest = await this.turn().catch(() => this.failed());
      const left = Math.max(rest, GAP_MS - (performance.now() - begun));
      await new Promise((resolve) => {
        this.hurry = resolve;
        setTimeout(resolve, left);
      });
    }
  }

  hurry() {
    /* replaced while the loop rests: ends the rest */
  }

  /** One question and its answer; returns how long to rest at least, in ms. */
  async turn() {
    const { frozen } = this;
    const nothingToAsk = frozen ? this.frozenAnswered && this.lookAnswered : !this.camera.usable;
    if (document.hidden || nothingToAsk) return IDLE_MS;
    if (frozen && this.frozenAnswered) return this.look(frozen);
    let bytes = frozen;
    if (!bytes) {
      const canvas = squareOf(this.finder.part.video, FRAME_SIDE_PX);
      if (!canvas) return IDLE_MS;
      bytes = await jpegOf(canvas);
      giveCanvas(canvas);
    }
    const { looking } = this;
    const { word } = looking;
    const url = this.fromFile ? this.data.predict_url : looking.url(this.data.predict_url);
    const reply = await this.ask(url, bytes);
    if (reply.ok && !this.fromFile && word === looking.word && "variety" in (reply.answer ?? {})) {
      looking.learn(reply.answer);
      this.showAround();
    }
    if (frozen !== this.frozen) return 0; // tapped meanwhile: this answer is about another picture
    return this.understood(reply, frozen !== null);
  }

  /** Where the AI looked in the picture that stands still: asked after the guess, which never waits for it. */
  async look(frozen) {
    this.heat.button.hidden = false;
    // For what the bars say: by itself the picture may be another label, where the AI has looked around.
    const url = `${this.data.explain_url}?label=${encodeURIComponent(this.guess.first)}`;
    const reply = await this.ask(url, frozen);
    const { ok, answer, retryAfterMs } = reply;
    if (frozen !== this.frozen) return 0;
    if (ok && typeof answer?.heat === "string") {
      this.reached();
      this.lookAnswered = true;
      this.heat.show(answer, this.part.still.width, this.part.still.height);
    } else if (isPassing(reply)) {
      return Math.max(this.failed(), retryAfterMs);
    } else {
      // refused for good: the guess stands, and that is all
      this.lookAnswered = true;
      this.heat.button.hidden = true;
    }
    return 0;
  }

  ask(url, bytes) {
    return post(url, ANSWER_TIMEOUT_MS, bytes, { headers: { "Content-Type": "image/jpeg" } });
  }

  understood({ ok, status, answer, retryAfterMs, foreign }, still) {
    if (ok && Array.isArray(answer?.scores)) {
      this.reached();
      this.frozenAnswered = still;
      if (answer.version !== this.guess.version) this.forget(); // another model: nothing to be smoothed with
      this.guess.learn(answer, still, performance.now());
      this.draw();
      return 0;
    }
    if (status === 409 && answer?.error === "no_model")
      return this.pauseWith("🥚", this.text.player_no_model);
    if (status === 401 && !foreign) return this.pauseWith("🔑", this.text.player_signed_out);
    return Math.max(this.failed(), retryAfterMs);
  }

  pauseWith(picture, sentence) {
    this.reached();
    this.forget();
    this.sayHeadline(picture, sentence, "sentence");
    return NO_MODEL_WAIT_MS;
  }

  reached() {
    this.failures = 0;
    this.part.offline.hidden = true;
    this.root.classList.remove("stale");
  }

  failed() {
    this.failures += 1;
    const stale = this.failures >= STALE_AFTER;
    this.part.offline.hidden = !stale;
    if (stale && !this.heat.ready) this.heat.button.hidden = true; // one note at a time
    this.root.classList.toggle("stale", stale);
    return Math.min(5000, 400 * 2 ** (this.failures - 1)) * (0.75 + Math.random() / 2);
  }

  // ---- calm bars

  forget() {
    this.guess = new CalmGuess();
    for (const row of this.rows.values()) row.box.remove();
    this.rows.clear();
  }

  draw() {
    const { known, order, shares, unsure, best } = this.guess;
    order.forEach((id, rank) => {
      const row = this.rows.get(id) ?? this.newRow(id, known.get(id));
      const share = shares.get(id);
      row.box.style.setProperty("--rank", String(Math.min(rank, PLACES)));
      row.box.style.setProperty("--p", share.toFixed(3));
      row.box.classList.toggle("out", rank >= PLACES);
      row.box.classList.toggle("best", rank === 0 && !unsure);
      row.share.textContent = `${Math.round(share * 100)}%`;
    });
    if (best) this.sayHeadline(best.emoji, best.name, "sure");
    else this.sayHeadline("🤔", this.text.player_unsure, "unsure");
  }

  newRow(id, score) {
    const span = (className) => make("span", { className });
    const row = { box: span("row"), share: span("share") };
    const [emoji, track, fill, name] = ["emoji", "track", "fill", "name"].map(span);
    emoji.textContent = score.emoji;
    setText(name, score.name);
    track.append(fill, name);
    row.box.append(emoji, track, row.share);
    this.part.bars.append(row.box);
    this.rows.set(id, row);
    return row;
  }

  sayHeadline(picture, sentence, kind) {
    this.root.dataset.guess = kind;
    const spoken = plainText(sentence);
    if (this.said === spoken) return;
    this.said = spoken;
    setText(this.part.headPicture, picture);
    setText(this.part.headText, sentence);
    replay(this.part.headline, "bump");
    clearTimeout(this.speaking); // a screen reader hears a guess that lasts, not every flicker
    this.speaking = setTimeout(() => {
      this.part.spoken.textContent = spoken;
    }, 1200);
  }

  close() {
    this.stopListening.abort();
    this.hurry();
    clearTimeout(this.speaking);
    this.finder.close();
  }
}

export default mountOf(PlayerWidget);
