# SPDX-License-Identifier: GPL-2.0-or-later
"""websocket_echo.py ADDRESS PORT: answers each message with its length, and "say:X" with X backwards."""
import asyncio
import sys

import websockets


async def serve(connection):
    async for message in connection:
        if message.startswith("say:"):
            await connection.send(message[4:][::-1])
        else:
            await connection.send(str(len(message)))


async def main():
    async with websockets.serve(serve, sys.argv[1], int(sys.argv[2])):
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
