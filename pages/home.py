"""The address without a page: leads each visitor to where they go on."""

from classroom_app.ui import navigation, viewer

group = viewer.group()
if group is not None:
    navigation.goto(navigation.children_home(group.phase))
if viewer.facilitator() is not None:
    navigation.goto("facilitator")
navigation.goto("join")
