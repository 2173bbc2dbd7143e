"""A page that is held open over its websocket, whose words can be read."""

from __future__ import annotations

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from classroom_app.rehearsal.page_session import PageSession


class ReadPage(PageSession):
    """`said`: all that its last run sent, as it lay in the messages."""

    said = ""

    async def read(self, limit_s: float = 60.0) -> str:
        """Run it once more, and what it says then."""
        self.kept.clear()  # else names of messages come in place of what was said before
        self.said = ""
        await self.show(limit_s=limit_s)
        return self.said

    def take(self, message: ForwardMsg) -> None:
        self.said += message.SerializeToString().decode(errors="replace")
        super().take(message)
