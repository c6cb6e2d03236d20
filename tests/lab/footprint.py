#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""footprint.py SENSOR: what an idle sensor with one worker takes of memory, and how soon after its start it sees.

Sanitizers multiply both, so with a program that has them the release build beside it is measured.
"""
import os
import pathlib
import sys
import time

import lab

MEMORY_MB = 60
START_S = 0.2
BUSY = 10  # times as long on a machine that has more to do than cores


def shipped(program):
    if b"__asan_init" not in pathlib.Path(program).read_bytes():
        return program
    sibling = lab.TOP / "build/release/jndi-sensor"
    if not sibling.exists():
        lab.skip("this build has sanitizers, and there is no build/release/jndi-sensor to measure")
    if sibling.stat().st_mtime < os.stat(program).st_mtime:
        lab.skip("this build has sanitizers, and build/release/jndi-sensor is older than it")
    return sibling


def memory_kb(pid):
    """(what is its own share, without rings; rings): mappings one by one, rings are those of a socket."""
    own = ring = 0
    name = ""
    for line in pathlib.Path("/proc/%d/smaps" % pid).read_text().splitlines():
        word = line.split()
        if not word[0].endswith(":"):
            name = word[5] if len(word) > 5 else ""
        elif word[0] == "Pss:":
            if name.startswith("socket:"):
                ring += int(word[1])
            else:
                own += int(word[1])
    return own, ring


def first_seen(sensor_begins):
    """Seconds from the start to the first datagram that was seen, of a row that was sent meanwhile."""
    sent = {}
    begin = time.monotonic()
    sensor = sensor_begins()

    def seen():
        name = "n-%d" % len(sent)
        sent[name] = time.monotonic() - begin
        lab.send_lookup(lab.ATTACKER, name)
        return sensor.lookups() or sensor.process.poll() is not None

    lab.until("the first lookup", seen)
    sensor.wait_ready()
    return sensor, min(sent[name] for name in sensor.names())


def main():
    program = shipped(sys.argv[1])
    lab.enter()
    lab.build_network()
    settings = "workers: 1\naf-packet: [{interface: e0, buffer-size: 16mb}]"
    times = []
    for _ in range(3):
        sensor, seen = first_seen(lambda: lab.Sensor(program, settings, wait=False))
        times.append(seen)
        sensor.settled()
        if len(times) < 3:
            sensor.stop(saw_all=False)

    parts = {}
    for name, pid in (("collector", sensor.process.pid), ("worker", sensor.workers()[0])):
        try:
            parts[name] = memory_kb(pid)
        except PermissionError:
            lab.skip("no look at the memory of pid %d allowed" % pid)
    sensor.stop(saw_all=False)
    own = sum(part[0] for part in parts.values()) / 1024
    ring = sum(part[1] for part in parts.values()) / 1024
    print("memory: %.1f MB (collector %.1f, worker %.1f), and rings %.1f MB" % (
        own, parts["collector"][0] / 1024, parts["worker"][0] / 1024, ring))
    print("start to first frame: %s ms" % ", ".join("%.0f" % (seen * 1000) for seen in times))
    assert ring > 1, "no ring was found: it was counted as memory"
    assert own < MEMORY_MB, "%.1f MB are more than %d" % (own, MEMORY_MB)
    limit = START_S * (BUSY if os.getloadavg()[0] > (os.cpu_count() or 1) else 1)
    assert min(times) < limit, "the first frame was seen only after %.2f s" % min(times)


if __name__ == "__main__":
    main()
