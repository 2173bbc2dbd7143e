"""AIs that go home: whose, which version, for whom and until when."""

from __future__ import annotations

import errno
import io
import json
import zipfile
from pathlib import Path
from urllib.parse import quote

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from classroom_app.errors import ConflictError, NotAllowedError
from classroom_app.resources import App
from classroom_app.services.model_store import ModelStore
from classroom_app.services.take_home_links import TakeHomeService
from classroom_app.states import CountedRun, DeletionScope, Phase
from classroom_app.ui.widgets.take_home import page_file
from classroom_app.views.classes import ContestRules, EventView
from classroom_app.views.deletion import DeletionTarget
from classroom_app.web.routes.take_home import PYTHON
from ml_core.contract.whole_graph import head_of_file
from ml_core.learn.checkpoint import from_bytes
from tests.integration.classroom_app.web.test_routes import Browser, browser, facilitator
from tests.support.contest import LedShow
from tests.support.small_head import small_head
from tests.support.stand_ins import identity, take, train

__all__ = ["browser", "facilitator"]

INSIDE = "192.0.2.7"
needs_runtime = pytest.mark.skipif(
    not page_file.is_possible(), reason="the runtime is missing (make test fetches it)"
)


@pytest.fixture
def show() -> LedShow:
    return LedShow()


@pytest.fixture
def revealed(app: App, event: EventView, show: LedShow, monkeypatch: pytest.MonkeyPatch) -> EventView:
    """Two groups with an AI, a real file; the class is at its reveal and allows it; nothing was shown yet."""
    for place in range(2):
        group = identity(app, event, place)
        take(app, group, event, 5 + place, start=20 * place)
        train(app, group)
    model = small_head([label.id for label in event.labels])
    monkeypatch.setattr(ModelStore, "get", lambda _self, _key: model)
    app.take_home.allow(event.id, True)
    app.classes.set_phase(event.id, Phase.FINAL)
    app.classes.set_phase(event.id, Phase.REVEAL)
    monkeypatch.setattr(app.show, "now", show.now)
    return event


def token(app: App, event: EventView, place: int = 0) -> str | None:
    return app.take_home.token(identity(app, event, place))


def shown_token(app: App, event: EventView, show: LedShow) -> str:
    show.shown = (event.groups[0].id,)
    found = token(app, event)
    assert found is not None
    return found


def test_at_first_no_class_allows_it(app: App, event: EventView) -> None:
    assert not app.take_home.allowed(event.id)


def test_a_group_gets_its_link_after_its_own_medal(app: App, revealed: EventView, show: LedShow) -> None:
    assert token(app, revealed) is None
    show.shown = (revealed.groups[1].id,)
    assert token(app, revealed) is None, "another group's medal"
    assert token(app, revealed, 1) is not None
    show.over = True
    assert token(app, revealed) is not None
    assert token(app, revealed, 2) is None, "it has no AI"


def test_the_link_gives_the_groups_own_version_that_counted(
    app: App, event: EventView, revealed: EventView, show: LedShow
) -> None:
    found = app.take_home.by_token(shown_token(app, revealed, show), INSIDE)
    group = revealed.groups[0]
    assert (found.key, found.name_ja, found.version, found.photos) == (group.key, group.name_ja, 1, 15)
    assert [label.id for label in found.labels] == [label.id for label in revealed.labels]
    row = next(row for row in app.board.board(event.id, final=True).rows if row.group_id == group.id)
    assert (found.correct, found.total) == (row.final_correct, row.final_total)


def test_the_version_of_the_final_goes_home_not_the_newest(
    app: App, event: EventView, show: LedShow, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = identity(app, event, 0)
    rules = app.contest.rules(event.id)
    app.contest.set_rules(
        event.id, ContestRules(CountedRun.CHOSEN, rules.trainings_max, rules.freeze_minutes, tie_break=False)
    )
    for start in (0, 20):
        take(app, group, event, 5, start=start)
        train(app, group)
    first = next(run for run in app.runs.history(group) if run.version == 1)
    app.contest.choose_run(group, first.id)
    app.take_home.allow(event.id, True)
    app.classes.set_phase(event.id, Phase.FINAL)
    app.classes.set_phase(event.id, Phase.REVEAL)
    monkeypatch.setattr(app.show, "now", show.now)
    found = app.take_home.by_token(shown_token(app, event, show), INSIDE)
    assert (found.version, found.versions, found.photos) == (1, 2, 15)


def test_the_link_ends_with_the_permission_the_class_and_the_group(
    app: App, revealed: EventView, show: LedShow
) -> None:
    link, keys = shown_token(app, revealed, show), set[str]()

    def is_good() -> bool:
        try:
            app.take_home.by_token(link, INSIDE)
        except NotAllowedError as exc:
            keys.add(exc.key)
            return False
        return True

    assert is_good()
    show.shown = ()
    assert not is_good(), "a show that was led back hides the medal, and the link with it"
    show.shown = (revealed.groups[0].id,)
    app.take_home.allow(revealed.id, False)
    assert not is_good()
    assert token(app, revealed) is None
    app.take_home.allow(revealed.id, True)
    app.classes.set_phase(revealed.id, Phase.COLLECT, reopen=True)
    assert not is_good()
    app.classes.set_phase(revealed.id, Phase.FINAL)
    app.classes.set_phase(revealed.id, Phase.REVEAL)
    assert is_good()
    app.classes.renew_group_links(revealed.id, revealed.groups[0].id)
    assert not is_good(), "who got the old links gets nothing with this one either"
    assert keys == {"take_home_over"}


def test_the_link_ends_when_the_class_is_closed(app: App, revealed: EventView, show: LedShow) -> None:
    link = shown_token(app, revealed, show)
    app.classes.set_phase(revealed.id, Phase.CLOSED)
    with pytest.raises(NotAllowedError):
        app.take_home.by_token(link, INSIDE)


@pytest.mark.parametrize("scope", [DeletionScope.GROUP, DeletionScope.GROUP_RESET])
def test_a_deletion_ends_the_link(app: App, revealed: EventView, show: LedShow, scope: DeletionScope) -> None:
    link = shown_token(app, revealed, show)
    app.deletions.begin(DeletionTarget(scope, revealed.id, revealed.groups[0].id))
    with pytest.raises(NotAllowedError):
        app.take_home.by_token(link, INSIDE)


def test_a_link_that_was_changed_opens_nothing(app: App, revealed: EventView, show: LedShow) -> None:
    link = shown_token(app, revealed, show)
    for other in ("", "x", link[:-2], link.swapcase(), app.access.projector_link(revealed.id)):
        with pytest.raises(NotAllowedError):
            app.take_home.by_token(other, INSIDE)


def test_the_link_is_kept_to_the_networks_of_the_class(
    app: App, revealed: EventView, show: LedShow, browser: Browser
) -> None:
    link = shown_token(app, revealed, show)
    app.venue.set_networks(revealed.id, "198.51.100.0/24")
    assert browser("GET", f"/take-home/{link}").status_code == 403
    with pytest.raises(NotAllowedError) as error:
        app.take_home.by_token(link, INSIDE)
    assert error.value.key == "venue_outside"
    assert app.take_home.by_token(link, "198.51.100.9").version == 1


@needs_runtime
def test_the_file_comes_without_a_cookie_and_is_never_shown_at_our_address(
    app: App, revealed: EventView, show: LedShow, browser: Browser
) -> None:
    answer = browser("GET", f"/take-home/{shown_token(app, revealed, show)}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["cache-control"] == "private, no-store"
    assert int(answer.headers["content-length"]) == len(answer.content) <= page_file.BYTES_MAX
    assert not answer.cookies
    over = browser("GET", "/take-home/none")
    assert over.status_code == 403
    assert "この リンクは" in over.text
    assert "Please ask your teacher" in over.text


@needs_runtime
def test_an_ai_on_another_network_stays_here(
    app: App, revealed: EventView, show: LedShow, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = small_head([label.id for label in revealed.labels], space="large.1.4")
    monkeypatch.setattr(ModelStore, "get", lambda _self, _key: other)
    assert browser("GET", f"/take-home/{shown_token(app, revealed, show)}").status_code == 403


def archive(facilitator: Browser, event: EventView) -> zipfile.ZipFile:
    answer = facilitator("GET", f"/api/events/{event.id}/take-home.zip")
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    return zipfile.ZipFile(io.BytesIO(answer.content))


@needs_runtime
def test_the_zip_has_each_groups_page_and_graph(app: App, revealed: EventView, facilitator: Browser) -> None:
    """With nothing shown yet: the facilitator knows the results."""
    with archive(facilitator, revealed) as files:
        names = {f"ai-{group.key}-1" for group in revealed.groups[:2]}
        every = {f"{name}.{end}" for name in names for end in ("html", "onnx")}
        assert set(files.namelist()) == {"README.txt", *every}
        assert files.testzip() is None
        for name in names:
            assert files.getinfo(f"{name}.html").file_size <= page_file.BYTES_MAX
        graph = files.read(f"ai-{revealed.groups[0].key}-1.onnx")
        readme = files.read("README.txt").decode()
    assert all(line in readme for line in PYTHON.splitlines())
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    told = session.get_modelmeta().custom_metadata_map
    assert json.loads(told["labels"]) == [label.name_en for label in revealed.labels]
    assert (told["version"], told["photos"]) == ("1", "15")
    assert len(json.loads(told["preprocessing"])["views"]) == 6
    # As the server has it, of the features that the same file gives.
    views = np.random.default_rng(1).integers(0, 255, (6, 256, 256, 3), np.uint8)
    rows, said = session.run(["rows", "probabilities"], {"views": views})
    model = from_bytes(app.models.get(""))
    assert np.abs(said - model.probabilities(rows.mean(0, keepdims=True))).max() < 1e-4


@needs_runtime
def test_the_five_lines_of_python_run(
    revealed: EventView,
    facilitator: Browser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with archive(facilitator, revealed) as files:
        (tmp_path / "ai.onnx").write_bytes(files.read(f"ai-{revealed.groups[0].key}-1.onnx"))
    Image.new("RGB", (640, 480), "teal").save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    exec(compile(PYTHON, "README", "exec"), {})  # noqa: S102 - the program of the paper itself
    said = capsys.readouterr().out
    assert all(label.name_en in said for label in revealed.labels)
    assert len([line for line in PYTHON.splitlines() if line]) == 5


@needs_runtime
def test_on_a_full_disk_the_zip_waits(
    revealed: EventView, facilitator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    answer = facilitator("GET", f"/api/events/{revealed.id}/take-home.zip")
    assert (answer.status_code, answer.json()["error"]) == (503, "error_unavailable")


@needs_runtime
def test_the_zip_only_where_it_is_allowed_and_after_the_reveal(
    app: App, revealed: EventView, facilitator: Browser
) -> None:
    app.take_home.allow(revealed.id, False)
    assert facilitator("GET", f"/api/events/{revealed.id}/take-home.zip").json()["error"] == "th_not_now"
    app.take_home.allow(revealed.id, True)
    app.classes.set_phase(revealed.id, Phase.COLLECT, reopen=True)
    with pytest.raises(ConflictError, match="th_not_now"):
        app.take_home.of_class(revealed.id)
    app.classes.set_phase(revealed.id, Phase.FINAL)
    app.classes.set_phase(revealed.id, Phase.REVEAL)
    app.classes.set_phase(revealed.id, Phase.CLOSED)
    assert len(app.take_home.of_class(revealed.id)) == 2


def test_both_deeds_stand_in_the_audit(app: App, revealed: EventView, facilitator: Browser) -> None:
    assert (
        facilitator.post(f"/api/events/{revealed.id}/take-home", json={"allowed": "yes"}).status_code == 422
    )
    assert facilitator.post(f"/api/events/{revealed.id}/take-home", json={"allowed": True}).status_code == 204
    facilitator("GET", f"/api/events/{revealed.id}/take-home.zip")
    deeds = {entry.did for entry in app.audit.entries(who="facilitator")}
    assert "take_home_set" in deeds
    assert ("take_home_given" in deeds) == page_file.is_possible()
    assert isinstance(app.take_home, TakeHomeService)


@needs_runtime
def test_whatever_a_name_has_in_it_the_page_stays_whole(
    app: App, revealed: EventView, show: LedShow, browser: Browser
) -> None:
    bad = "</script><script>alert(1)</script><!--"
    app.class_changes.rename_group(revealed.id, revealed.groups[0].id, bad[:40], bad[:40])
    text = browser("GET", f"/take-home/{shown_token(app, revealed, show)}").text
    assert text.count("<script") == text.count("</script>") == 7  # the story, the script, and five parts
    assert "alert(1)" not in text.replace("\\u003cscript>alert(1)", "").replace("script&gt;alert(1)", "")
    assert quote(bad[:9]) not in text


def test_a_head_is_read_from_its_file_as_the_compute_tier_reads_it() -> None:
    data = small_head(["a", "b", "c"])
    model, head = from_bytes(data), head_of_file(data)
    assert head.labels == model.meta.labels
    assert head.space == model.meta.space
    assert np.allclose(head.weight.T, model.head.weight * model.meta.temperature)
    assert np.allclose(head.bias, model.head.bias * model.meta.temperature)


def test_the_readme_has_the_same_five_lines() -> None:
    readme = (Path(__file__).parents[4] / "README.md").read_text(encoding="utf-8")
    assert f"```python\n{PYTHON}```" in readme
