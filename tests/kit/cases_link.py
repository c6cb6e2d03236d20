# SPDX-License-Identifier: GPL-2.0-or-later
"""link and tunnel: an ordinary conversation in every wrapping; file: every kind of capture file.

The host's answer is recorded from the inner packets. That the wrapping reaches it is reasoning: a tunnel's far end
takes it off before any host sees the packet."""
import links as l
import pcapfile as f
from case import talk
from cases_frag import cut, inside
from table import add

BOTH = (4, 6)
TAGS = (l.tag(100), l.tag(200), l.tag(300))
MPLS_PW = b"\0\0\0\0"
FRAMES = {
    "vlan": l.typed(TAGS[0]), "vlan-2": l.typed(*TAGS[:2]), "vlan-3": l.typed(*TAGS), "vlan-priority": l.typed(l.tag(0, priority=5)),
    "qinq": l.typed(l.tag(100, 0x88a8), TAGS[1]), "qinq-9100": l.typed(l.tag(100, 0x9100), TAGS[1]), "qinq-3": l.typed(l.tag(1, 0x88a8), *TAGS[:2]),
    "vlans-by-direction": l.vlans_by_direction, "snap": l.snap, "trailer": l.trailer,
    "mpls-1": l.mpls(1), "mpls-2": l.mpls(2), "mpls-3": l.mpls(3), "mpls-in-vlan": l.mpls(1, under=TAGS[0]),
    "pppoe": l.pppoe(), "pppoe-in-vlan": l.pppoe(TAGS[0]), "pppoe-in-qinq": l.pppoe(l.tag(9, 0x88a8) + TAGS[1]),
}
for name, wrap in FRAMES.items():
    add("link", name, lambda r: talk(r.cut(r.start + 8), len(r)), BOTH, link=l.stack(wrap))
for name, word in (("mpls-ethernet", b""), ("mpls-ethernet-control-word", MPLS_PW)):
    add("link", name, lambda r: talk(r.cut(r.start + 8), len(r)), BOTH,
        link=l.stack(l.ethernet, lambda p, c, w=word: l.macs(c) + b"\x88\x47" + b"\0\x01\x01\x40" + w + p))
for name, wrap, dlt in (("sll", l.sll, f.SLL), ("sll-vlan", l.sll_vlan, f.SLL), ("sll2", l.sll2, f.SLL2), ("raw", l.raw, f.RAW), ("null", l.null("<"), f.NULL),
                        ("null-big-endian", l.null(">"), f.NULL), ("null-freebsd", l.null("<", 28), f.NULL), ("null-openbsd", l.null("<", 24), f.NULL),
                        ("loop", l.null(">", 24), f.LOOP), ("ppp", l.ppp, f.PPP)):
    add("link", name, lambda r: talk(r.cut(r.start + 8), len(r)), BOTH, link=l.stack(wrap), dlt=dlt)
add("link", "ipv4", lambda r: talk(r.cut(r.start + 8), len(r)), link=l.stack(l.raw), dlt=f.IPV4)
add("link", "ipv6", lambda r: talk(r.cut(r.start + 8), len(r)), (6,), link=l.stack(l.raw), dlt=f.IPV6)
add("link", "benign-vlan", lambda r: talk(r.cut(r.start + 8, text=r.benign), len(r)), BOTH, link=l.stack(l.typed(*TAGS)))

# tunnels ---------------------------------------------------------------------------------------------------------------------
TUNNELS = {
    "gre": l.gre(), "gre-over-ipv6": l.gre(v6=True), "gre-key": l.gre(key=True), "gre-sum": l.gre(csum=True), "gre-all": l.gre(key=True, csum=True, seq=True),
    "gre-pptp": l.pptp, "teb": l.gre(inner=l.ethernet), "teb-key": l.gre(key=True, inner=l.ethernet), "teb-vlan": l.gre(inner=l.typed(TAGS[0])),
    "erspan-1": l.erspan(1), "erspan-2": l.erspan(2), "erspan-2-vlan": l.erspan(2, frame=l.typed(TAGS[1])), "erspan-3": l.erspan(3),
    "erspan-3-platform": l.erspan(3, True),
    "vxlan": l.vxlan(), "vxlan-linux-port": l.vxlan(8472), "vxlan-over-ipv6": l.vxlan(v6=True, no_sum=False), "vxlan-vlan": l.vxlan(frame=l.typed(TAGS[0])),
    "vxlan-checksum": l.vxlan(no_sum=False), "vxlan-gpe": l.vxlan_gpe,
    "geneve": l.geneve(), "geneve-options": l.geneve(b"\1\2\x80\1\0\0\0\7"), "geneve-ip": l.geneve(inner=None), "geneve-over-ipv6": l.geneve(v6=True),
    "ip": l.ipip(), "ip6": l.ipip(v6=True),
    "gtp": l.gtp(), "gtp-sequence": l.gtp(2), "gtp-extension": l.gtp(extension=True), "gtp-all": l.gtp(3, True), "gtp-over-ipv6": l.gtp(v6=True),
    "tzsp": l.tzsp,
}
for name, wrap in TUNNELS.items():
    add("tunnel", name, lambda r: talk(r.cut(r.start + 8), len(r)), BOTH, link=l.stack(wrap, l.ethernet))
NESTED = {
    "gre-in-gre": (l.gre(), l.gre()), "ip-in-ip-in-ip": (l.ipip(), l.ipip()), "vxlan-in-vlan": (l.vxlan(), l.typed(TAGS[0])),
    "gre-in-vxlan": (l.gre(), l.vxlan()), "vxlan-in-gre": (l.vxlan(), l.gre()), "vxlan-in-vxlan": (l.vxlan(), l.vxlan()),
    "6in4-in-gre-key": (l.ipip(), l.gre(key=True)), "gtp-in-geneve": (l.gtp(), l.geneve()), "gtp-in-mpls": (l.gtp(), l.mpls(2)), "gre-in-pppoe": (l.gre(), l.pppoe()),
    "erspan-of-vxlan": (l.vxlan(), l.erspan(2)), "mpls-in-gre": (lambda p, c: l.in_ip(47, b"\0\0\x88\x47" + b"\0\x01\x01\x40" + p, c),),
    "vxlan-over-sll": (l.vxlan(), l.sll), "gre-over-raw": (l.gre(), l.raw),
}
for name, layers in NESTED.items():
    last = layers[-1] in (l.sll, l.raw) or name in ("vxlan-in-vlan", "gtp-in-mpls", "gre-in-pppoe")
    dlt = {l.sll: f.SLL, l.raw: f.RAW}.get(layers[-1], f.ETHERNET)
    add("tunnel", "nested-" + name, lambda r: talk(r.cut(r.start + 8), len(r)), BOTH if len(name) % 2 else (4,),
        link=l.stack(*layers, *(() if last else (l.ethernet,))), dlt=dlt)
for name in ("gre", "vxlan", "ip", "geneve", "gtp"):
    add("tunnel", name + "-outer-fragments", lambda r: talk(r.cut(r.start + 8), len(r)), BOTH, link=l.stack(TUNNELS[name], l.in_fragments(88), l.ethernet))
    add("tunnel", name + "-inner-fragments", lambda r: talk([r.at(0, len(r), pieces=cut(inside, order=(1, 0)))], len(r)), BOTH,
        link=l.stack(TUNNELS[name], l.ethernet))
    add("tunnel", name + "-swapped", lambda r: talk(reversed(r.cut(20, r.start + 8)), len(r)), link=l.stack(TUNNELS[name], l.ethernet))
    add("tunnel", name + "-benign", lambda r: talk(r.cut(r.start + 8, text=r.benign), len(r)), link=l.stack(TUNNELS[name], l.ethernet))
add("tunnel", "too-deep", lambda r: talk(r.cut(r.start + 8), len(r)), link=l.stack(*[l.gre()] * 40, l.ethernet), want="told",
    why="deeper than any ceiling: a counter must say that it was not read")
add("tunnel", "unknown-protocol", lambda r: talk(r.cut(r.start + 8), len(r)), link=l.stack(lambda p, c: l.in_ip(254, p, c), l.ethernet), want="told",
    why="RFC 3692's number for experiments: it is not opened, and a counter must say so", ordinary=False)
add("tunnel", "vxlan-port-no-vxlan", lambda r: talk(r.cut(), len(r)), link=l.stack(
    lambda p, c: l.in_udp(4789, b"\x07\0\0\0\0\0\x2a\0" + l.ethernet(p, c), c), l.ethernet), want="told",
    why="the I flag is missing, so it is no VXLAN: either its text is read as a datagram, or a counter says that it was not",
    ordinary=False)

# clashes: the same inner addresses in two tunnels are two conversations; here each has half of a lookup ---------------------------


def two_tunnels(first, second):
    """Odd steps of the client travel in another tunnel than the even ones."""
    def view(packets):
        for p in packets:
            if p.side == "c" and p.step == 3:
                p.link = second
        return packets
    return view


add("tunnel", "moves-from-vlan-to-gre", lambda r: talk(r.cut(r.start + 8), len(r)), link=l.stack(l.typed(TAGS[0])),
    view=two_tunnels(None, l.stack(l.gre(), l.ethernet)), want="told",
    why="half of the lookup in each of two places: whether one host got both is unknown", ordinary=False)

# files -----------------------------------------------------------------------------------------------------------------------------
for kind in ("ns", "big", "ng"):
    add("file", kind, lambda r: talk(r.cut(r.start + 8), len(r)), BOTH, file=kind)
for name, wrap, dlt in (("sll", l.sll, f.SLL), ("raw", l.raw, f.RAW), ("sll2", l.sll2, f.SLL2), ("null", l.null("<"), f.NULL)):
    add("file", "ng-" + name, lambda r: talk(r.cut(r.start + 8), len(r)), BOTH, file="ng", link=l.stack(wrap), dlt=dlt)
