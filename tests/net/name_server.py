# SPDX-License-Identifier: LGPL-2.1-or-later
"""A name server for one name: name_server.py ADDRESS NAME IPV4

It is the zone's own for NAME, for its parent, and for itself.
"""
import socket
import struct
import sys

ADDRESS, NAME, IPV4 = sys.argv[1:4]
ZONE, SERVER = NAME.split(".", 1)[1], "ns." + NAME.split(".", 1)[1]
A, NS = 1, 2


def pack(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def unpack(question):
    parts, at = [], 0
    while question[at]:
        parts.append(question[at + 1:at + 1 + question[at]].decode())
        at += 1 + question[at]
    return ".".join(parts).lower(), struct.unpack("!H", question[at + 1:at + 3])[0], question[:at + 5]


RECORDS = {(NAME, A): socket.inet_aton(IPV4), (SERVER, A): socket.inet_aton(ADDRESS),
           (ZONE, NS): pack(SERVER)}
ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ear.bind((ADDRESS, 53))
print("ready", flush=True)
while True:
    query, peer = ear.recvfrom(512)
    name, kind, question = unpack(query[12:])
    data = RECORDS.get((name, kind))
    known = any(name == each for each, _ in RECORDS)
    head = query[:2] + struct.pack("!HHHHH", 0x8480 if known else 0x8483, 1, int(bool(data)), 0, 0)
    answer = struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(data)) + data if data else b""
    ear.sendto(head + question + answer, peer)
