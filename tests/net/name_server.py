# SPDX-License-Identifier: LGPL-2.1-or-later
"""A name server for one name: name_server.py ADDRESS NAME IPV4 [IPV6]

It is the zone's own for NAME, for its parent, and for itself. With IPV6, an address of its own, it
tells NAME by that one only, and has no other address.
"""
import selectors
import socket
import struct
import sys

ADDRESS, NAME, IPV4 = sys.argv[1:4]
IPV6 = sys.argv[4] if len(sys.argv) > 4 else None
ZONE, SERVER = NAME.split(".", 1)[1], "ns." + NAME.split(".", 1)[1]
A, NS, AAAA = 1, 2, 28


def pack(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def unpack(question):
    parts, at = [], 0
    while question[at]:
        parts.append(question[at + 1:at + 1 + question[at]].decode())
        at += 1 + question[at]
    return ".".join(parts).lower(), struct.unpack("!H", question[at + 1:at + 3])[0], question[:at + 5]


def answer(ear, records):
    query, peer = ear.recvfrom(512)
    name, kind, question = unpack(query[12:])
    data = records.get((name, kind))
    known = any(name == each for each, _ in records)
    head = query[:2] + struct.pack("!HHHHH", 0x8480 if known else 0x8483, 1, int(bool(data)), 0, 0)
    record = struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(data)) + data if data else b""
    ear.sendto(head + question + record, peer)


def listen(family, address, records):
    ear = socket.socket(family, socket.SOCK_DGRAM)
    ear.bind((address, 53))
    ears.register(ear, selectors.EVENT_READ, records)


OWN = {(NAME, A): socket.inet_aton(IPV4)}
WAY = {(ZONE, NS): pack(SERVER), (SERVER, A): socket.inet_aton(ADDRESS)}
ears = selectors.DefaultSelector()
if IPV6:
    WAY = {(ZONE, NS): pack(SERVER), (SERVER, AAAA): socket.inet_pton(socket.AF_INET6, IPV6)}
    listen(socket.AF_INET, ADDRESS, WAY)
    listen(socket.AF_INET6, IPV6, OWN)
else:
    listen(socket.AF_INET, ADDRESS, WAY | OWN)
print("ready", flush=True)
while True:
    for key, _ in ears.select():
        answer(key.fileobj, key.data)
