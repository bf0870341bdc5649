# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real NAT router with a real miniupnpd in network namespaces, a provider, and a host outside.

    lan  192.168.77.10 --\\                              isp                  wan
                          br-lan rt wan0 --- 5.6.7.1, 5.6.8.1   9.9.9.1 --- 9.9.9.9
    lan2 192.168.77.11 --/  192.168.77.1     (100.64.0.1, 192.168.1.1)

All traffic stays in namespaces that this makes: no cable has an end outside of them. The addresses
of the other side must be public ones, because miniupnpd refuses to map for any other.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import time

from porthole import wait_until

NAMES = ("lan", "lan2", "rt", "isp", "wan")
ROUTER = "192.168.77.1"
ROUTER_IPV6 = "2a01:db8:77::1"
LAN = "192.168.77.10"
LAN2 = "192.168.77.11"
LAN_IPV6 = "2a01:db8:77::10"
WAN = "5.6.7.8"
OTHER_WAN = "5.6.8.99"
OUTSIDE = "9.9.9.9"
OUTSIDE_IPV6 = "2a01:db8:9::9"

# miniupnpd fills the three chains of its name. It accepts by the inner port.
RULES = """
flush ruleset
table inet filter {
  chain input {
    type filter hook input priority 0; policy accept;
    ct state established,related accept
    iifname "wan0" meta l4proto { icmp, icmpv6 } accept
    iifname "wan0" drop
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "br-lan" accept
    jump miniupnpd
  }
  chain miniupnpd { }
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    jump prerouting_miniupnpd
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    jump postrouting_miniupnpd
    ip saddr 192.168.77.0/24 oifname "wan0" masquerade
  }
  chain prerouting_miniupnpd { }
  chain postrouting_miniupnpd { }
}
"""
# What a router does that speaks NAT-PMP but not PCP, told by the first byte.
NO_PCP = "add rule inet filter input udp dport 5351 @th,64,8 2 reject"

TRANSLATE = """
flush ruleset
table ip nat {
  chain postrouting {
    type nat hook postrouting priority 100;
    ip saddr %s oifname "up0" masquerade
  }
}
"""


def why_not():
    """Why the bed cannot be built on this machine; None: it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    for tool in ("ip", "nft", "miniupnpd", "upnpc", "curl", "openssl"):
        if shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None:
            return f"{tool} is not installed"
    probe = f"ph{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        return f"network namespaces are not to be had: {made.stderr.strip()}"
    rules = subprocess.run(
        ["ip", "netns", "exec", probe, "nft", "add table inet x"], capture_output=True, text=True,
        check=False,
    )
    subprocess.run(["ip", "netns", "del", probe], check=False)
    return None if rules.returncode == 0 else f"nftables does not work here: {rules.stderr.strip()}"


class Bed:
    """The whole network. down() must be called."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.prefix = f"ph{os.getpid()}"
        self.upnpd = None
        self.children = []
        os.environ["PATH"] += ":/usr/sbin:/sbin"

    def command(self, name, *arguments):
        return ["ip", "netns", "exec", f"{self.prefix}-{name}", *map(str, arguments)]

    def run(self, name, *arguments, check=True, timeout=15, **options):
        """Runs a command in a namespace to its end and gives what it wrote."""
        return subprocess.run(
            self.command(name, *arguments), check=check, timeout=timeout, text=True,
            capture_output=True, **options,
        )

    def start(self, name, *arguments, log):
        """Starts a command in a namespace; it is ended with the bed at the latest."""
        with open(self.directory / log, "wb") as file:
            child = subprocess.Popen(
                self.command(name, *arguments), stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )
        self.children.append(child)
        return child

    def end(self, child, number=signal.SIGTERM):
        if child.poll() is None:
            child.send_signal(number)
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def up(self):
        for name in NAMES:
            subprocess.run(["ip", "netns", "add", f"{self.prefix}-{name}"], check=True)
            self.run(name, "sysctl", "-qw", "net.ipv6.conf.all.accept_ra=0",
                     "net.ipv6.conf.default.accept_dad=0")
            self.batch(name, "link set lo up")
        for near, end, far, other in (("lan", "eth0", "rt", "lan0"), ("lan2", "eth0", "rt", "lan1"),
                                      ("rt", "wan0", "isp", "cust"), ("isp", "up0", "wan", "eth0")):
            subprocess.run(
                ["ip", "link", "add", end, "netns", f"{self.prefix}-{near}", "type", "veth", "peer",
                 "name", other, "netns", f"{self.prefix}-{far}"], check=True)
        self.batch("rt", "link add br-lan type bridge", "link set lan0 master br-lan",
                   "link set lan1 master br-lan", "link set lan0 up", "link set lan1 up",
                   "link set br-lan up", "link set wan0 up", f"addr add {ROUTER}/24 dev br-lan",
                   f"addr add {ROUTER_IPV6}/64 dev br-lan", "addr add 2a01:db8:1::2/64 dev wan0",
                   "route add default via 2a01:db8:1::1")
        self.batch("lan", "link set eth0 up", f"addr add {LAN}/24 dev eth0",
                   f"route add default via {ROUTER}", f"addr add {LAN_IPV6}/64 dev eth0",
                   f"route add default via {ROUTER_IPV6}")
        self.batch("lan2", "link set eth0 up", f"addr add {LAN2}/24 dev eth0",
                   f"route add default via {ROUTER}")
        self.batch("isp", "link set cust up", "link set up0 up", "addr add 9.9.9.1/24 dev up0",
                   "addr add 2a01:db8:1::1/64 dev cust", "addr add 2a01:db8:9::1/64 dev up0",
                   "route add 2a01:db8:77::/64 via 2a01:db8:1::2")
        self.batch("wan", "link set eth0 up", f"addr add {OUTSIDE}/24 dev eth0",
                   "route add default via 9.9.9.1", f"addr add {OUTSIDE_IPV6}/64 dev eth0",
                   "route add default via 2a01:db8:9::1")
        for name in ("rt", "isp"):
            self.run(name, "sysctl", "-qw", "net.ipv4.ip_forward=1",
                     "net.ipv6.conf.all.forwarding=1")
        self.provide()

    def batch(self, name, *lines):
        subprocess.run(["ip", "-n", f"{self.prefix}-{name}", "-batch", "-"], check=True, text=True,
                       input="\n".join(lines) + "\n")

    def nft(self, name, rules):
        self.run(name, "nft", "-f", "-", input=rules)

    def set_wan(self, address, length, gateway):
        """What a provider's new address does to the router."""
        self.run("rt", "ip", "-4", "addr", "flush", "dev", "wan0")
        self.batch("rt", f"addr add {address}/{length} dev wan0",
                   f"route replace default via {gateway}")
        # Rules of miniupnpd name no address: until this is forgotten the old one works on.
        self.batch("isp", "neigh flush dev cust")

    def change_wan(self):
        self.set_wan(OTHER_WAN, 24, "5.6.8.1")

    def provide(self, kind="public"):
        """What the provider gives: an address of one's own, or one behind its own translation."""
        self.run("isp", "ip", "-4", "addr", "flush", "dev", "cust")
        self.nft("isp", "flush ruleset\n")
        if kind == "public":
            self.batch("isp", "addr add 5.6.7.1/24 dev cust", "addr add 5.6.8.1/24 dev cust")
            self.set_wan(WAN, 24, "5.6.7.1")
        elif kind == "cgnat":
            self.batch("isp", "addr add 100.64.0.1/10 dev cust")
            self.nft("isp", TRANSLATE % "100.64.0.0/10")
            self.set_wan("100.64.12.34", 10, "100.64.0.1")
        else:
            self.batch("isp", "addr add 192.168.1.1/24 dev cust")
            self.nft("isp", TRANSLATE % "192.168.1.0/24")
            self.set_wan("192.168.1.2", 24, "192.168.1.1")

    def reset(self, *rules):
        """A router as it comes out of its box, without a daemon that maps ports."""
        self.stop_upnpd()
        self.provide()
        self.nft("rt", RULES + "\n".join(rules) + "\n")

    def start_upnpd(self, allow="allow 1024-65535 192.168.77.0/24 1-65535", **options):
        """Starts the router's daemon; options are lines of its settings."""
        self.stop_upnpd()
        settings = {
            "ext_ifname": "wan0", "listening_ip": "br-lan", "http_port": 5000, "enable_upnp": "yes",
            "enable_natpmp": "yes", "min_lifetime": 2, "max_lifetime": 86400, "secure_mode": "yes",
            "system_uptime": "no", "notify_interval": 30,
            "uuid": "6f1c2f0e-8b5c-4d6f-9a3b-0123456789ab", **options,
        }
        file = self.directory / "miniupnpd.conf"
        file.write_text("".join(f"{key}={value}\n" for key, value in settings.items()) +
                        f"{allow}\ndeny 0-65535 0.0.0.0/0 0-65535\n")
        self.upnpd = self.start(
            "rt", "miniupnpd", "-d", "-f", file, "-P", self.directory / "miniupnpd.pid",
            log="miniupnpd.log",
        )
        port = ":5000 " if settings["enable_upnp"] == "yes" else ":5351 "
        wait_until(lambda: port in self.run("rt", "ss", "-Hlntu").stdout, 10, "miniupnpd listens")

    def stop_upnpd(self):
        if self.upnpd is not None:
            self.end(self.upnpd)
        self.upnpd = None

    def restart_router(self):
        """As after a power cut: all mappings are gone."""
        self.stop_upnpd()
        self.nft("rt", RULES)
        self.start_upnpd()

    def down(self):
        for child in self.children:
            self.end(child)
        for name in NAMES:
            subprocess.run(["ip", "netns", "del", f"{self.prefix}-{name}"], check=False,
                           capture_output=True)


def timed(predicate, deadline, why):
    """wait_until() that tells how long it took, in seconds."""
    started = time.monotonic()
    wait_until(predicate, deadline, why)
    return time.monotonic() - started
