// Live guessing: a small square of the camera's picture goes out when the last answer is back; calm bars show it.
// Knows nothing of models or labels beforehand: names and emoji come with the answers. Frames are kept nowhere.

const FRAME_SIDE_PX = 320;
const GAP_MS = 300; // from one frame to the next at best: about 3 per second
const IDLE_MS = 250;
const NO_MODEL_WAIT_MS = 4000;
const ANSWER_TIMEOUT_MS = 8000;
const SMOOTH_MS = 450; // how long the bars remember
const OVERTAKE_BY = 0.03; // a bar overtakes another only by this much
const STALE_AFTER = 2; // failures in a row
const PLACES = 3;
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

class PlayerWidget {
  constructor(root) {
    this.root = root.querySelector(".player");
    const $ = (name) => this.root.querySelector(name);
    this.part = {
      finder: $(".finder"),
      video: $("video"),
      still: $(".still"),
      freeze: $(".freeze"),
      freezeText: $(".freeze-text"),
      flip: $(".flip"),
      card: $(".card"),
      picture: $(".picture"),
      sentence: $(".sentence"),
      take: $(".take"),
      again: $(".again"),
      offline: $(".offline"),
      headline: $(".headline"),
      headPicture: $(".headline-picture"),
      headText: $(".headline-text"),
      bars: $(".bars"),
      one: $(".pick-one"),
      spoken: $(".spoken"),
    };
    this.rows = new Map(); // label id -> row
    this.frozen = null; // the JPEG of the picture that stands still
    this.failures = 0;
    this.forget();
    this.stopListening = new AbortController();
    this.heat = new HeatView($(".heat"), $(".look"));
    this.camera = new LiveCamera(this.part.video, (word) => this.showWord(word));
    this.listen();
  }

  listen() {
    const { part } = this;
    const { signal } = this.stopListening;
    const on = (element, name, act) => element.addEventListener(name, act, { signal });
    on(part.freeze, "click", () => (this.frozen ? this.resume() : this.freeze()));
    on(part.flip, "click", () => {
      this.resume();
      this.camera.flip();
    });
    on(part.take, "click", () => part.one.click());
    on(part.again, "click", () => this.camera.open());
    on(part.one, "change", () => this.takeFile());
    on(window, "resize", () => this.fit());
    on(window, "online", () => this.hurry());
    on(document, "visibilitychange", () => this.hurry());
    noCallout(this.root);
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.root);
  }

  fit() {
    this.root.classList.toggle("wide", this.root.clientWidth >= 620 && innerWidth > innerHeight);
  }

  update({ data }) {
    this.data = data;
    this.text = data.strings;
    paint(this.root, data.color);
    setText(this.root.querySelector(".take-text"), this.text.camera_take);
    setText(this.root.querySelector(".offline-text"), this.text.player_offline);
    setText(this.part.again, this.text.camera_again);
    setLabel(this.part.flip, this.text.camera_flip);
    this.heat.say(this.text);
    this.showWord(this.camera.word);
    if (this.started) return;
    this.started = true;
    this.sayHeadline("💭", this.text.player_think, "sentence");
    this.camera.open();
    this.run();
  }

  showWord(word) {
    const { part, camera } = this;
    const live = word === "live" || word === "dark";
    const without = WITHOUT_CAMERA.has(word);
    this.root.dataset.word = word;
    this.root.dataset.camera = without ? "no" : "yes";
    part.finder.classList.toggle("mirrored", camera.mirrored && !this.fromFile);
    part.flip.hidden = !live || !camera.several;
    part.card.hidden = live || this.frozen !== null;
    part.card.classList.toggle("waiting", !without);
    part.take.hidden = !without;
    part.again.hidden = word !== "denied" && word !== "busy";
    setText(part.picture, PICTURES[word] ?? "📷");
    setText(part.sentence, this.text[`camera_${word}`] ?? "");
    part.freeze.hidden = !live && this.frozen === null;
    part.freeze.setAttribute("aria-pressed", String(this.frozen !== null));
    const next = without ? this.text.player_next_photo : this.text.player_resume;
    const does = this.frozen === null ? this.text.player_freeze : next;
    setText(part.freezeText, does);
    setLabel(part.freeze, does);
  }

  // ---- a picture that stands still

  async freeze() {
    const canvas = squareOf(this.part.video, FRAME_SIDE_PX * 2);
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
    this.learnedAt = 0; // another picture: nothing to be smoothed with
    this.showWord(this.camera.word);
    if (WITHOUT_CAMERA.has(this.camera.word)) this.sayHeadline("💭", this.text.player_think, "sentence");
    this.hurry();
  }

  async takeFile() {
    const [file] = this.part.one.files;
    this.part.one.value = "";
    if (!file) return;
    try {
      const canvas = await canvasOfFile(file, FRAME_SIDE_PX * 2);
      this.fromFile = true;
      this.forget();
      await this.stand(canvas);
    } catch {
      setText(this.part.sentence, withNumber(this.text.camera_unreadable, 1));
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
      const canvas = squareOf(this.part.video, FRAME_SIDE_PX);
      if (!canvas) return IDLE_MS;
      bytes = await jpegOf(canvas);
      giveCanvas(canvas);
    }
    const response = await this.ask(this.data.predict_url, bytes);
    const answer = await response.json().catch(() => null);
    if (frozen !== this.frozen) return 0; // tapped meanwhile: this answer is about another picture
    return this.understood(response, answer, frozen !== null);
  }

  /** Where the AI looked in the picture that stands still: asked after the guess, which never waits for it. */
  async look(frozen) {
    this.heat.button.hidden = false;
    const response = await this.ask(this.data.explain_url, frozen);
    const answer = await response.json().catch(() => null);
    if (frozen !== this.frozen) return 0;
    if (response.ok && typeof answer?.heat === "string") {
      this.reached();
      this.lookAnswered = true;
      this.heat.show(answer, this.part.still.width, this.part.still.height);
    } else if (response.status >= 500 || response.status === 429 || response.status === 408) {
      return Math.max(this.failed(), 1000 * (Number(response.headers.get("Retry-After")) || 0));
    } else {
      // refused for good: the guess stands, and that is all
      this.lookAnswered = true;
      this.heat.button.hidden = true;
    }
    return 0;
  }

  async ask(url, bytes) {
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), ANSWER_TIMEOUT_MS);
    try {
      return await fetch(url, {
        method: "POST",
        body: bytes,
        signal: stop.signal,
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        headers: { "Content-Type": "image/jpeg", "X-Classroom": "1" },
      });
    } finally {
      clearTimeout(limit);
    }
  }

  understood(response, answer, still) {
    if (response.ok && Array.isArray(answer?.scores)) {
      this.reached();
      this.frozenAnswered = still;
      this.learn(answer, still);
      return 0;
    }
    if (response.status === 409 && answer?.error === "no_model")
      return this.pauseWith("🥚", this.text.player_no_model);
    if (response.status === 401) return this.pauseWith("🔑", this.text.player_signed_out);
    return Math.max(this.failed(), 1000 * (Number(response.headers.get("Retry-After")) || 0));
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
    this.shares = new Map(); // label id -> smoothed share
    this.known = new Map(); // label id -> {emoji, name}
    this.order = [];
    this.ranked = 0;
    this.doubt = 0;
    this.unsure = false;
    this.learnedAt = 0;
    this.version = null;
    for (const row of this.rows.values()) row.box.remove();
    this.rows.clear();
  }

  learn(answer, still) {
    if (answer.version !== this.version) this.forget(); // another model: nothing to be smoothed with
    this.version = answer.version;
    const now = performance.now();
    const weight = still || !this.learnedAt ? 1 : 1 - Math.exp((this.learnedAt - now) / SMOOTH_MS);
    this.learnedAt = now;
    const mix = (before, after) => before + (after - before) * weight;
    const heard = new Map(answer.scores.map((score) => [score.label_id, score.p]));
    for (const score of answer.scores) {
      this.known.set(score.label_id, score);
      if (!this.shares.has(score.label_id)) this.shares.set(score.label_id, score.p);
    }
    for (const [id, share] of this.shares) this.shares.set(id, mix(share, heard.get(id) ?? 0));
    this.doubt = mix(this.doubt, answer.unsure ? 1 : 0);
    this.unsure = this.unsure ? this.doubt > 0.4 : this.doubt > 0.6;
    this.rank(still ? 0 : OVERTAKE_BY);
    this.draw();
  }

  /** The order of the bars, changed only where one is clearly ahead. */
  rank(lead) {
    for (const id of this.shares.keys()) if (!this.order.includes(id)) this.order.push(id);
    if (this.order.length !== this.ranked) this.order.sort((a, b) => this.shares.get(b) - this.shares.get(a));
    this.ranked = this.order.length;
    for (let round = 0; round < this.order.length; round += 1) {
      for (let at = 1; at < this.order.length; at += 1) {
        const [ahead, behind] = [this.order[at - 1], this.order[at]];
        if (this.shares.get(behind) > this.shares.get(ahead) + lead) {
          [this.order[at - 1], this.order[at]] = [behind, ahead];
        }
      }
    }
  }

  draw() {
    const { known } = this;
    this.order.forEach((id, rank) => {
      const row = this.rows.get(id) ?? this.newRow(id, known.get(id));
      const share = this.shares.get(id);
      row.box.style.setProperty("--rank", String(Math.min(rank, PLACES)));
      row.box.style.setProperty("--p", share.toFixed(3));
      row.box.classList.toggle("out", rank >= PLACES);
      row.box.classList.toggle("best", rank === 0 && !this.unsure);
      row.share.textContent = `${Math.round(share * 100)}%`;
    });
    const best = known.get(this.order[0]);
    if (this.unsure || !best) this.sayHeadline("🤔", this.text.player_unsure, "unsure");
    else this.sayHeadline(best.emoji, best.name, "sure");
  }

  newRow(id, score) {
    const make = (name) => Object.assign(document.createElement("span"), { className: name });
    const row = { box: make("row"), share: make("share") };
    const [emoji, track, fill, name] = ["emoji", "track", "fill", "name"].map(make);
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
    this.sizes.disconnect();
    this.camera.close();
  }
}

const widgets = new WeakMap();

export default function mount(component) {
  const { parentElement } = component;
  if (!widgets.has(parentElement)) widgets.set(parentElement, new PlayerWidget(parentElement));
  widgets.get(parentElement).update(component);
  return () => {
    widgets.get(parentElement)?.close();
    widgets.delete(parentElement);
  };
}
