// Challenge files of a facilitator: one ZIP, or photos of one label, chosen by a button or dragged here; then how far they
// are. Knows nothing of how they travel (UploadRun).

import { make, makeEmoji } from "../common/base.js";
import { mountOf } from "../common/mount.js";
import { byReason, chosenWith, filled, sizeText } from "./files.js";
import { uploadRun } from "./upload_run.js";

const NAMES_SHOWN = 5; // of files that are not sent, a reason
const SPOKEN_EVERY = 0.25; // of the way: who listens to a page does not hear every file
const TOLD_AGAIN_MS = 3_000; // a report that the page has not taken by then
const CROSS = '<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M9 9l14 14M23 9L9 23"/></svg>';

class UploadWidget {
  constructor(root) {
    this.root = root.querySelector(".upload");
    this.shadow = this.root.getRootNode();
    this.part = {};
    for (const name of [
      "labels",
      "chips",
      "title",
      "zone",
      "pick",
      "drop",
      "limit",
      "sum",
      "files",
      "refused",
    ])
      this.part[name] = this.root.querySelector(`.${name}`);
    for (const name of [
      "kinds",
      "going",
      "what",
      "word",
      "stay",
      "news",
      "acts",
      "send",
      "again",
      "stop",
      "spoken",
    ])
      this.part[name] = this.root.querySelector(`.${name}`);
    this.part.giveUp = this.root.querySelector(".give-up");
    this.part.bar = this.root.querySelector("progress");
    this.files = new Map(); // File -> its line
    this.leaving = new AbortController();
    this.listen();
  }

  listen() {
    const { part } = this;
    const on = (element, name, act) => element.addEventListener(name, act, { signal: this.leaving.signal });
    on(part.pick, "change", () => {
      this.take([...part.pick.files]);
      part.pick.value = ""; // the same file may be chosen again
    });
    on(part.send, "click", () => this.send());
    on(part.again, "click", () => (this.run.state === "stopped" ? this.run.goOn() : this.run.tryNow()));
    on(part.stop, "click", () => this.run.stop());
    on(part.giveUp, "click", () => this.run.drop());
    for (const name of ["dragenter", "dragover"])
      on(part.zone, name, (event) => {
        event.preventDefault();
        part.zone.classList.toggle("over", !this.run.busy);
      });
    on(part.zone, "dragleave", (event) => {
      if (!part.zone.contains(event.relatedTarget)) part.zone.classList.remove("over");
    });
    on(part.zone, "drop", (event) => {
      event.preventDefault();
      part.zone.classList.remove("over");
      this.take([...event.dataTransfer.files]);
    });
    // A file that is dropped beside the place would be opened instead of this page.
    for (const name of ["dragover", "drop"])
      on(window, name, (event) => {
        if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
      });
  }

  update({ data, setTriggerValue }) {
    const { part } = this;
    this.data = data;
    this.text = data.strings;
    this.setTriggerValue = setTriggerValue;
    this.useRun(uploadRun(data.url));
    if (this.run.comeBy(data.way)) this.isNothingSent = false;
    this.run.heard(data.heard);
    part.title.textContent = data.title;
    this.root.querySelector(".choose-text").textContent = this.text.ch_choose;
    this.root.querySelector(".send-text").textContent = this.text.ch_send;
    part.drop.textContent = this.text.ch_drop;
    part.limit.textContent = filled(this.text.ch_limit, data);
    part.kinds.textContent = data.kinds;
    part.stay.textContent = this.text.ch_stay;
    part.again.textContent = this.text.ch_again;
    part.stop.textContent = this.text.ch_stop;
    part.giveUp.textContent = this.text.ch_give_up;
    part.pick.multiple = data.many;
    part.pick.accept = data.endings.map((ending) => `.${ending}`).join(",");
    part.send.classList.toggle("strong", data.first);
    this.drawLabels();
    this.draw();
  }

  useRun(run) {
    if (this.run === run) return;
    this.unsubscribe?.();
    this.run = run;
    this.endsSeen = run.ends;
    this.unsubscribe = run.subscribe(() => this.draw());
  }

  drawLabels() {
    const { labels } = this.data;
    const { part } = this;
    this.root.querySelector("legend").textContent = this.text.ch_label;
    if (!labels.some(({ id }) => id === this.label)) this.label = labels[0]?.id ?? "";
    const now = JSON.stringify(labels);
    if (this.labelsDrawn !== now) {
      this.labelsDrawn = now;
      part.chips.replaceChildren(...labels.map((label) => this.newChip(label)));
    }
    for (const input of part.chips.querySelectorAll("input")) input.checked = input.value === this.label;
  }

  newChip({ id, name }) {
    const chip = make("label", {});
    const input = make("input", { type: "radio", name: "upload-label", value: id });
    input.addEventListener("change", () => {
      this.label = id;
    });
    chip.append(input, name);
    return chip;
  }

  take(files) {
    if (this.run.busy || !files.length) return;
    this.isNothingSent = false;
    this.run.choose(chosenWith(this.run.chosen, files, this.data));
    this.spokenShare = undefined;
    this.speak(this.chosenText());
  }

  /** What was chosen and what was not, for who does not see it. */
  chosenText() {
    const { sum, files, refused } = this.part;
    const names = sum.hidden ? [...files.querySelectorAll(".name, .size")] : [sum];
    return [...names, ...refused.children].map((one) => one.textContent).join(" ");
  }

  leaveOut(file) {
    const at = this.run.chosen.indexOf(file);
    this.run.choose({ chosen: this.run.chosen.filter((one) => one !== file), refused: this.run.refused });
    const next = this.run.chosen[at] ?? this.run.chosen[at - 1];
    (next ? this.files.get(next).querySelector("button") : this.part.pick).focus();
  }

  send() {
    this.isNothingSent = !this.run.chosen.length;
    if (this.isNothingSent) {
      this.draw();
      this.speak(this.text.ch_nothing);
      return;
    }
    this.setTriggerValue("told", { id: "", ts: Date.now() }); // what was said of the last one is of yesterday
    this.spokenShare = undefined;
    const label = this.data.many ? this.data.labels.find(({ id }) => id === this.label) : null;
    this.run.begin({ zip: !this.data.many, label: label?.id ?? "", labelName: label?.name ?? "" });
  }

  draw() {
    const { run, part } = this;
    const hadFocus = this.shadow.activeElement;
    const { state } = run;
    this.tellReport();
    part.pick.disabled = run.busy;
    for (const input of part.chips.querySelectorAll("input")) input.disabled = run.busy;
    for (const choosing of [part.title, part.zone, part.kinds]) choosing.hidden = run.busy;
    part.labels.hidden = run.busy || !this.data.labels.length;
    this.drawFiles();
    this.drawRefused();
    part.going.hidden = !run.busy;
    if (run.busy) this.drawGoing();
    const waits = state === "sending" && Boolean(run.trouble);
    this.drawNews(waits);
    part.send.hidden = run.busy;
    part.again.hidden = state !== "stopped" && !waits;
    part.stop.hidden = state !== "sending";
    part.giveUp.hidden = state !== "stopped";
    part.stay.hidden = state === "stopped";
    this.keepFocus(hadFocus);
  }

  /** A button that goes away leaves the focus to the one that is there now. */
  keepFocus(before) {
    if (!before?.closest(".upload [hidden]") && before !== this.part.pick) return;
    if (before === this.part.pick && !this.part.pick.disabled) return;
    const { part } = this;
    const next = [part.stop, part.again, part.send].find((button) => !button.hidden);
    next?.focus({ preventScroll: true });
  }

  drawFiles() {
    const { chosen } = this.run;
    const { part } = this;
    const there = new Set(chosen);
    for (const [file, line] of this.files) {
      if (there.has(file)) continue;
      line.remove();
      this.files.delete(file);
    }
    for (const file of chosen) {
      if (this.files.has(file)) continue;
      this.files.set(file, this.newLine(file));
      part.files.append(this.files.get(file));
    }
    part.files.hidden = !chosen.length;
    part.sum.hidden = chosen.length < 2;
    const bytes = chosen.reduce((sum, file) => sum + file.size, 0);
    const size = sizeText(bytes, this.text);
    part.sum.textContent = filled(this.text.ch_chosen_number, { number: chosen.length, size });
  }

  newLine(file) {
    const line = make("li", {});
    const remove = make("button", { type: "button", innerHTML: CROSS });
    remove.setAttribute("aria-label", filled(this.text.ch_remove, { name: file.name }));
    remove.addEventListener("click", () => this.leaveOut(file));
    const picture = makeEmoji("emoji", this.data.many ? "🖼️" : "🗜️");
    const name = make("span", { className: "name", textContent: file.name });
    const size = make("span", { className: "size", textContent: sizeText(file.size, this.text) });
    line.append(picture, name, size, remove);
    return line;
  }

  drawRefused() {
    const reasons = [...byReason(this.run.refused)];
    const lines = reasons.map(([why, names]) => {
      const own = !this.data.many && why === "kind" ? "zip" : why;
      const key = !this.data.many && why === "large" ? "ch_refused_large_zip" : `ch_refused_${own}`;
      const told = names.slice(0, NAMES_SHOWN);
      const more = names.length - told.length;
      if (more > 0) told.push(filled(this.text.ch_more_files, { number: more }));
      const { megabytes } = this.data;
      return make("li", {
        textContent: filled(this.text[key], { names: told.join(this.text.ch_between), megabytes }),
      });
    });
    this.part.refused.hidden = !lines.length;
    this.part.refused.replaceChildren(...lines);
  }

  drawGoing() {
    const { run, part, text } = this;
    const [share, words] = this.progress();
    part.what.textContent = run.zip ? run.name : run.labelName;
    part.bar.value = share;
    part.word.textContent = run.state === "stopped" ? "" : words;
    part.word.hidden = run.state === "stopped";
    const step = Math.floor(share / SPOKEN_EVERY);
    if (run.state === "stopped") this.speak(filled(text.ch_stopped, { number: run.left.length }));
    else if (step !== this.spokenShare) this.speak(words);
    this.spokenShare = step;
  }

  /** How far it is, 0 to 1, and in words. */
  progress() {
    const { run, text } = this;
    const share = run.bytes ? run.sentBytes / run.bytes : 0;
    if (run.state === "reading") {
      if (!run.read?.total) return [share, text.ch_reading];
      return [run.read.done / run.read.total, filled(text.ch_progress, run.read)];
    }
    if (!run.zip)
      return [share, filled(text.ch_sending_photos, { done: run.settledFiles, number: run.number })];
    const [sent, total] = [run.sentBytes, run.bytes].map((bytes) => sizeText(bytes, text));
    return [share, filled(text.ch_sending, { sent, total })];
  }

  drawNews(waits) {
    const { run, part, text } = this;
    let words = this.isNothingSent ? text.ch_nothing : run.message;
    if (waits) words = run.trouble === "network" ? text.ch_waiting : run.trouble;
    if (run.state === "stopped")
      words = [run.message, filled(text.ch_stopped, { number: run.left.length })].filter(Boolean).join(" ");
    part.news.classList.toggle("bad", Boolean(run.message) && !waits);
    part.news.hidden = !words;
    if (part.news.textContent !== words && words && !this.isNothingSent) this.speak(words);
    part.news.textContent = words;
  }

  speak(words) {
    this.part.spoken.textContent = words;
  }

  /** What became of the files, until the page has heard of it. */
  tellReport() {
    const { report, ends } = this.run;
    const hasEnded = ends !== this.endsSeen;
    this.endsSeen = ends;
    if (!report) {
      if (hasEnded) this.setTriggerValue("told", { id: "", ts: Date.now() }); // some may be in: the page counts anew
      return;
    }
    const isToldAlready = this.toldId === report.id && Date.now() - this.toldAt < TOLD_AGAIN_MS;
    if (isToldAlready) return;
    this.toldId = report.id;
    this.toldAt = Date.now();
    this.setTriggerValue("told", { ...report, ts: this.toldAt });
    // While the page's socket is away Streamlit drops what it is told.
    clearTimeout(this.tellingAgain);
    this.tellingAgain = setTimeout(() => this.draw(), TOLD_AGAIN_MS);
  }

  close() {
    clearTimeout(this.tellingAgain);
    this.leaving.abort();
    this.unsubscribe?.();
  }
}

export default mountOf(UploadWidget);
