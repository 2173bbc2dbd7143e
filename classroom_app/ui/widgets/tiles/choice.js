// What was chosen, where it outlives the page: in the page's address (a reload, a restart of the app, another
// language), and in the tab (a reload on a page that does not say it).

const key = (name) => `classroom.${name}`;

export function remembered(name) {
  try {
    return sessionStorage.getItem(key(name));
  } catch {
    return null;
  }
}

export function remember(name, id) {
  try {
    sessionStorage.setItem(key(name), id);
  } catch {
    /* then the address alone knows */
  }
  const address = new URL(location.href);
  if (address.searchParams.get(name) === id) return;
  address.searchParams.set(name, id);
  history.replaceState(history.state, "", address); // no step for the back button
}
