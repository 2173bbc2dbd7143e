// The cards of what the AI got wrong, and the sheet of one of the group's own photos that it may have mixed up.
// Knows nothing of how photos are stored or who may see them: the browser's cookie decides that.

import { make, makeEmoji, noCallout, placeAt } from "../common/base.js";
import { HeatView } from "../common/heatmap.js";
import { mountOf } from "../common/mount.js";
import { paint } from "../common/paint.js";
import { Away, loadPatiently, PhotoSheet, photoOf } from "../common/photo_sheet.js";
import { surenessOf } from "../common/sureness.js";
import { plainText, setLabel, setText, textNodes, withNumber } from "../common/text.js";
import { Reasons } from "./reasons.js";

const mistakeOf = (id) => `/mistakes/${encodeURIComponent(id)}/thumb`; // the server has no larger one for children

class MistakesWidget {
  constructor(root) {
    this.root = root.querySelector(".mistakes");
    this.part = {
      list: this.root.querySelector(".list"),
      template: this.root.querySelector(".mistake-template"),
    };
    this.cards = new Map(); // id -> what is on the page for it
    this.away = new Away(() => {
      if (this.root.isConnected) this.draw();
    });
    this.deleted = false; // only what was deleted on this page is offered back
    this.reasons = new Reasons((id, reason) => this.explain(id, reason));
    this.sheet = new PhotoSheet(this.root, {
      remove: (id) => this.remove(id),
      move: (id, label) => this.move(id, label),
      undo: () => this.undo(),
    });
    noCallout(this.root);
  }

  update({ data, setTriggerValue }) {
    this.data = data;
    this.text = data.strings;
    this.setTriggerValue = setTriggerValue;
    this.labels = new Map(data.labels.map((label) => [label.id, label]));
    paint(this.root, data.color);
    setText(this.root.querySelector(".title"), withNumber(this.text.mistakes_title, data.cards.length));
    const order = this.root.querySelector(".order");
    setText(order, this.text.mistakes_order);
    order.hidden = data.cards.length === 1;
    this.sheet.write(this.text, data.undo && this.deleted);
    this.sheet.part.choices.hidden = !data.may_change;
    this.draw();
    if (this.sheet.shown && !(this.sheet.shown in data.own)) this.sheet.close();
  }

  draw() {
    this.away.follow((id) => this.data.own[id]);
    const wanted = new Set(this.data.cards.map((card) => card.id));
    for (const [id, card] of this.cards) {
      if (wanted.has(id)) continue;
      this.reasons.forget(card.box, id);
      card.box.remove();
      this.cards.delete(id);
    }
    for (const [at, mistake] of this.data.cards.entries()) {
      const card = this.cards.get(mistake.id) ?? this.newCard(mistake.id);
      placeAt(this.part.list, card.box, at);
      this.write(card, mistake, at);
      this.drawAlike(card);
    }
  }

  newCard(id) {
    const box = this.part.template.content.firstElementChild.cloneNode(true);
    const $ = (name) => box.querySelector(name);
    const card = {
      id,
      box,
      photo: $(".photo"),
      thought: $(".thought"),
      truth: $(".truth"),
      alike: $(".alike"),
      alikeTitle: $(".alike-title"),
      alikePhotos: $(".alike-photos"),
      take: $(".take"),
      takeText: $(".take-text"),
    };
    card.heat = new HeatView($(".heat"), $(".look"), () => this.reasons.now(id));
    loadPatiently(card.photo, mistakeOf(id));
    card.photo.addEventListener("load", () => this.showHeat(card));
    card.take.addEventListener("click", () => this.tell({ kind: "take", label_id: card.heap }));
    this.cards.set(id, card);
    this.reasons.watch(box, id);
    return card;
  }

  write(card, mistake, at) {
    const [label, guess] = [this.labels.get(mistake.label_id), this.labels.get(mistake.guess_id)];
    card.photo.alt = plainText(withNumber(this.text.mistakes_photo, at + 1));
    this.says(card.thought, guess, this.text[`mistakes_thought_${surenessOf(mistake.p)}`]);
    this.says(card.truth, label, this.text.mistakes_truth);
    setText(card.alikeTitle, this.text.mistakes_alike);
    const looks = this.data.look_in[label.id] === guess.id;
    const [heap, words] = looks ? [guess, this.text.mistakes_look] : [label, this.text.mistakes_take];
    card.heap = heap.id;
    card.take.classList.toggle("looks", looks);
    setText(card.takeText, words.replace("%label", heap.name));
    card.take.hidden = !this.data.may_change;
    const isNext = this.data.take_next && at === 0;
    card.take.classList.toggle("strong", isNext);
    card.take.classList.toggle("quiet", !isNext);
    card.heat.say(this.text);
  }

  /** "The AI thought: banana", with the label's name in bold wherever the language puts it. */
  says(row, label, sentence) {
    setText(row.querySelector(".says-emoji"), label.emoji);
    const [before, after] = sentence.split("%label");
    const name = make("b");
    name.append(...textNodes(label.name));
    row.querySelector(".says-text").replaceChildren(...textNodes(before), name, ...textNodes(after ?? ""));
  }

  // ---- the reason

  explain(id, reason) {
    const card = this.cards.get(id);
    if (!card) return;
    card.reason = reason;
    this.showHeat(card);
    this.drawAlike(card);
  }

  /** The map needs the picture's shape, so it waits for both. */
  showHeat(card) {
    if (card.reason === null) {
      // refused: the card says its answers, and that is all
      card.heat.button.hidden = true;
      return;
    }
    if (!card.reason || !card.photo.naturalWidth || card.heat.ready) return;
    card.heat.show(card.reason, card.photo.naturalWidth, card.photo.naturalHeight);
  }

  drawAlike(card) {
    const own = (card.reason?.nearest ?? []).filter((id) => id in this.data.own && !this.away.has(id));
    card.alike.hidden = card.reason !== undefined && own.length === 0;
    card.alike.classList.toggle("waiting", card.reason === undefined);
    card.tiles ??= new Map();
    for (const [id, tile] of card.tiles) {
      if (own.includes(id)) continue;
      tile.remove();
      card.tiles.delete(id);
    }
    for (const [at, id] of own.entries()) {
      const tile = card.tiles.get(id) ?? this.newTile(card, id);
      placeAt(card.alikePhotos, tile, at);
      const label = this.labels.get(this.data.own[id]);
      setText(tile.querySelector(".tile-emoji"), label?.emoji ?? "");
      setLabel(tile, `${label?.name ?? ""} ${withNumber(this.text.mistakes_alike_open, at + 1)}`);
    }
  }

  newTile(card, id) {
    const tile = make("button", { type: "button", className: "tile" });
    const image = make("img", { alt: "", draggable: false, decoding: "async" });
    tile.append(image, makeEmoji("emoji tile-emoji"));
    loadPatiently(image, photoOf(id, "thumb"));
    tile.addEventListener("click", () => {
      const label = this.labels.get(this.data.own[id]);
      if (label) this.sheet.open(id, label, this.data.labels);
    });
    card.tiles.set(id, tile);
    return tile;
  }

  // ---- what is done to an own photo

  remove(id) {
    this.deleted = true;
    this.away.add(id, this.data.own[id]);
    this.changed({ kind: "delete", photo_id: id });
  }

  move(id, label) {
    this.data.own[id] = label;
    this.changed({ kind: "move", photo_id: id, label_id: label });
  }

  changed(action) {
    this.sheet.close();
    this.draw();
    this.tell(action);
  }

  undo() {
    this.away.clear();
    this.tell({ kind: "undo" });
  }

  tell(action) {
    this.setTriggerValue("action", { ...action, ts: Date.now() });
  }

  close() {
    this.sheet.close();
    this.reasons.close();
  }
}

export default mountOf(MistakesWidget);
