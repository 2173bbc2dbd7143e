// Keeps a page alive while the connection is away: Streamlit then opens a dialog that makes all the rest inert,
// also a camera that needs no connection to go on. Knows nothing of pages.

let watching = false;

const away = () => {
  const state = document.querySelector("[data-test-connection-state]")?.dataset.testConnectionState;
  return state !== undefined && state !== "CONNECTED";
};

/** Closes the dialog, and frees what it locked in case it opens again before the next look. */
function free() {
  if (!away()) return;
  for (const close of document.querySelectorAll(".stDialog [role=dialog] button")) close.click();
  for (const element of document.querySelectorAll("[inert]")) element.removeAttribute("inert");
}

export default function mount() {
  if (watching) return;
  watching = true;
  new MutationObserver(free).observe(document.documentElement, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["inert", "data-test-connection-state"],
  });
}
