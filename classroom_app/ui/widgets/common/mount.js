// What Streamlit calls: one widget for each place on the page, updated at every rerun, closed when it leaves.

/** A component's default export. `Widget` is made with the place, and has `update(component)` and `close()`. */
export function mountOf(Widget) {
  const places = new WeakMap(); // the element Streamlit gives -> {widget, latest call}
  return function mount(component) {
    const { parentElement } = component;
    if (!places.has(parentElement)) places.set(parentElement, { widget: new Widget(parentElement) });
    const place = places.get(parentElement);
    place.latest = component;
    place.widget.update(component);
    return () => {
      if (place.latest !== component) return; // a rerun came in between: Streamlit ends the call, not the widget
      place.widget.close();
      places.delete(parentElement);
    };
  };
}
