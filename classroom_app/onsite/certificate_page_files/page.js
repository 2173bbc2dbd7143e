// Turns the top of the page green as soon as this device believes the class's certificate: only then does an
// HTTPS request succeed. The answer itself is not read.
const probe = document.documentElement.dataset.probe;
async function look() {
  if (document.hidden) return;
  try {
    await fetch(probe, { mode: "no-cors", cache: "no-store", credentials: "omit" });
    document.documentElement.classList.add("ready");
  } catch {
    document.documentElement.classList.remove("ready");
  }
}
look();
setInterval(look, 4000);
document.addEventListener("visibilitychange", look);
