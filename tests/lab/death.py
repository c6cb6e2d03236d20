#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""death.py SENSOR TRAFFIC: a worker that dies under load costs the alerts of its own flows and no others; it is replaced
at once, its successor takes up the connections where they are, and what was lost is counted.

A stopped worker has read nothing of what came since, and dies with it: which alerts are lost does not depend on luck.
"""
import contextlib
import os
import signal
import subprocess
import sys
import time

import lab

LOAD_MB = 30
SETTINGS = "workers: 2\nsupervision: {hang-timeout: 1h}\naf-packet: [{interface: e0, buffer-size: 64mb}]"


class Conversations:
    """A connection from each address to the victim, kept open."""

    def __init__(self):
        self.pairs = []
        with lab.Space("vic"):
            listener = lab.socket.create_server((lab.VICTIM, 8080), backlog=64)
        for source in lab.SOURCES:
            with lab.Space("atk"):
                client = lab.socket.create_connection((lab.VICTIM, 8080), lab.PATIENCE, (source, 0))
            server, _ = listener.accept()
            self.pairs.append((source, client, server))

    def ask(self, name):
        """A request in each, with a lookup that ends in name and the address. Gives all those endings."""
        for source, client, server in self.pairs:
            client.sendall(("GET / HTTP/1.1\r\nHost: shop\r\nX-Api: %s\r\n\r\n" % lab.lookup_text(name + source)).encode())
            server.recv(4096)
            server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            client.recv(4096)
        return {name + source for source in lab.SOURCES}


def replaced(sensor, dead):
    workers = sensor.workers()
    return len(workers) == 2 and dead not in workers


def within_a_second(what, took):
    """A machine with more to do than cores may take its time."""
    print("%s after %.0f ms" % (what, took * 1000))
    limit = 1 if os.getloadavg()[0] <= (os.cpu_count() or 1) else 10
    assert took < limit, "%s only after %.1f s" % (what, took)


def kill(sensor, worker, deadly):
    """Its end, while it has work, and its successor's begin."""
    os.kill(worker, deadly)
    begin = time.monotonic()
    with contextlib.suppress(ProcessLookupError): # SIGKILL does not wait for it
        os.kill(worker, signal.SIGCONT)
    lab.until("a successor", lambda: replaced(sensor, worker))
    within_a_second("successor to one that died of %s" % deadly.name, time.monotonic() - begin)


def die_with_work(sensor, talk, worker, deadly):
    """Gives the endings of the lookups that were lost with it."""
    os.kill(worker, signal.SIGSTOP)
    name = deadly.name + "-amid-"
    asked = talk.ask(name)
    kill(sensor, worker, deadly)
    after = talk.ask(deadly.name + "-after-")
    lab.until("all lookups sent after the death", lambda: sensor.names() >= after)
    sensor.settled()
    return {lost[len(name):] for lost in asked - sensor.names()}


def main():
    program, traffic = sys.argv[1:3]
    lab.enter()
    capture = lab.WORK / "load.pcap"
    subprocess.run([traffic, str(LOAD_MB), "1", capture], check=True, stdout=subprocess.DEVNULL)
    lab.build_network()
    sensor = lab.Sensor(program, SETTINGS)
    talk = Conversations()
    asked = talk.ask("before-")
    lab.until("all lookups sent before", lambda: sensor.names() >= asked)
    load = lab.Load(capture)

    first, second = sensor.workers()
    lost_first = die_with_work(sensor, talk, first, signal.SIGKILL)
    lost_second = die_with_work(sensor, talk, second, signal.SIGSEGV)
    assert lost_first and lost_second, "one of them had nothing to do: the test has tested nothing"
    assert not lost_first & lost_second and lost_first | lost_second == set(lab.SOURCES), \
        "lost with the first %s, with the second %s: not each its own" % (sorted(lost_first), sorted(lost_second))

    # one that is at work
    kill(sensor, sensor.workers()[0], signal.SIGKILL)
    asked = talk.ask("last-")
    lab.until("all lookups sent after the third death", lambda: sensor.names() >= asked)
    print("load: " + load.stop())

    count = sensor.stop()
    assert count["worker.deaths"] == 3, "%d deaths are counted" % count["worker.deaths"]
    assert count["worker.lost_flows"] >= len(lab.SOURCES), "only %d lost flows are counted" % count["worker.lost_flows"]
    assert count["capture.left_behind"] >= len(lab.SOURCES), "only %d lost frames are counted" % count["capture.left_behind"]
    assert not count.get("capture.kernel_drops"), "frames were dropped that the rings had room for"
    told = [event["engine"]["error"] for event in sensor.events() if event["event_type"] == "engine"]
    assert len(told) == 3 and told[0] == told[2] == "SIGKILL", "deaths are told as %s" % told
    print("lost with each: %d and %d of %d; told as %s" % (len(lost_first), len(lost_second), len(lab.SOURCES), told))


if __name__ == "__main__":
    main()
