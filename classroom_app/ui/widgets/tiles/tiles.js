// Large picture buttons to choose one of. Knows nothing of what the pictures stand for.

import { make, noCallout, placeAt, replay } from "../common/base.js";
import { mountOf } from "../common/mount.js";
import { paint } from "../common/paint.js";
import { setLabel, setText } from "../common/text.js";
import { remember, remembered } from "./choice.js";

const ROOMY_PX = 220; // a tab with its picture beside its words; with less, the name goes below

class Tiles {
  constructor(root) {
    this.root = root.querySelector(".tiles");
    this.buttons = new Map();
    this.stopListening = new AbortController();
    this.waiting = new Map(); // of a tile, how many photos are still on this iPad
    addEventListener("photos-waiting", (event) => this.wait(event.detail), {
      signal: this.stopListening.signal,
    });
    addEventListener("tile-chosen", (event) => this.hear(event.detail), {
      signal: this.stopListening.signal,
    });
    noCallout(this.root);
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.root);
  }

  update({ data, setTriggerValue }) {
    this.setTriggerValue = setTriggerValue;
    const theme = getComputedStyle(this.root).getPropertyValue("--st-primary-color").trim();
    paint(this.root, data.color || theme);
    this.root.dataset.layout = data.layout;
    this.data = data;
    this.root.style.setProperty(
      "--columns",
      data.tiles.length > 6 ? Math.ceil(data.tiles.length / 2) : data.tiles.length,
    );
    setLabel(this.root, data.label);
    this.fit();
    const ids = new Set(data.tiles.map((tile) => tile.id));
    for (const [id, button] of this.buttons) {
      if (ids.has(id)) continue;
      button.remove();
      this.buttons.delete(id);
    }
    for (const [at, tile] of data.tiles.entries()) {
      const button = this.buttons.get(tile.id) ?? this.newTile(tile.id);
      placeAt(this.root, button, at);
      this.fill(button, tile, data);
    }
    this.follow(data, ids);
  }

  /** What was tapped last holds until the page has heard of it; a page that knows nothing hears what was before. */
  follow({ chosen, kept_as: name, is_known: isKnown }, ids) {
    if (this.data.layout === "way") return;
    if (this.tapped === chosen || !ids.has(this.tapped)) this.tapped = null;
    const before = name && !isKnown ? remembered(name) : null;
    if (!this.tapped && before !== chosen && ids.has(before)) this.tap(before);
    else this.choose(this.tapped ?? chosen);
  }

  tap(id) {
    this.hear({ id }); // at once; the page follows, and so does who must not wait for it
    const { name, emoji } = this.data.tiles.find((tile) => tile.id === id);
    dispatchEvent(new CustomEvent("tile-chosen", { detail: { id, name, emoji } }));
    this.setTriggerValue("tap", { id, ts: Date.now() });
  }

  /** Chosen here or on a way that stands elsewhere. */
  hear({ id }) {
    if (this.data?.layout === "way" || !this.buttons.has(id)) return;
    this.tapped = id;
    this.choose(id);
  }

  wait(waiting) {
    this.waiting = waiting;
    for (const tile of this.data?.tiles ?? [])
      if (this.buttons.has(tile.id)) this.fill(this.buttons.get(tile.id), tile, this.data);
  }

  /** Many labels get small tabs: they stay in a row, and the camera keeps its room. */
  fit() {
    const { layout, tiles } = this.data ?? { tiles: [] };
    const compact = layout === "tabs" && this.root.clientWidth / tiles.length < ROOMY_PX;
    if (compact === this.compact) return;
    this.compact = compact;
    this.root.classList.toggle("compact", compact);
    for (const tile of tiles)
      if (this.buttons.has(tile.id)) this.fill(this.buttons.get(tile.id), tile, this.data);
  }

  newTile(id) {
    const button = make("button", { type: "button", className: "tile" });
    button.innerHTML =
      '<span class="ring" aria-hidden="true"><span class="emoji"></span><span class="mark"></span></span>' +
      '<span class="words"><span class="name"></span><span class="count" aria-hidden="true"></span></span>';
    button.addEventListener("click", () => this.tap(id));
    this.buttons.set(id, button);
    return button;
  }

  fill(button, tile, { full, notch }) {
    const part = (name) => button.querySelector(`.${name}`);
    if (!tile.picture) setText(part("emoji"), tile.emoji);
    else if (!part("emoji").firstChild) part("emoji").append(make("img", { src: tile.picture, alt: "" }));
    setText(part("name"), tile.words || tile.name);
    const counted = tile.photos !== null;
    button.classList.toggle("counted", counted);
    if (counted) {
      const before = Number(button.dataset.photos ?? tile.photos);
      button.dataset.photos = tile.photos;
      const goal = tile.photos < notch ? notch : full; // first to the training, then to the star
      button.style.setProperty("--fill", Math.min(1, tile.photos / goal));
      const sofar = this.compact ? `${tile.photos}/${notch}` : `${tile.photos} / ${notch}`;
      const here = this.waiting.get(tile.id);
      const had = tile.photos < notch ? sofar : this.compact ? String(tile.photos) : tile.note;
      setText(part("count"), here ? `${had} ＋${here}` : had);
      setText(part("mark"), tile.photos >= full ? "★" : tile.photos >= notch ? "✓" : "");
      part("mark").hidden = tile.photos < notch;
      button.classList.toggle("enough", tile.photos >= notch);
      button.classList.toggle("next", tile.next === true);
      if (tile.photos > before) replay(button, "bump");
    } else {
      part("mark").hidden = true;
      part("count").hidden = true;
    }
    if (tile.color) {
      button.classList.add("painted");
      paint(button, tile.color);
    }
    setLabel(button, tile.words || (tile.note ? `${tile.name} ${tile.note}` : tile.name));
  }

  choose(chosen) {
    if (this.data.kept_as && chosen) remember(this.data.kept_as, chosen);
    for (const [id, button] of this.buttons) {
      button.setAttribute("aria-pressed", String(id === chosen));
      button.classList.toggle("chosen", id === chosen);
    }
  }

  close() {
    this.sizes.disconnect();
    this.stopListening.abort();
    for (const button of this.buttons.values()) button.remove();
  }
}

export default mountOf(Tiles);
