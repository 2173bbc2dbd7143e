"""The address without a page: leads each visitor to where they go on.

Knows nothing of what is there.
"""

from classroom_app import session

group = session.group()
if group is not None:
    session.goto(session.children_home(group.phase))
if session.facilitator() is not None:
    session.goto("facilitator")
session.goto("join")
