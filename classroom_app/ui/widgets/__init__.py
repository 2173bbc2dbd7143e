"""Browser widgets of the pages: camera, gallery, live player, and going to another address."""
