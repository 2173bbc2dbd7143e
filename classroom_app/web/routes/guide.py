"""The facilitators' guide as a paper: it holds nothing of any class, so it is there before the log-in too."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from classroom_app.content import i18n
from classroom_app.printing.staff_guide import staff_guide_pdf
from classroom_app.resources import App
from classroom_app.web.routes import common

GUIDE_PATH: Final = "/guide.pdf"


def guide(request: Request, _app: App, _body: bytes) -> Response:
    """How to make a class and take it through its day, on two pages, in the viewer's language or, where a
    link names one, in that: `lang`, ja or en.

    Answers 200: a PDF.
    """
    headers = {**common.NO_STORE, "Content-Disposition": 'inline; filename="guide.pdf"'}
    asked = request.query_params.get("lang", "")
    pdf = staff_guide_pdf(asked if asked in i18n.LANGUAGES else common.language(request))
    return Response(pdf, media_type="application/pdf", headers=headers)


ROUTES: Final = [common.route(GUIDE_PATH, guide)]
