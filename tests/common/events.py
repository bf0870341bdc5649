# SPDX-License-Identifier: LGPL-2.1-or-later
"""A listener to /api/v1/events."""
import base64
import json
import urllib.request


class Events:
    """Listens from the moment it is made."""

    def __init__(self, server, user="root:secret", last=None):
        headers = {"Authorization": "Basic " + base64.b64encode(user.encode()).decode()}
        if last:
            headers["Last-Event-ID"] = last
        self.answer = urllib.request.urlopen(urllib.request.Request(
            f"{server.http}/api/v1/events", headers=headers), timeout=20)
        assert self.answer.headers.get_content_type() == "text/event-stream"
        assert self.answer.readline().startswith(b"retry: ")
        self.answer.readline()

    def next(self):
        """(id, type, data) of the next one."""
        fields = {}
        while line := self.answer.readline().decode().rstrip("\n"):
            name, value = line.split(": ", 1)
            fields[name] = value
        return fields["id"], fields["event"], json.loads(fields["data"])

    def wait_for(self, kind, predicate=lambda data: True):
        while True:
            number, found, data = self.next()
            if found == kind and predicate(data):
                return number, data
