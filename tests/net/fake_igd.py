# SPDX-License-Identifier: LGPL-2.1-or-later
"""A router's UPnP that behaves as no good one would: fake_igd.py ADDRESS MODE [IPV6_ADDRESS]

Answers searches (SSDP) and speaks SOAP on port 5000 of ADDRESS; each request it gets is a line on
standard output. Modes are those of the methods below.
"""
import http.server
import re
import socket
import socketserver
import struct
import sys
import threading
import time

ADDRESS, MODE = sys.argv[1:3]
SERVICE = "urn:schemas-upnp-org:service:WANIPConnection:1"
DEVICES = """<device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>
<friendlyName>fake</friendlyName><UDN>uuid:1</UDN><deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType><UDN>uuid:2</UDN><deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType><UDN>uuid:3</UDN>
<serviceList><service><serviceType>%s</serviceType>
<serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId><SCPDURL>/scpd</SCPDURL>
<controlURL>%s</controlURL><eventSubURL>/event</eventSubURL></service>%s</serviceList>
</device></deviceList></device></deviceList></device>"""
FIREWALL = "urn:schemas-upnp-org:service:WANIPv6FirewallControl:1"
PINHOLES = f"""<service><serviceType>{FIREWALL}</serviceType>
<serviceId>urn:upnp-org:serviceId:WANIPv6Firewall1</serviceId><SCPDURL>/scpd6</SCPDURL>
<controlURL>/control6</controlURL><eventSubURL>/event6</eventSubURL></service>"""
CONTROL = {"wrong-url": "/nowhere", "control-elsewhere": "http://9.9.9.9:444/control"}
NAMES = {"control": CONTROL.get(MODE, "/control")}
DESCRIPTION = ('<?xml version="1.0"?>\n%s<root xmlns="urn:schemas-upnp-org:device-1-0">%s</root>' % (
    '<!DOCTYPE root [<!ENTITY x SYSTEM "file:///etc/hostname">]>' if MODE == "doctype" else "",
    DEVICES % (SERVICE, NAMES["control"], PINHOLES if MODE.startswith("pinhole") else ""))).encode()
ENVELOPE = ('<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
            's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>%s</s:Body>'
            '</s:Envelope>')
FAULT = ('<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>'
         '<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>%d</errorCode>'
         '<errorDescription>%s</errorDescription></UPnPError></detail></s:Fault>')


class Fault(Exception):
    pass


class Server6(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6


class Table:
    """What is mapped: {external port: (client, internal port, description, lease)}."""

    def __init__(self):
        self.entries = {}
        self.is_new = True

    def add(self, ask):
        external, internal = int(ask["NewExternalPort"]), int(ask["NewInternalPort"])
        lease = int(ask["NewLeaseDuration"])
        if MODE == "permanent" and lease != 0:
            raise Fault(725, "OnlyPermanentLeasesSupported")
        if MODE == "same-ports" and external != internal:
            raise Fault(724, "SamePortValuesRequired")
        if MODE == "foreign" or (MODE == "old-own" and external in self.entries):
            raise Fault(718, "ConflictInMappingEntry")
        if MODE == "full":
            raise Fault(728, "NoPortMapsAvailable")
        if MODE == "empty":
            raise Fault(501, "ActionFailed \x07 %n%s" + "x" * 500)
        if MODE == "old-own" and self.is_new:  # as if there had been another address before
            self.is_new = False
            self.entries[external] = ("192.168.77.55", internal, ask["NewPortMappingDescription"], 0)
            raise Fault(718, "ConflictInMappingEntry")
        self.entries[external] = (
            ask["NewInternalClient"], internal, ask["NewPortMappingDescription"], lease)
        return {}

    def look(self, ask):
        if MODE == "foreign":
            entry = ("192.168.77.99", 22, "nas", 0)
        elif MODE == "liar":
            raise Fault(714, "NoSuchEntryInArray")
        elif int(ask["NewExternalPort"]) in self.entries:
            entry = self.entries[int(ask["NewExternalPort"])]
        else:
            raise Fault(714, "NoSuchEntryInArray")
        client, port, description, lease = entry
        return {"NewInternalPort": port, "NewInternalClient": client, "NewEnabled": 1,
                "NewPortMappingDescription": description, "NewLeaseDuration": lease}

    def answer_pinhole(self, action, ask):
        if action == "GetFirewallStatus":
            return {"FirewallEnabled": int(MODE != "pinhole-off"),
                    "InboundPinholeAllowed": int(MODE != "pinhole-never")}
        if MODE == "pinhole-full":
            raise Fault(701, "PinholeSpaceExhausted")
        if action == "AddPinhole":
            return {"UniqueID": 70000 if MODE == "pinhole-number" else 0}
        if action == "UpdatePinhole" and MODE == "pinhole-forgotten":
            raise Fault(704, "NoSuchEntry")
        return {}

    def answer(self, action, ask):
        if action == "GetFirewallStatus" or action.endswith("Pinhole"):
            return self.answer_pinhole(action, ask)
        if action == "AddPortMapping":
            return self.add(ask)
        if action == "GetSpecificPortMappingEntry":
            return self.look(ask)
        if action == "DeletePortMapping":
            self.entries.pop(int(ask["NewExternalPort"]), None)
            return {}
        if action == "GetExternalIPAddress":
            return {"NewExternalIPAddress": "" if MODE == "empty" else "5.6.7.8"}
        raise Fault(401, "Invalid Action")


TABLE = Table()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def send(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", 'text/xml; charset="utf-8"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def flood(self):
        """More than anybody could want, without saying how much."""
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            self.wfile.write(DESCRIPTION[:-7])
            for _ in range(2000):
                self.wfile.write(b"<x>" + b"y" * 50000 + b"</x>")
        except OSError:
            print("hung up", flush=True)

    def do_GET(self):
        print("GET", self.path, flush=True)
        if MODE == "hang":
            time.sleep(60)
        elif MODE == "huge":
            self.flood()
        elif MODE == "drip":
            self.send_response(200)
            self.send_header("Content-Length", str(len(DESCRIPTION)))
            self.end_headers()
            try:
                for byte in DESCRIPTION:
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.2)
            except OSError:
                print("hung up", flush=True)
        elif MODE == "redirect":
            self.send_response(302)
            self.send_header("Location", "http://9.9.9.9:444/root.xml")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.send(200, DESCRIPTION)

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        action = self.headers["SOAPAction"].strip('"').rsplit("#", 1)[1]
        ask = dict(re.findall(r"<(\w+)[^>]*>([^<]*)</", text))
        print("POST", self.path, action, ask.get("NewExternalPort", ""),
              ask.get("NewLeaseDuration", ask.get("LeaseTime", "")), flush=True)
        if self.path not in ("/control", "/control6"):
            self.send(404, b"")
        elif MODE == "huge-answer":
            self.flood()
        elif MODE == "hang-answer":
            time.sleep(60)
        elif MODE == "no-xml":
            self.send(200, b"\x00\xff<<<&&&")
        else:
            try:
                out = TABLE.answer(action, ask)
                inner = "".join(f"<{key}>{value}</{key}>" for key, value in out.items())
                body = f'<u:{action}Response xmlns:u="{SERVICE}">{inner}</u:{action}Response>'
                self.send(200, (ENVELOPE % body).encode())
            except Fault as fault:
                self.send(500, (ENVELOPE % (FAULT % fault.args)).encode())


def answer_searches():
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ear.bind(("239.255.255.250", 1900))
    ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                   struct.pack("4s4s", socket.inet_aton("239.255.255.250"),
                               socket.inet_aton(ADDRESS)))
    host = "9.9.9.9" if MODE == "elsewhere" else ADDRESS
    while True:
        text, peer = ear.recvfrom(2048)
        target = re.search(rb"(?im)^ST: *(\S+)", text)
        if not text.startswith(b"M-SEARCH") or not target or not target[1].endswith(b"Device:1"):
            continue
        ear.sendto(
            b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\nST: " + target[1] +
            b"\r\nUSN: uuid:1::" + target[1] + b"\r\nLOCATION: http://" + host.encode() +
            b":5000/root.xml\r\nSERVER: fake\r\n\r\n", peer)


# Not http.server's own, which begins with a question to a name server that is not there.
socketserver.ThreadingTCPServer.allow_reuse_address = True
server = socketserver.ThreadingTCPServer((ADDRESS, 5000), Handler)
server.daemon_threads = True
threading.Thread(target=answer_searches, daemon=True).start()
if MODE.startswith("pinhole"):
    server6 = Server6((sys.argv[3], 5000), Handler)
    server6.daemon_threads = True
    threading.Thread(target=server6.serve_forever, daemon=True).start()
print("ready", flush=True)
server.serve_forever()
