// Live guessing: a small square of the camera's picture is shown to the AI when the last answer is back, on this iPad
// where that works (asking.js); calm bars say what it saw. No picture is kept.

import { isPassing } from "../common/ask.js";
import { noCallout } from "../common/base.js";
import { Finder } from "../common/finder.js";
import { HeatView } from "../common/heatmap.js";
import { WITHOUT_CAMERA } from "../common/live_camera.js";
import { mountOf } from "../common/mount.js";
import { paint } from "../common/paint.js";
import { canvasOfFile, FRAME_SIDE_PX, smallPicture, squareOf } from "../common/pixels.js";
import { setLabel, setText, withNumber } from "../common/text.js";
import { Asking } from "./asking.js";
import { Fooling } from "./fooling.js";
import { GuessView } from "./guess_view.js";
import { Looking } from "./looking.js";
import { OnDevice } from "./on_device.js";
import { WhereView } from "./where.js";

const GAP_MS = 300; // from one frame to the next at best: about 3 per second
const GAP_ON_DEVICE_MS = 80;
const AHEAD_MS = 300; // a frame that was cut ahead is of this moment for so long
const IDLE_MS = 250;
const NO_MODEL_WAIT_MS = 4000;
const STALE_AFTER = 2; // failures in a row

class PlayerWidget {
  constructor(root) {
    this.root = root.querySelector(".player");
    const $ = (name) => this.root.querySelector(name);
    this.part = {
      still: $(".still"),
      freeze: $(".freeze"),
      freezeText: $(".freeze-text"),
      offline: $(".offline"),
      around: $(".around"),
      aroundText: $(".around-text"),
      library: $(".library"),
      fromLibrary: $(".pick-library"),
    };
    this.looking = new Looking();
    this.frozen = null; // the picture that stands still
    this.frozenAnswered = false;
    this.ahead = null; // the next frame, cut while the AI looks at the one before
    this.failures = 0;
    this.view = new GuessView(this.root);
    this.stopListening = new AbortController();
    this.device = new OnDevice(() => this.deviceChanged());
    this.asking = new Asking(this.device);
    this.where = new WhereView(this.root);
    this.fooling = new Fooling(this.root, () => this.resume());
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
    on(part.library, "click", () => part.fromLibrary.click());
    for (const input of [this.finder.part.one, part.fromLibrary])
      on(input, "change", () => this.takeFile(input));
    on(window, "online", () => this.hurry());
    on(document, "visibilitychange", () => this.hurry());
    noCallout(this.root);
  }

  update({ data }) {
    this.data = data;
    this.asking.data = data;
    this.text = data.strings;
    this.device.update(data.device);
    this.where.show(this.device, this.text);
    this.fooling.update(data.fooling, this.text);
    paint(this.root, data.color);
    this.finder.write(this.text);
    setText(this.root.querySelector(".offline-text"), this.text.player_offline);
    this.heat.say(this.text);
    this.showWord(this.camera.word);
    if (this.started) return;
    this.started = true;
    this.sayWhatToDo();
    this.camera.open();
    this.run();
  }

  showWord(word) {
    const { part } = this;
    const seen = { stands: this.frozen !== null, fromFile: this.fromFile };
    const { live, without } = this.finder.show(word, this.text, seen);
    if (without && this.frozen === null) {
      this.view.forget();
      this.sayWhatToDo();
    }
    part.freeze.hidden = !live && this.frozen === null;
    this.live = live;
    part.library.hidden = this.frozen !== null;
    setText(part.library.querySelector(".library-text"), this.text.camera_from_library);
    this.showAround();
    part.freeze.setAttribute("aria-pressed", String(this.frozen !== null));
    const next = without ? this.text.player_next_photo : this.text.player_resume;
    const does = this.frozen === null ? this.text.player_freeze : next;
    setText(part.freezeText, does);
    setLabel(part.freeze, does);
  }

  /** While nothing is guessed. */
  sayWhatToDo() {
    const { player_think: think, player_think_photo: photo, player_wait: wait } = this.text;
    const without = WITHOUT_CAMERA.has(this.camera.word);
    if (this.device.isAwaited) this.view.sayHeadline("⏳", wait, "sentence");
    else this.view.sayHeadline("💭", without ? photo : think, "sentence");
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

  freeze() {
    const canvas = squareOf(this.finder.part.video, FRAME_SIDE_PX * 2);
    if (canvas) this.stand(canvas);
  }

  stand(canvas) {
    const { still } = this.part;
    still.width = canvas.width;
    still.height = canvas.height;
    still.getContext("2d").drawImage(canvas, 0, 0);
    still.hidden = false;
    this.frozen = smallPicture(canvas);
    this.frozenAnswered = false;
    this.lookAnswered = false;
    this.fooling.clear();
    this.heat.clear(true);
    this.showWord(this.camera.word);
    this.hurry();
  }

  resume() {
    this.ahead = null;
    this.part.still.hidden = true;
    this.frozen = null;
    this.frozenAnswered = false;
    this.fooling.clear();
    this.heat.clear();
    this.heat.button.hidden = true;
    if (this.fromFile) this.view.forget();
    this.fromFile = false;
    this.view.guess.restart();
    this.showWord(this.camera.word);
    this.hurry();
  }

  async takeFile(input) {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    try {
      const canvas = await canvasOfFile(file, FRAME_SIDE_PX * 2);
      this.fromFile = true;
      this.view.forget();
      this.stand(canvas);
    } catch {
      setText(this.finder.part.sentence, withNumber(this.text.camera_unreadable, 1));
    }
  }

  // ---- asking, one frame at a time

  async run() {
    while (!this.stopListening.signal.aborted) {
      const begun = performance.now();
      const rest = await this.turn().catch(() => this.failed());
      const gap = this.device.isHere ? GAP_ON_DEVICE_MS : GAP_MS;
      const left = Math.max(rest, gap - (performance.now() - begun));
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
    if (document.hidden || nothingToAsk || this.device.isAwaited) return IDLE_MS;
    if (frozen && this.frozenAnswered) return this.look(frozen);
    const { looking } = this;
    const { word } = looking;
    const picture = frozen ?? this.nextFrame();
    if (!picture) return IDLE_MS;
    const asked = this.asking.guess(picture, this.fromFile ? null : looking, frozen !== null);
    // The worker has a core of its own: cutting takes no time of its guesses.
    if (!frozen && this.device.isHere) this.ahead = { picture: this.cutFrame(), word, at: performance.now() };
    const reply = await asked;
    if (reply.ok && !this.fromFile && word === looking.word && "variety" in (reply.answer ?? {})) {
      looking.learn(reply.answer);
      this.showAround();
    }
    if (frozen !== this.frozen) return 0; // tapped meanwhile: this answer is about another picture
    return this.understood(reply, frozen !== null);
  }

  nextFrame() {
    const { ahead } = this;
    this.ahead = null;
    const isOfNow = ahead?.word === this.looking.word && performance.now() - ahead.at < AHEAD_MS;
    return (isOfNow && ahead.picture) || this.cutFrame();
  }

  /** Null while the camera has none. */
  cutFrame() {
    const canvas = squareOf(this.finder.part.video, FRAME_SIDE_PX);
    return canvas && smallPicture(canvas);
  }

  /** Where the AI looked in the picture that stands still: asked after the guess, which never waits for it. */
  async look(frozen) {
    this.heat.button.hidden = false;
    // For what the bars say: by itself the picture may be another label, where the AI has looked around.
    const reply = await this.asking.look(frozen, this.view.guess.first);
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

  deviceChanged() {
    if (!this.text) return;
    this.where.show(this.device, this.text);
    if (this.root.dataset.guess === "sentence" && !this.failures) this.sayWhatToDo();
    if (this.device.word !== "loading") this.hurry(); // what it loads is no reason to ask the server sooner
  }

  understood({ ok, status, answer, retryAfterMs, foreign }, still) {
    if (ok && Array.isArray(answer?.scores)) {
      this.reached();
      this.frozenAnswered = still;
      if (answer.version !== this.view.guess.version) this.view.forget(); // another model: nothing to be smoothed with
      this.view.guess.learn(answer, still, performance.now());
      this.view.draw(this.text);
      if (still) this.fooling.ask(this.view.guess);
      return 0;
    }
    if (status === 409 && answer?.error === "no_model")
      return this.pauseWith("🥚", this.text.player_no_model);
    if (status === 409 && answer?.error === "swap_over") return this.pauseWith("🔄", this.text.swap_over);
    if (status === 401 && !foreign) return this.pauseWith("🔑", this.text.player_signed_out);
    return Math.max(this.failed(), retryAfterMs);
  }

  pauseWith(picture, sentence) {
    this.reached();
    this.view.forget();
    this.view.sayHeadline(picture, sentence, "sentence");
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
    if (stale && !this.frozenAnswered) {
      // What it said last is of a picture that is gone: nothing stands there that looks like an answer.
      this.view.forget();
      this.view.sayHeadline("💤", this.text.player_offline_wait, "sentence");
    }
    return Math.min(5000, 400 * 2 ** (this.failures - 1)) * (0.75 + Math.random() / 2);
  }

  close() {
    this.stopListening.abort();
    this.hurry();
    this.view.close();
    this.device.close();
    this.finder.close();
  }
}

export default mountOf(PlayerWidget);
