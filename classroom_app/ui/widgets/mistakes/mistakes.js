// The cards of what the AI got wrong, and the sheet of one of the group's own photos that it may have mixed up.
// Knows nothing of how photos are stored or who may see them: the browser's cookie decides that.

const HIDDEN_FOR_MS = 6000; // a deleted photo shows again if the page has not followed by then
const FETCH_AGAIN_MS = [1000, 3000, 8000];

const mistakeOf = (id, size) => `/mistakes/${encodeURIComponent(id)}/${size}`;
const ownOf = (id, size) => `/photos/${encodeURIComponent(id)}/${size}`;

/** A picture that comes late or not at all leaves its place as it is. */
function load(image, url) {
  let failures = 0;
  image.addEventListener("load", () => image.classList.add("here"));
  image.addEventListener("error", () => {
    const wait = FETCH_AGAIN_MS[failures];
    failures += 1;
    if (wait)
      setTimeout(() => {
        image.src = `${url}?again=${failures}`;
      }, wait);
  });
  image.src = url;
}

class MistakesWidget {
  constructor(root) {
    this.root = root.querySelector(".mistakes");
    const $ = (name) => this.root.querySelector(name);
    this.part = {
      list: $(".list"),
      undo: $(".undo"),
      undoButton: $(".undo-button"),
      sheet: $(".sheet"),
      big: $(".big"),
      moves: $(".moves"),
      moveTitle: $(".move-title"),
      choices: $(".choices"),
      delete: $(".delete"),
      close: $(".close"),
      template: $(".mistake-template"),
    };
    this.cards = new Map(); // id -> what is on the page for it
    this.away = new Map(); // own photo id -> {label, until}: changed here, the page has not followed yet
    this.deleted = false; // only what was deleted on this page is offered back
    this.reasons = new Reasons((id, reason) => this.explain(id, reason));
    this.listen();
  }

  listen() {
    const { part } = this;
    part.close.addEventListener("click", () => this.closeSheet());
    part.sheet.addEventListener("click", (event) => {
      if (event.target === part.sheet) this.closeSheet();
    });
    part.sheet.addEventListener("close", () => {
      this.shown = null;
      part.big.removeAttribute("src");
    });
    part.delete.addEventListener("click", () => {
      this.deleted = true;
      this.change({ kind: "delete", photo_id: this.shown });
    });
    part.undoButton.addEventListener("click", () => {
      part.undo.hidden = true;
      this.away.clear();
      this.tell({ kind: "undo" });
    });
    noCallout(this.root);
  }

  update({ data, setTriggerValue }) {
    this.data = data;
    this.text = data.strings;
    this.setTriggerValue = setTriggerValue;
    this.labels = new Map(data.labels.map((label) => [label.id, label]));
    paint(this.root, data.color);
    for (const [name, key] of [
      ["title", "mistakes_title"],
      ["order", "mistakes_order"],
      ["undo-text", "gallery_deleted"],
      ["undo-button-text", "gallery_undo"],
      ["delete-text", "gallery_delete"],
      ["move-title", "gallery_move_to"],
    ]) {
      setText(this.root.querySelector(`.${name}`), withNumber(this.text[key], data.cards.length));
    }
    setLabel(this.part.close, this.text.gallery_close);
    this.part.choices.hidden = !data.may_change;
    for (const [id, { label, until }] of this.away) {
      if (data.own[id] !== label || until < Date.now()) this.away.delete(id);
    }
    this.part.undo.hidden = !(data.undo && this.deleted);
    this.draw();
    if (this.shown && !(this.shown in data.own)) this.closeSheet();
  }

  draw() {
    const wanted = new Set(this.data.cards.map((card) => card.id));
    for (const [id, card] of this.cards) {
      if (wanted.has(id)) continue;
      this.reasons.forget(card.box, id);
      card.box.remove();
      this.cards.delete(id);
    }
    this.data.cards.forEach((mistake, at) => {
      const card = this.cards.get(mistake.id) ?? this.newCard(mistake.id);
      const here = this.part.list.children[at];
      if (here !== card.box) this.part.list.insertBefore(card.box, here ?? null);
      this.write(card, mistake, at);
      this.drawAlike(card);
    });
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
      percent: $(".percent"),
      alike: $(".alike"),
      alikeTitle: $(".alike-title"),
      alikePhotos: $(".alike-photos"),
      take: $(".take"),
      takeText: $(".take-text"),
    };
    card.heat = new HeatView($(".heat"), $(".look"), () => this.reasons.now(id));
    load(card.photo, mistakeOf(id, "full"));
    card.photo.addEventListener("load", () => this.showHeat(card));
    card.take.addEventListener("click", () => this.tell({ kind: "take", label_id: card.label }));
    this.cards.set(id, card);
    this.reasons.watch(box, id);
    return card;
  }

  write(card, mistake, at) {
    const [label, guess] = [this.labels.get(mistake.label_id), this.labels.get(mistake.guess_id)];
    card.label = label.id;
    card.photo.alt = plainText(withNumber(this.text.mistakes_photo, at + 1));
    this.says(card.thought, guess, this.text.mistakes_thought);
    this.says(card.truth, label, this.text.mistakes_truth);
    card.percent.textContent = `${mistake.percent}%`;
    setText(card.alikeTitle, this.text.mistakes_alike);
    setText(card.takeText, this.text.mistakes_take.replace("%label", label.name));
    card.take.hidden = !this.data.may_change;
    card.heat.say(this.text);
  }

  /** "The AI thought: banana", with the label's name in bold wherever the language puts it. */
  says(row, label, sentence) {
    setText(row.querySelector(".says-emoji"), label.emoji);
    const [before, after] = sentence.split("%label");
    const name = document.createElement("b");
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
    for (const [id, tile] of card.tiles)
      if (!own.includes(id)) {
        tile.remove();
        card.tiles.delete(id);
      }
    own.forEach((id, at) => {
      const tile = card.tiles.get(id) ?? this.newTile(card, id);
      if (card.alikePhotos.children[at] !== tile)
        card.alikePhotos.insertBefore(tile, card.alikePhotos.children[at] ?? null);
      const label = this.labels.get(this.data.own[id]);
      setText(tile.querySelector(".tile-emoji"), label?.emoji ?? "");
      setLabel(tile, `${label?.name ?? ""} ${withNumber(this.text.mistakes_alike_open, at + 1)}`);
    });
  }

  newTile(card, id) {
    const tile = Object.assign(document.createElement("button"), { type: "button", className: "tile" });
    const image = Object.assign(document.createElement("img"), {
      alt: "",
      draggable: false,
      decoding: "async",
    });
    const emoji = Object.assign(document.createElement("span"), { className: "emoji tile-emoji" });
    emoji.setAttribute("aria-hidden", "true");
    tile.append(image, emoji);
    load(image, ownOf(id, "thumb"));
    tile.addEventListener("click", () => this.openSheet(id));
    card.tiles.set(id, tile);
    return tile;
  }

  // ---- the sheet of one own photo

  openSheet(id) {
    const { part } = this;
    const label = this.labels.get(this.data.own[id]);
    if (!label) return;
    this.shown = id;
    part.big.style.backgroundImage = `url("${ownOf(id, "thumb")}")`; // at once, until the large one is there
    part.big.src = ownOf(id, "full");
    part.big.alt = plainText(label.name);
    setText(this.root.querySelector(".now-emoji"), label.emoji);
    setText(this.root.querySelector(".now-name"), label.name);
    const others = this.data.labels.filter((other) => other.id !== label.id);
    part.moves.replaceChildren(...others.map((other) => this.moveButton(other)));
    part.moveTitle.hidden = others.length === 0;
    if (part.sheet.showModal) part.sheet.showModal();
    else {
      part.sheet.setAttribute("open", "");
      part.sheet.classList.add("plain");
    } // Safari before 15.4
  }

  moveButton(label) {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    const emoji = Object.assign(document.createElement("span"), {
      className: "emoji",
      textContent: label.emoji,
    });
    emoji.setAttribute("aria-hidden", "true");
    const name = document.createElement("span");
    setText(name, label.name);
    button.append(emoji, name);
    button.addEventListener("click", () =>
      this.change({ kind: "move", photo_id: this.shown, label_id: label.id }),
    );
    return button;
  }

  closeSheet() {
    const { sheet } = this.part;
    this.shown = null;
    if (sheet.close) sheet.close();
    else sheet.removeAttribute("open");
  }

  change(action) {
    if (!action.photo_id) return;
    if (action.kind === "delete") {
      this.away.set(action.photo_id, {
        label: this.data.own[action.photo_id],
        until: Date.now() + HIDDEN_FOR_MS,
      });
      setTimeout(() => {
        if (this.root.isConnected) this.draw();
      }, HIDDEN_FOR_MS + 100);
    } else {
      this.data.own[action.photo_id] = action.label_id;
    }
    this.closeSheet();
    this.draw();
    this.tell(action);
  }

  tell(action) {
    this.setTriggerValue("action", { ...action, ts: Date.now() });
  }

  close() {
    this.closeSheet();
    this.reasons.close();
  }
}

const widgets = new WeakMap();

export default function mount(component) {
  const { parentElement } = component;
  if (!widgets.has(parentElement)) widgets.set(parentElement, new MistakesWidget(parentElement));
  widgets.get(parentElement).update(component);
  return () => {
    widgets.get(parentElement)?.close();
    widgets.delete(parentElement);
  };
}
