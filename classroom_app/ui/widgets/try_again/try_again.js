// Asks for the page again after a wait that grows. Each failed run of the page brings a new call, so that there is
// one question at a time; what got lost on the way is asked once more.

import { againMs, LOST_AFTER_MS } from "./waits.js";

const CALM_AFTER_MS = 60_000; // a page that lived so long starts with the short wait again

export default function mount({ setTriggerValue }) {
  const past = window.classroomTries ?? { tries: 0, at: 0 };
  const tries = Date.now() - past.at > CALM_AFTER_MS ? 0 : past.tries;
  window.classroomTries = { tries: tries + 1, at: Date.now() };
  let timer = null;
  const askAfter = (ms) => {
    timer = setTimeout(() => {
      setTriggerValue("again", Date.now());
      askAfter(LOST_AFTER_MS);
    }, ms);
  };
  askAfter(againMs(tries, Math.random()));
  return () => clearTimeout(timer);
}
