# SPDX-License-Identifier: GPL-2.0-or-later
"""websocket_talk.py [--plain] [--fragment N] URL MESSAGE...: sends each message, and waits for each answer.

--plain: without compression. --fragment N: in fragments of N characters, with a ping between two messages.
A message "say:X" is sent with X backwards: the server turns it round again, and is the only one to say X."""
import argparse
import asyncio

import websockets


async def talk(options):
    compression = None if options.plain else "deflate"
    async with websockets.connect(options.url, compression=compression) as connection:
        for message in options.messages:
            if message.startswith("say:"):
                message = "say:" + message[4:][::-1]
            if options.fragment:
                step = options.fragment
                await connection.send([message[at:at + step] for at in range(0, len(message), step)])
                await (await connection.ping())
            else:
                await connection.send(message)
            await connection.recv()


parser = argparse.ArgumentParser()
parser.add_argument("--plain", action="store_true")
parser.add_argument("--fragment", type=int, default=0)
parser.add_argument("url")
parser.add_argument("messages", nargs="+")
asyncio.run(talk(parser.parse_args()))
