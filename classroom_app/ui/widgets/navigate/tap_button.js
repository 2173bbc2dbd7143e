// A large button that leads to another address. Knows nothing of what is there.

const widgets = new WeakMap();

class TapButton {
  constructor(root) {
    this.root = root.querySelector(".tap");
    this.button = this.root.querySelector(".go");
    this.sorry = this.root.querySelector(".sorry");
    this.stopListening = new AbortController();
    const { signal } = this.stopListening;
    this.button.addEventListener("click", () => this.tap(), { signal });
    addEventListener("pageshow", () => this.busy(false), { signal }); // came back by the browser's own arrow
    noCallout(this.root);
  }

  update({ data, setTriggerValue }) {
    this.data = data;
    this.setTriggerValue = setTriggerValue;
    this.root.dataset.kind = data.kind;
    this.button.classList.toggle("strong", data.kind === "primary");
    const theme = getComputedStyle(this.root).getPropertyValue("--st-primary-color").trim();
    paint(this.root, data.color ?? theme);
    setText(this.root.querySelector(".go-emoji"), data.emoji);
    setText(this.root.querySelector(".go-text"), data.label);
  }

  busy(yes) {
    this.going = yes;
    this.root.classList.toggle("busy", yes);
    this.button.setAttribute("aria-busy", String(yes));
  }

  async tap() {
    if (this.going) return; // a double tap is one journey
    this.busy(true);
    this.sorry.hidden = true;
    const { url, post_url, body } = this.data;
    const problem = await go({ url, post_url, body });
    if (!problem) return;
    this.busy(false);
    this.sorry.hidden = !problem.message;
    setText(this.sorry, problem.message);
    this.setTriggerValue("problem", { ...problem, ts: Date.now() });
  }
}

export default function mount(component) {
  const { parentElement } = component;
  if (!widgets.has(parentElement)) widgets.set(parentElement, new TapButton(parentElement));
  widgets.get(parentElement).update(component);
  return () => {
    widgets.get(parentElement)?.stopListening.abort();
    widgets.delete(parentElement);
  };
}
