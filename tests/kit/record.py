#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""record.py [GROUP|CASE...]: plays the cases to a real Linux host and keeps its answer in answers.json.

Needs root and /dev/net/tun. In a network namespace of its own a TUN device stands for the wire: what the kit's client
"sends" is written into it, and the kernel's own TCP, IP and fragment code on the other side feeds a real listening
socket. Kept are the bytes which that socket delivered (the verdict) and every packet that the host sent (so that the
capture holds the host's true acknowledgments, challenges and resets). Without arguments all cases are recorded."""
import ctypes
import datetime
import fcntl
import json
import os
import pathlib
import platform
import select
import socket
import struct
import subprocess
import sys
import time

import case as kit
import table
import wire

ANSWERS = pathlib.Path(__file__).with_name("answers.json")
CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 1, 0x1000
SO_LINGER_RESET = struct.pack("ii", 1, 0)
QUIET_S = 0.0015  # the kernel answers a packet while it is being written: this much silence is the end of its answer
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def namespace():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        sys.exit("no network namespace: %s" % os.strerror(ctypes.get_errno()))
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH14x", b"wire", IFF_TUN | IFF_NO_PI))
    for command in ("link set lo up", "link set wire up mtu 1500", "addr add %s/32 dev wire" % kit.SERVER[4],
                    "-6 addr add %s/128 dev wire nodad" % kit.SERVER[6], "route add default dev wire",
                    "-6 route add default dev wire"):
        subprocess.run(["ip", *command.split()], check=True)
    sysctl("net.ipv4.conf.all.rp_filter", "0")
    sysctl("net.ipv4.conf.wire.rp_filter", "0")
    return tun


def sysctl(name, value):
    path = pathlib.Path("/proc/sys", *name.split("."))
    old = path.read_text().strip()
    path.write_text(value)
    return old


class Host:
    """The program behind the socket."""

    def __init__(self, case):
        facts = case.host
        self.eager, self.reply = facts.get("eager", True), facts.get("reply", True)
        self.family = socket.AF_INET if case.family == 4 else socket.AF_INET6
        self.udp, self.connects = facts.get("udp", False), facts.get("mode") == "connect"
        self.peer = (case.client, case.sport)
        self.talks, self.got, self.replied, self.closed = [], [], [], []
        self.door = self.socket(facts)
        if not self.udp and not self.connects:
            self.door.listen(16)

    def socket(self, facts):
        s = socket.socket(self.family, socket.SOCK_DGRAM if self.udp else socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if "rcvbuf" in facts:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, facts["rcvbuf"])
        s.setblocking(False)
        s.bind((kit.SERVER[4 if self.family == socket.AF_INET else 6], kit.PORT))
        return s

    def work(self):
        if self.udp:
            try:
                while True:
                    self.got.append(self.door.recv(65536))
            except OSError:
                return
        if not self.connects and self.door:
            try:
                while True:
                    talk = self.door.accept()[0]
                    talk.setblocking(False)
                    self.join(talk)
            except OSError:
                pass
        if self.eager:
            self.read()

    def join(self, talk):
        self.talks.append(talk)
        self.got.append(b"")
        self.replied.append(False)
        self.closed.append(False)

    def read(self):
        for i, talk in enumerate(self.talks):
            if self.closed[i]:
                continue
            try:
                while True:
                    data = talk.recv(65536)
                    if not data:
                        self.closed[i] = True
                        talk.close()
                        break
                    self.got[i] += data
            except BlockingIOError:
                pass
            except OSError:
                self.closed[i] = True
                talk.close()
            if self.reply and not self.replied[i] and not self.closed[i] and b"\r\n\r\n" in self.got[i]:
                self.replied[i] = True
                try:
                    talk.send(REPLY)
                except OSError:
                    pass  # it has closed its side, or was reset

    def act(self, step):
        if step.act == "read":
            self.read()
        elif step.act == "stop":
            self.door.close()
            self.door = None
        elif step.act == "connect":
            self.door.connect_ex(self.peer)
            self.join(self.door)
        elif step.act == "send":
            self.talks[-1].send(step.data)
        elif step.act == "close":
            self.talks[-1].close()
            self.closed[-1] = True
        elif step.act == "half-close":
            self.talks[-1].shutdown(socket.SHUT_WR)
        else:
            raise ValueError(step.act)

    def end(self):
        self.read()
        for s in [self.door, *self.talks]:
            if s and s.fileno() >= 0:
                if not self.udp:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, SO_LINGER_RESET)
                s.close()


def listen(tun, wait):
    """Packets of the host until it is silent."""
    until = time.monotonic() + wait
    while True:
        ready = select.select([tun], [], [], max(0.0, until - time.monotonic()))[0]
        if not ready:
            return
        yield os.read(tun, 65536)


def play(tun, case):
    old = {name: sysctl(name, value) for name, value in case.host.get("sysctl", {}).items()}
    host, w, sent, first_stamp = Host(case), kit.Wire(case), [], None
    for number, step in enumerate(case.steps):
        if isinstance(step, kit.Host):
            host.act(step)
        for packet in w.packets(step) if not (getattr(step, "spoof", False) or getattr(step, "dies", False)) else []:
            try:
                os.write(tun, packet)
            except OSError:
                pass  # not even taken for a packet
        # The program runs as soon as the packets are there; what it says may in turn be answered.
        for _ in (0, 1):
            host.work()
            for packet in listen(tun, QUIET_S + step.wait if hasattr(step, "wait") else QUIET_S):
                seg = wire.Segment(packet)
                if not seg.usable or str(seg.dst) != str(wire.ipaddress.ip_address(case.client)):
                    continue
                w.heard(seg)
                stamp = wire.option(seg.options, 8)
                if stamp and first_stamp is None:
                    first_stamp = struct.unpack("!I", stamp[:4])[0]
                sent.append(kept(number, seg, w, first_stamp))
    host.work()
    host.end()
    for _ in listen(tun, QUIET_S):
        pass
    for name, value in old.items():
        sysctl(name, value)
    return {"steps": fingerprint(case), "got": [text(g) for g in host.got], "sent": sent}


def kept(step, seg, w, first_stamp):
    """One packet of the host: [step, flags, sequence, acknowledgment, window, options, data], numbers relative."""
    options = seg.options
    stamp = wire.option(options, 8)
    if stamp:  # time stamps begin at 1000, whenever this was recorded
        at = options.index(b"\x08\x0a") + 2
        options = options[:at] + struct.pack("!I", (struct.unpack("!I", stamp[:4])[0] - first_stamp + 1000) & wire.M32) + options[at + 4:]
    base = w.host_isn if w.host_isn is not None else 0
    ack = (seg.ack - w.isn) & wire.M32 if "A" in seg.flags else 0
    row = [step, seg.flags, (seg.seq - base) & wire.M32, ack, seg.window, options.hex()]
    return row + [text(seg.data)] if seg.data else row


def text(data):
    return data.decode("latin-1")


def fingerprint(case):
    """Changes when the case does: its answer is then to be recorded again."""
    import hashlib
    w, digest = kit.Wire(case), hashlib.sha1()
    w.client, w.sport, w.host_isn, w.host_next = ("198.51.100.9" if case.family == 4 else "2001:db8:c::9"), 4000, 0x40000000, 1
    for step in case.steps:
        for packet in w.packets(step):
            digest.update(packet)
        if isinstance(step, kit.Again):
            w.host_isn, w.host_next = 0x40000000, 1
        if isinstance(step, kit.Host):
            digest.update(step.act.encode() + step.data)
    digest.update(repr(sorted(case.host.items())).encode())
    return digest.hexdigest()[:12]


def write(answers):
    lines = ["  %s: %s" % (json.dumps(name), json.dumps(answers[name], separators=(",", ":"))) for name in sorted(answers)]
    ANSWERS.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main():
    cases = table.load()
    answers = json.loads(ANSWERS.read_text()) if ANSWERS.exists() else {}
    wanted = sys.argv[1:]
    chosen = [c for c in cases if not wanted or c.id in wanted or c.group in wanted]
    tun = namespace()
    changed = []
    for c in chosen:
        try:
            answer = play(tun, c)
        except Exception as error:
            sys.exit("%s: %r" % (c.id, error))
        if c.id in answers and answers[c.id]["got"] != answer["got"]:
            changed.append(c.id)
        answers[c.id] = answer
    known = {c.id for c in cases}
    answers = {name: answer for name, answer in answers.items() if name in known}
    answers["_host"] = {"system": platform.system(), "kernel": platform.release(), "recorded": datetime.date.today().isoformat()}
    write(answers)
    print("%d cases recorded on %s %s" % (len(chosen), platform.system(), platform.release()))
    for name in changed:
        print("other bytes than before: " + name)


if __name__ == "__main__":
    main()
