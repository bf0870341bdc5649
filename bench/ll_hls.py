# SPDX-License-Identifier: LGPL-2.1-or-later
"""A player of low-latency HLS (RFC 8216bis) that takes each part as soon as there is one, and hands
all of it to whoever reads a named pipe."""
import contextlib
import http.cookiejar
import os
import pathlib
import sys
import tempfile
import threading
import urllib.request

from systems import ROOT

sys.path.insert(0, str(ROOT / "tests/common"))
import hls  # noqa: E402  the playlists' parser of the tests

PATIENCE = 25  # seconds for an answer


class Player(threading.Thread):
    def __init__(self, url, pipe):
        super().__init__(daemon=True)
        self.url, self.pipe = url, pipe
        self.is_over = threading.Event()
        # MediaMTX tells its viewers apart by cookies.
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def fetch(self, url):
        with self.opener.open(url, timeout=PATIENCE) as answer:
            return answer.read()

    def read_playlist(self, url):
        return hls.parse(self.fetch(url).decode(), url)

    def reload(self, playlist):
        """Answered when there is more than in playlist."""
        query = f"_HLS_msn={playlist.media_sequence + len(playlist.segments)}"
        last = playlist.parts[-1] if playlist.parts else None
        is_open = last and last.sequence == playlist.media_sequence + len(playlist.segments)
        query += f"&_HLS_part={last.index + 1 if is_open else 0}"
        url = playlist.url.partition("_HLS_")[0].rstrip("?&")
        return self.read_playlist(f"{url}{'&' if '?' in url else '?'}{query}")

    def parts(self):
        """From the newest one that begins with a keyframe on."""
        playlist = self.read_playlist(self.url)
        if playlist.variants:
            playlist = self.read_playlist(playlist.variants[0][1])
        while not any(part.is_independent for part in playlist.parts):
            playlist = self.reload(playlist)
        yield self.fetch(playlist.map_uri)
        done = max((part.sequence, part.index) for part in playlist.parts if part.is_independent)
        done = (done[0], done[1] - 1)
        while not self.is_over.is_set():
            for part in playlist.parts:
                if (part.sequence, part.index) > done:
                    yield self.fetch(part.uri)
                    done = (part.sequence, part.index)
            playlist = self.reload(playlist)

    def run(self):
        with contextlib.suppress(BrokenPipeError), open(self.pipe, "wb", buffering=0) as pipe:
            try:
                for data in self.parts():
                    pipe.write(data)
            except OSError as error:
                if not self.is_over.is_set():
                    print(f"  LL-HLS: {self.url}: {error}", flush=True)


@contextlib.contextmanager
def play(url):
    """The path of the pipe. Whoever reads it must have ended before."""
    with tempfile.TemporaryDirectory() as directory:
        pipe = pathlib.Path(directory) / "pipe.mp4"
        os.mkfifo(pipe)
        player = Player(url, pipe)
        player.start()
        try:
            yield str(pipe)
        finally:
            player.is_over.set()
            # Should nobody have begun to read, it still waits for that.
            with contextlib.suppress(OSError):
                os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))
            player.join(PATIENCE)
