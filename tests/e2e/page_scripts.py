"""What a browser is asked of a page: each script gives back a line for everything that is wrong."""

from __future__ import annotations

# Walks the page and every shadow root in it; `visit` gets each element that can be seen.
WALK = """
const walk = (root, visit) => {
  for (const element of root.querySelectorAll('*')) {
    visit(element);
    if (element.shadowRoot) walk(element.shadowRoot, visit);
  }
};
const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
"""
TARGETS = (
    "(least) => {"
    + WALK
    + """
  const small = [];
  walk(document, (element) => {
    if (!element.matches('button, a[href], input, select, textarea, [role=button], [role=tab]')) return;
    if (!seen(element) || element.closest('[aria-hidden=true], [inert]')) return;
    const { width, height } = element.getBoundingClientRect();
    if (width && height && Math.min(width, height) < least - 0.5) {
      const name = (element.getAttribute('aria-label') || element.innerText || element.id).trim();
      small.push(`${element.tagName} "${name.slice(0, 30)}" ${Math.round(width)}x${Math.round(height)}`);
    }
  });
  return small;
}"""
)
WORDS = (
    "() => {"
    + WALK
    + """
  const words = [];
  const texts = (element) => [...element.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()).map((node) => node.data.trim());
  walk(document.body, (element) => {
    if (['STYLE', 'SCRIPT', 'NOSCRIPT', 'TITLE'].includes(element.tagName) || !seen(element)) return;
    if (element.dataset.testid === 'stIconMaterial') return; // the name of a drawing, not a word
    // Words of Streamlit's that a style sheet puts ours in place of.
    if (parseFloat(getComputedStyle(element).fontSize) > 0) words.push(...texts(element));
    for (const name of ['aria-label', 'placeholder', 'title', 'alt']) {
      const said = element.getAttribute(name);
      if (said) words.push(said);
    }
  });
  return words;
}"""
)
# Streamlit's own furniture; a child has no use for any of it.
CHROME = """() => [
    'stHeader', 'stToolbar', 'stMainMenu', 'stDecoration', 'stStatusWidget', 'stAppDeployButton', 'stSidebar',
    'stSidebarCollapsedControl', 'stExpandSidebarButton', 'stElementToolbar', 'stHeaderActionElements',
  ]
  .flatMap((id) => [...document.querySelectorAll(`[data-testid=${id}]`)])
  .concat([...document.querySelectorAll('footer, .vega-actions, [class*=viewerBadge]')])
  .filter((element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .filter((element) => element.offsetHeight > 0 && element.offsetWidth > 0 && element.innerText?.trim())
  .map((element) => element.dataset.testid ?? element.tagName)"""
SIDEWAYS = """() => [document.scrollingElement, ...document.querySelectorAll('[data-testid=stMain]')]
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .map((element) => `${element.tagName} ${element.scrollWidth} > ${element.clientWidth}`)"""

# A page with a message alone has it in the middle: what shows nothing must not take its place.
OFF_CENTRE = """() => {
  const message = document.querySelector('.big-message');
  const block = message?.closest('[data-testid=stMainBlockContainer] > [data-testid=stVerticalBlock]');
  if (!block || document.querySelector('[data-testid=stMain]').scrollHeight > innerHeight + 8) return [];
  const shown = [...block.children]
    .filter((part) => part.offsetHeight > 0 && getComputedStyle(part).position !== 'absolute');
  const place = shown.findIndex((part) => part.contains(message));
  const above = shown[place].getBoundingClientRect().top
    - (place ? shown[place - 1].getBoundingClientRect().bottom : 0);
  const below = innerHeight - shown.at(-1).getBoundingClientRect().bottom;
  return 2 * below < above ? [`${Math.round(above)} px above the message, ${Math.round(below)} below`] : [];
}"""
# Words of the path of steps that would be read as one.
CROWDED = """() => {
  const words = [...document.querySelectorAll('.st-key-steps p')];
  return words.slice(1).flatMap((word, at) => {
    const gap = word.getBoundingClientRect().left - words[at].getBoundingClientRect().right;
    return gap < 8 ? [`${words[at].innerText} / ${word.innerText}: ${Math.round(gap)} px`] : [];
  });
}"""
# On half a screen and a phone: cut off, one letter a line, or covered.
FAULTS = (
    "() => {"
    + WALK
    + """
  const faults = [];
  const name = (element) => (element.getAttribute('aria-label') || element.innerText || element.className)
    .toString().trim().replace(/\\s+/g, ' ').slice(0, 24);
  // What scrolls sideways by itself may be wider than the screen.
  const scrolls = (element) => {
    for (let at = element; at; at = at.parentElement ?? at.getRootNode().host)
      if (at !== document.body && ['auto', 'scroll'].includes(getComputedStyle(at).overflowX)
        && at.dataset?.testid !== 'stMain' && at.dataset?.testid !== 'stApp') return true;
    return false;
  };
  const words = (element) => [...element.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data.trim()).join('');
  // A heading is as wide as the page, and its words are not.
  const written = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return range.getBoundingClientRect();
  };
  // Words that run over the edge of their button; readings above them may.
  const spills = (tap, box) => {
    const texts = document.createTreeWalker(tap, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const part = text.parentElement;
      if (!text.data.trim() || !seen(part) || part.closest('rt')) continue;
      let hides = part; // for a screen reader alone
      while (hides !== tap && getComputedStyle(hides).clipPath === 'none') hides = hides.parentElement;
      if (hides !== tap) continue;
      const range = document.createRange();
      range.selectNode(text);
      const { top, bottom, left, right } = range.getBoundingClientRect();
      const over = Math.max(box.top - top, bottom - box.bottom, box.left - left, right - box.right);
      if (over > 2) return `${text.data.trim()} by ${Math.round(over)} px`;
    }
    return '';
  };
  const taps = [];
  const heads = [];
  walk(document.body, (element) => {
    if (!seen(element) || element.closest('[aria-hidden=true], [inert], .confetti, rt')) return;
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height) return;
    const said = words(element);
    const isTap = element.matches('button, a[href]');
    if ((said || isTap) && !scrolls(element) && (box.left < -1 || box.right > innerWidth + 1))
      faults.push(`cut off: ${name(element)} ${Math.round(box.left)} to ${Math.round(box.right)}`);
    const size = parseFloat(getComputedStyle(element).fontSize);
    if (said.length > 3 && box.width < 2 * size && box.height > 3.5 * size && !scrolls(element))
      faults.push(`one letter a line: ${name(element)} ${Math.round(box.width)}x${Math.round(box.height)}`);
    if (isTap && getComputedStyle(element).opacity !== '0') taps.push([element, box]);
    const over = element.matches('button') ? spills(element, box) : '';
    if (over) faults.push(`spills over: ${name(element)}: ${over}`);
    if (element.matches('h1, h2')) heads.push([element, written(element)]);
    if (element.matches('.badge, .code-who b')) heads.push([element, box]);
  });
  const meets = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 4
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 4;
  // A control may lie on a picture that is a button too: wholly, on top, and beside the picture's own words.
  const inside = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1
    && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
  const rests = (small, large) => {
    small.scrollIntoView({ block: 'center' });
    const [box, under] = [small.getBoundingClientRect(), large.getBoundingClientRect()];
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const onTop = small.getRootNode().elementFromPoint(x, y);
    const spoken = [...large.querySelectorAll('*')].filter((part) => words(part));
    return inside(box, under) && (onTop === small || small.contains(onTop))
      && !spoken.some((part) => meets(part.getBoundingClientRect(), box));
  };
  // A menu or dialog that is open lies on the page, and so do bars under which it scrolls.
  const layer = (element) => element.closest(`[data-testid=stPopoverBody], [role=dialog], dialog,
    .st-key-next_row, .st-key-dock, .st-key-after_play, .st-key-label_save, .picker .acts`);
  const apart = (one, other) => !one.contains(other) && !other.contains(one) && layer(one) === layer(other);
  for (const [at, [one, box]] of taps.entries())
    for (const [other, place] of [...taps.slice(at + 1), ...heads])
      if (apart(one, other) && one.getRootNode() === other.getRootNode() && meets(box, place)
        && !rests(one, other) && !rests(other, one))
        faults.push(`lie over each other: ${name(one)} / ${name(other)}`);
  return faults;
}"""
)

# Text that is smaller than who reads it there can read: `least` pixels, `ruby` for readings over kanji.
SMALL_TEXT = (
    "([least, ruby]) => {"
    + WALK
    + """
  const small = new Set();
  walk(document.body, (element) => {
    if (['STYLE', 'SCRIPT', 'NOSCRIPT', 'TITLE'].includes(element.tagName)) return;
    const said = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
      .map((node) => node.data.trim()).join('');
    if (!said || !seen(element) || element.closest('.unseen, .staff-unseen')) return;
    const box = element.getBoundingClientRect();
    const size = parseFloat(getComputedStyle(element).fontSize);
    if (!size || box.width < 2 || box.height < 2) return; // replaced by other words, or for screen readers
    if (size < (element.closest('rt') ? ruby : least) - 0.6) small.add(`${size} px: ${said.slice(0, 24)}`);
  });
  return [...small];
}"""
)
# The one next thing: at most one on a screen, and wholly on the first one.
PRIMARY = (
    "() => {"
    + WALK
    + """
  const found = [];
  walk(document.body, (element) => {
    const isNext = element.matches('[class*=st-key-big_] button, .w button.strong, a.big-link')
      && !element.matches('.card .take'); // it stands in for the shutter
    if (!isNext || !seen(element)) return;
    const box = element.getBoundingClientRect();
    if (box.width && box.height) found.push([element.innerText.trim().slice(0, 20), box]);
  });
  const on = found.filter(([, box]) => box.top < innerHeight && box.bottom > 0);
  const wrong = on.length > 1 ? [`${on.length} at once: ${on.map(([name]) => name).join(' / ')}`] : [];
  if (found.length && !found.some(([, box]) => box.top >= 0 && box.bottom <= innerHeight + 1))
    wrong.push(`below the fold: ${found[0][0]} ${Math.round(found[0][1].bottom)} of ${innerHeight}`);
  return wrong;
}"""
)
# What moves for ever tires the eyes (WCAG 2.2.2).
ENDLESS = """() => document.getAnimations()
  .filter((one) => one.effect?.getComputedTiming().endTime === Infinity)
  .filter((one) => one.effect.target?.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .map((one) => `${one.animationName} of ${one.effect.target.className}`)"""

# Two hands hold an iPad on its side: the shutter is under a thumb (21 mm from the edge), the finder is large.
REACH = (
    "() => {"
    + WALK
    + """
  let [shutter, finder] = [null, null];
  walk(document.body, (element) => {
    if (element.matches('.cam .shutter') && seen(element)) shutter = element.getBoundingClientRect();
    if (element.matches('.cam .finder') && seen(element)) finder = element.getBoundingClientRect();
  });
  if (!shutter || !finder || !document.querySelector('.st-key-collect_parts') || innerWidth < innerHeight)
    return [];
  const wrong = [];
  // Until its OK is tapped a grown-up's word takes a row of it, and so does the way to a swap round.
  const gives = document.querySelector('.st-key-said, .st-key-swap_way');
  const middle = (shutter.left + shutter.right) / 2;
  const away = Math.min(middle, innerWidth - middle); // either hand
  const height = (shutter.top + shutter.bottom) / 2 / innerHeight;
  const share = finder.width * finder.height / innerWidth / innerHeight;
  if (away > 110) wrong.push(`shutter ${Math.round(away)} px from the edge`);
  if (height < 0.4 || height > (gives ? 0.76 : 0.7))
    wrong.push(`shutter at ${Math.round(100 * height)} % of the height`);
  if (share < (gives ? 0.25 : 0.4)) wrong.push(`finder ${Math.round(100 * share)} % of the screen`);
  if (finder.bottom > innerHeight + 1) wrong.push(`finder ends at ${Math.round(finder.bottom)}`);
  return wrong;
}"""
)
