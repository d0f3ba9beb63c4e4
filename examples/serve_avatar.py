"""An avatar over HTTP: a film that plays while it is made.

python examples/serve_avatar.py photo.jpg, then http://127.0.0.1:8021/?text=Hello!&emotion=happy
"""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

from emoanim import EmoanimError, provenance
from emoanim.avatar import Avatar
from emoanim.media import FragmentedVideo


def server(avatar: Avatar, port: int = 8021) -> HTTPServer:
    """Return a server of this machine alone; each request is a text that is said."""
    shape = avatar.size, avatar.fps, avatar.rate

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = dict(parse_qsl(urlsplit(self.path).query))
            try:
                frames = avatar.say(asked.get("text", ""), asked.get("emotion"))
            except EmoanimError as error:
                self.send_error(400, explain=str(error))
                return
            self.send_response(200)
            self.send_header("Content-Type", "video/mp4")
            self.end_headers()
            with FragmentedVideo(*shape, tags=provenance.avatar_tags()) as video:
                for frame in frames:
                    self.wfile.write(video.add(frame.image, frame.samples))
                self.wfile.write(video.finish())

    return HTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    server(Avatar.prepare(sys.argv[1])).serve_forever()
