"""From the lobby to the awards in real browsers: led by keys on one projector, seen on every other one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from classroom_app.data.repository import finals
from classroom_app.resources import App, build
from classroom_app.settings import Settings
from classroom_app.states import Leader, Scene
from classroom_app.views.classes import EventView
from tests.e2e import browser
from tests.e2e.browser import WAIT_MS
from tests.support.processes import kill_tree
from tests.support.running import WebAlone
from tests.support.show_class import add_run, make_show_class
from tests.support.stand_ins import StandInMl

pytestmark = pytest.mark.slow

SECRET = "s" * 40
SIZES: tuple[ViewportSize, ...] = (
    {"width": 1280, "height": 720},
    {"width": 1920, "height": 1080},
    {"width": 3840, "height": 2160},
)
# Seen from 10 m: at 1920 no text under 46 px and no reading above a word under 25 px.
TEXT_PX, READING_PX = 46, 25
TIED = 3  # groups of a class in which all are first
SMALL = """([text, reading]) => {
  const small = [];
  const walk = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) walk(element.shadowRoot);
      if (['STYLE', 'SCRIPT', 'NOSCRIPT', 'TITLE', 'RP'].includes(element.tagName)) continue;
      const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (!own || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const box = element.getBoundingClientRect();
      if (!box.width || !box.height) continue;
      const scale = innerWidth / 1920;
      const least = (element.tagName === 'RT' ? reading : text) * scale - 0.6;
      const size = parseFloat(getComputedStyle(element).fontSize);
      if (size < least) small.push(`${element.tagName} "${element.textContent.trim().slice(0, 20)}" ${size}`);
    }
  };
  walk(document.body);
  return small;
}"""
# Words that leave the screen, or the box that they stand in, or lie over the next ones.
CUT = """() => [...document.querySelectorAll(
    ['tile b', 'swap-line *', 'head h1', 'head p', 'card *', 'award *', 'shelf > span', 'step *',
     'hard figure *', 'looked *', 'looked-why', 'hint', 'coming', 'empty *', 'drum *', 'mixed',
    ].map((name) => `.pj-${name}`).join(', ')
  )].filter((element) => {
    const box = element.getBoundingClientRect();
    if (!box.width || element.closest('.pj-roll')) return false;
    const out = box.left < -2 || box.right > innerWidth + 2 || box.top < -2 || box.bottom > innerHeight + 2;
    const frame = element.parentElement.closest('.pj-tile, .pj-card, .pj-award, .pj-swap-line');
    const round = frame?.getBoundingClientRect();
    // Names that need more room than there is; the robot on an animal may stand out of it.
    const narrow = element.matches('.pj-look b, .pj-swap-line > span:has(b)');
    const over = narrow && element.scrollWidth > element.clientWidth + 1;
    const wide = round && (box.left < round.left - 1 || box.right > round.right + 1);
    const high = round && (box.top < round.top - 1 || box.bottom > round.bottom + 1);
    return out || over || wide || (high && !frame.matches('.pj-tile'));
  }).map((element) => `${element.className || element.tagName} ${element.textContent.trim().slice(0, 20)}`)"""


@dataclass
class Stage:
    """A web tier with a class in it, and the same database from here."""

    web: WebAlone
    app: App
    event: EventView
    chromium: Browser

    def screen(self, size: ViewportSize = browser.PROJECTOR, lang: str = "ja") -> Page:
        context = browser.screen(self.chromium, size, lang)
        context.add_cookies([{"name": "lang", "value": lang, "url": self.web.url}])
        page = context.new_page()
        page.goto(f"{self.web.url}/projector/{self.app.access.projector_link(self.event.id)}")
        page.locator(".pj-head").wait_for(timeout=WAIT_MS)
        # Its script has begun: before that a key means nothing.
        page.locator(".stage .sound[aria-label]").wait_for(state="attached", timeout=WAIT_MS)
        return page


def open_app(folder: Path) -> App:
    return build(Settings(data_dir=folder, secret_key=SECRET), ml=StandInMl(), password_rounds=4)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebAlone]:
    folder = tmp_path_factory.mktemp("show")
    with WebAlone(folder, env={"CLASSROOM_SECRET_KEY": SECRET}) as running:
        yield running


@pytest.fixture(scope="module")
def own_app(web: WebAlone) -> Iterator[App]:
    app = open_app(web.data)
    yield app
    app.intake.close()
    app.db.close()


@pytest.fixture(scope="module")
def chromium(launch: Callable[..., Browser]) -> Browser:
    return launch()


@pytest.fixture
def stage(web: WebAlone, own_app: App, chromium: Browser) -> Callable[..., Stage]:
    def make(groups: int, without_ai: int = 0) -> Stage:
        return Stage(web, own_app, make_show_class(own_app, groups, without_ai), chromium)

    return make


def at(page: Page, scene: str) -> None:
    page.locator(f".pj-at-{scene}").wait_for(timeout=WAIT_MS)


def test_from_the_lobby_to_the_end_led_by_keys(stage: Callable[..., Stage]) -> None:
    on = stage(3, 1)
    on.app.classes.set_phase(on.event.id, "lobby")
    first = on.screen()
    expect(first.locator(".pj-lit")).to_have_count(2)
    on.app.access.confirm_group(on.event.groups[2].id)
    expect(first.locator(".pj-lit")).to_have_count(3, timeout=WAIT_MS)

    on.app.classes.set_phase(on.event.id, "collect")
    board = first.locator("[data-testid=stVegaLiteChart] svg").first
    expect(board).to_contain_text("かえる", timeout=WAIT_MS)
    add_run(on.app, on.event, 2, 1, skill=1.0)
    expect(first.locator(".pj-news")).to_contain_text("かえる", timeout=WAIT_MS)

    on.app.classes.set_phase(on.event.id, "reveal")
    second = on.screen({"width": 1280, "height": 720})
    at(first, "drum")
    at(second, "drum")
    expect(first.locator("body")).not_to_contain_text("1位")  # nothing is told beforehand
    for key in ("Space", "PageDown"):
        first.keyboard.press(key)
        at(first, "place")
        first.wait_for_timeout(700)
    first.reload()
    at(first, "place")
    expect(first.locator(".pj-card")).to_have_attribute("data-step", "2")
    expect(second.locator(".pj-card")).to_have_attribute("data-step", "2", timeout=WAIT_MS)
    second.keyboard.press("ArrowLeft")
    expect(first.locator(".pj-card")).to_have_attribute("data-step", "1", timeout=WAIT_MS)
    first.mouse.click(600, 400)
    expect(second.locator(".pj-card")).to_have_attribute("data-step", "2", timeout=WAIT_MS)

    third = on.screen({"width": 3840, "height": 2160})
    expect(third.locator(".pj-card")).to_have_attribute("data-step", "2")
    first.keyboard.press("ArrowRight")
    expect(third.locator(".pj-first")).to_be_visible(timeout=WAIT_MS)
    for scene in ("podium", "hardest", "thanks"):
        first.keyboard.press("ArrowRight")
        for page in (first, second, third):
            at(page, scene)
    assert on.app.show.now(on.event.id).over
    for page in (first, second, third):
        page.context.close()


def test_a_step_survives_a_web_process_that_is_killed_in_the_middle(
    stage: Callable[..., Stage], web: WebAlone
) -> None:
    on = stage(2)
    on.app.classes.set_phase(on.event.id, "reveal")
    page = on.screen()
    page.keyboard.press("PageDown")
    at(page, "place")
    assert web.process is not None
    kill_tree(web.process)
    web.start()
    page.keyboard.press("PageDown")
    expect(page.locator(".pj-card")).to_have_attribute("data-step", "2", timeout=WAIT_MS)
    assert on.app.show.now(on.event.id).step == 2
    page.context.close()


def _look_around(on: Stage) -> None:
    """As if it would have changed the scores; here is no compute tier to find out."""
    with on.app.db.write() as session:
        [(final_id, _)] = [due for due in finals.not_looked(session) if due[1] == on.event.id]
        counted = finals.counted_results(session, final_id)
        finals.looked(session, final_id, {result.run_id: result.final_correct + 1 for result, _ in counted})


@pytest.mark.parametrize(
    ("lang", "groups", "without_ai"),
    [("ja", 1, 0), *((lang, *many) for lang in ("ja", "en") for many in ((3, 0), (8, 1), (30, 3)))],
)
def test_every_scene_is_read_from_the_back_row(
    stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch, groups: int, without_ai: int, lang: str
) -> None:
    on = stage(groups, without_ai)
    if groups == TIED:
        for number in range(groups):
            add_run(
                on.app, on.event, number, 3, skill=2.0
            )  # all right: whose place is shared, that is said too
    problems: list[str] = []
    page = on.screen(lang=lang)

    def look(scene: str) -> None:
        page.wait_for_timeout(1200)  # what pops in has its size then
        problems.extend(f"{scene}: small {line}" for line in page.evaluate(SMALL, [TEXT_PX, READING_PX]))
        problems.extend(f"{scene}: cut {line}" for line in page.evaluate(CUT))

    look("board")
    if groups - without_ai > 1:
        on.app.swap.start(on.event.id)
        page.locator(".pj-swap").wait_for(timeout=WAIT_MS)
        look("swap round")
    on.app.classes.set_phase(on.event.id, "lobby")
    page.locator(".pj-join").wait_for(timeout=WAIT_MS)
    look("lobby")
    for group in on.event.groups:  # those without an AI have come, too
        on.app.access.confirm_group(group.id)
    on.app.classes.set_phase(on.event.id, "reveal")
    _look_around(on)
    story = on.app.show.story(on.event.id)
    assert Scene.LOOKED in story.scenes
    steps = [0, 1, groups // 2 + 1, groups, *range(groups + 1, len(story.scenes))]
    for step in dict.fromkeys(steps):
        on.app.show.go(on.event.id, step, Leader.FACILITATOR)
        at(page, story.scenes[step])
        if story.scenes[step] == "place":
            page.locator(f".pj-card[data-step='{step}']").wait_for(timeout=WAIT_MS)
        look(f"{step} {story.scenes[step]}")
    assert problems == []
    page.context.close()
