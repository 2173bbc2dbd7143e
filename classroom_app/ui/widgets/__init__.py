"""Browser widgets of the pages: camera, gallery, live player, and going to another address.

Knows nothing of the database, of services or of who is logged in: pages pass in what is shown.
"""
