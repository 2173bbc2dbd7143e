// Photos to choose several of. Tiles stay the same nodes over reruns, so that no photo is fetched twice and nothing
// that was chosen is lost while the page looks again. Knows nothing of who may see them: the cookie decides that.

import { make, makeEmoji, placeAt } from "../common/base.js";
import { mountOf } from "../common/mount.js";
import { loadPatiently, photoOf } from "../common/photo_sheet.js";
import { plainText, setLabel, setText, withNumber } from "../common/text.js";
import { filtered, named, stillChosen, tally } from "./choice.js";

const MARKS = { waiting: "⏳", unreadable: "⚠️", seen: "🧩" }; // what is not simply there

class PhotoPicker {
  constructor(root) {
    this.root = root.querySelector(".picker");
    this.tiles = new Map(); // photo id -> button
    this.chosen = new Set();
    this.label = "";
    this.state = "";
    this.part = {};
    for (const name of ["labels", "states", "number", "all", "none", "moves", "remove", "empty", "tiles"])
      this.part[name] = this.root.querySelector(`.${name}`);
    this.part.all.addEventListener("click", () => this.choose(this.shown.map((photo) => photo.id)));
    this.part.none.addEventListener("click", () => this.choose([]));
    this.part.remove.addEventListener("click", () => this.act({ kind: "delete" }));
  }

  update({ data, setTriggerValue }) {
    this.data = data;
    this.text = data.strings;
    this.setTriggerValue = setTriggerValue;
    this.choosing = data.picked !== null;
    this.root.classList.toggle("choosing", this.choosing);
    this.root.classList.toggle("looking", !data.acts);
    this.root.classList.toggle("removing", !data.moves);
    if (this.told === undefined) {
      this.chosen = new Set(data.picked ?? []); // of before, when the page comes back to this group
      this.told = named(this.chosen);
    } else if (this.choosing && named(data.picked) !== this.told && this.told !== this.toldAgain) {
      // A choice that got lost on its way is told once more.
      this.toldAgain = this.told;
      this.told = named(data.picked);
    }
    setText(this.part.all, this.text.cs_photos_choose_all);
    setText(this.part.none, this.text.cs_photos_choose_none);
    setText(this.root.querySelector(".remove-text"), this.text.cs_photos_delete);
    setText(this.root.querySelector(".move-to"), this.text.cs_photos_move);
    setText(this.part.empty, this.text.cs_photos_none);
    this.draw();
  }

  draw() {
    const { photos, labels } = this.data;
    if (!photos.some((photo) => photo.state === this.state)) this.state = "";
    this.shown = filtered(photos, this.label, this.state);
    this.chosen = stillChosen(this.chosen, this.shown);
    this.drawFilters(photos, labels);
    this.part.empty.hidden = this.shown.length > 0;
    const names = new Map(labels.map((label) => [label.id, label.name]));
    const emoji = new Map(labels.map((label) => [label.id, label.emoji]));
    const there = new Set(this.shown.map((photo) => photo.id));
    for (const [id, tile] of this.tiles) {
      if (there.has(id)) continue;
      tile.remove();
      if (!photos.some((photo) => photo.id === id)) this.tiles.delete(id);
    }
    for (const [at, photo] of this.shown.entries()) {
      const tile = this.tiles.get(photo.id) ?? this.newTile(photo.id);
      const state = MARKS[photo.state] ? ` ${plainText(this.text[`cs_photos_${photo.state}`])}` : "";
      const words = withNumber(this.text.cs_photo_alt, at + 1);
      setLabel(tile, `${plainText(names.get(photo.label_id) ?? "")} ${words} ${photo.time}${state}`);
      tile.querySelector(".facts").textContent = `${emoji.get(photo.label_id) ?? ""} ${photo.time}`;
      tile.querySelector(".mark").textContent = MARKS[photo.state] ?? "";
      tile.querySelector(".mark").hidden = !MARKS[photo.state];
      placeAt(this.part.tiles, tile, at);
    }
    this.drawChosen();
  }

  drawFilters(photos, labels) {
    const byLabel = tally(photos, "label_id");
    const chips = labels.map(({ id, emoji, name }) => [id, `${emoji} ${name} ${byLabel.get(id) ?? 0}`]);
    chips.unshift(["", `${this.text.cs_photos_all} ${photos.length}`]);
    this.drawChips(this.part.labels, chips, this.label, (id) => {
      this.label = id;
    });
    const byState = tally(photos, "state");
    const states = Object.keys(MARKS).filter((name) => byState.get(name));
    const told = states.map((name) => [
      name,
      `${MARKS[name]} ${this.text[`cs_photos_${name}`]} ${byState.get(name)}`,
    ]);
    this.drawChips(this.part.states, told, this.state, (name) => {
      this.state = this.state === name ? "" : name;
    });
    this.drawChips(
      this.part.moves,
      labels.map(({ id, emoji, name }) => [id, `${emoji} ${name}`]),
      null,
      (id) => this.act({ kind: "move", label_id: id }),
    );
  }

  drawChips(box, chips, pressed, tap) {
    for (const [at, [name, text]] of chips.entries()) {
      const chip = box.children[at] ?? make("button", { type: "button" });
      if (!chip.parentElement) box.append(chip);
      setText(chip, text);
      if (pressed !== null) chip.setAttribute("aria-pressed", String(name === pressed));
      chip.onclick = () => {
        tap(name);
        this.draw();
      };
    }
    while (box.children.length > chips.length) box.lastElementChild.remove();
  }

  drawChosen() {
    if (!this.data.acts) return; // the tiles are no buttons
    for (const [id, tile] of this.tiles) tile.setAttribute("aria-pressed", String(this.chosen.has(id)));
    const number = this.chosen.size;
    this.root.classList.toggle("any", number > 0);
    setText(this.part.number, withNumber(this.text.cs_photos_chosen, number));
    this.part.none.disabled = !number;
    this.part.all.disabled = number === this.shown.length;
    this.part.remove.disabled = !number;
    for (const button of this.part.moves.children) button.disabled = !number;
    if (this.choosing) this.tellChosen();
  }

  /** Whatever changed it, a tap or a photo that is gone: what is seen as chosen is what the page knows. */
  tellChosen() {
    const now = named(this.chosen);
    // Until the page has heard of it, its button has to wait: it would say another number than is ticked here.
    this.root.getRootNode().host?.toggleAttribute("data-untold", now !== named(this.data.picked));
    if (now === this.told) return;
    this.told = now;
    this.tell({ kind: "choose", photo_ids: [...this.chosen] });
  }

  newTile(id) {
    const tile = this.data.acts
      ? make("button", { type: "button", className: "tile" })
      : make("div", { className: "tile" });
    const image = make("img", { loading: "lazy", decoding: "async", alt: "", draggable: false });
    loadPatiently(image, photoOf(id, "thumb", this.data.folder));
    tile.append(image, makeEmoji("mark"), make("span", { className: "facts" }));
    if (this.data.acts) tile.addEventListener("click", () => this.toggle(id));
    else tile.setAttribute("role", "img"); // its label says what is on it
    this.tiles.set(id, tile);
    return tile;
  }

  toggle(id) {
    if (!this.chosen.delete(id)) this.chosen.add(id);
    this.drawChosen();
  }

  choose(ids) {
    this.chosen = new Set(ids);
    this.drawChosen();
  }

  act(action) {
    if (!this.chosen.size) return;
    const photos = [...this.chosen];
    this.choose([]);
    this.tell({ ...action, photo_ids: photos });
  }

  tell(action) {
    this.setTriggerValue("action", { ...action, ts: Date.now() });
  }

  close() {}
}

export default mountOf(PhotoPicker);
