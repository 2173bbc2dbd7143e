"""The AI that a group takes home: the page of its own (`take_home.html`, `take_home.js`) and its file."""
