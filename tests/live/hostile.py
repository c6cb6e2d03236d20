# SPDX-License-Identifier: GPL-2.0-or-later
"""hostile.py SOCKET TASK...: clients of the control socket that mean no good.

mute STOP-FILE  asks for counters again and again and never reads an answer; comes back when it is sent away, until STOP-FILE
                is there; prints each time how often it was
endless BYTES   sends so much without a newline; prints how much was taken
crowd N         connects N times and says nothing; half of the connections stay open to the end
silent SECONDS  greets, and says no more
hasty N         connects N times, each time asks for a reload, and leaves before it can be answered
ceaseless FILE  asks again and again, as fast as it is answered, until FILE is there; prints how often
storm N         asks N times in one go, and reads all answers; prints how many came
"""
import os
import socket
import sys
import time

GREETING = b'{"version": "0.2"}'
GONE = (BrokenPipeError, ConnectionResetError)


def connect(path, greets=True):
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)
    if greets:
        client.sendall(GREETING)
        answer = client.recv(4096)
        assert answer == b'{"return":"OK"}\n', answer
    return client


def mute(path, stop):
    times = 0
    while not os.path.exists(stop):
        try:
            with connect(path) as client:
                client.settimeout(0.2)
                while not os.path.exists(stop):
                    try:
                        client.sendall(b'{"command": "dump-counters"}\n' * 100)
                    except socket.timeout:
                        pass
        except GONE:
            times += 1
            print(times, flush=True)


def endless(path, size):
    sent, block = 0, b"x" * 65536
    with connect(path) as client:
        try:
            while sent < size:
                sent += client.send(block)
        except GONE:
            pass
    print(sent)


def crowd(path, n):
    kept = []
    for i in range(n):
        client = connect(path, greets=False)
        if i % 2:
            kept.append(client)
        else:
            client.close()
    for client in kept:
        client.close()


def silent(path, seconds):
    with connect(path):
        time.sleep(seconds)


def hasty(path, n):
    for _ in range(n):
        with connect(path) as client:
            client.sendall(b'{"command": "reload-rules"}\n')


def exchange(client, left):
    """Sends what there is room for and takes what there is; gives what is left to send, and what came."""
    try:
        left = left[client.send(left):] if left else left
    except BlockingIOError:
        pass
    try:
        more = client.recv(65536)
    except BlockingIOError:
        return left, b""
    assert more, "sent away"
    return left, more


def ceaseless(path, stop):
    times, left = 0, b""
    with connect(path) as client:
        client.setblocking(False)
        while not os.path.exists(stop):
            left, more = exchange(client, left or b'{"command": "version"}\n' * 100)
            times += more.count(b"\n")
    print(times)


def storm(path, n):
    got, left = b"", b'{"command": "version"}\n' * n
    with connect(path) as client:
        client.setblocking(False)
        while got.count(b"\n") < n:
            left, more = exchange(client, left)
            got += more
    print(got.count(b'"return":"OK"'))


if __name__ == "__main__":
    where, task, word = sys.argv[1:4]
    if task in ("mute", "ceaseless"):
        {"mute": mute, "ceaseless": ceaseless}[task](where, word)
    else:
        tasks = {"endless": endless, "crowd": crowd, "silent": silent, "hasty": hasty, "storm": storm}
        tasks[task](where, int(word))
