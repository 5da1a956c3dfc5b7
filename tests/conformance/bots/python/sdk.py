"""A bot on slack_sdk, with one of its four WebSocket back ends: builtin, websocket_client, aiohttp, websockets."""

import asyncio
import importlib
import os
import sys
from threading import Event

from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web import WebClient
from slack_sdk.web.async_client import AsyncWebClient

from dialogue import answer

backend = sys.argv[1]
Client = importlib.import_module("slack_sdk.socket_mode." + backend).SocketModeClient
settings = {"token": os.environ["SLACK_BOT_TOKEN"], "base_url": os.environ["SLACK_API_URL"]}


def threaded():
    def handle(client, request):
        payload, calls = answer(request)
        client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))
        for method, arguments in calls:
            client.web_client.api_call(method, json=arguments)

    client = Client(app_token=os.environ["SLACK_APP_TOKEN"], web_client=WebClient(**settings))
    client.socket_mode_request_listeners.append(handle)
    client.connect()
    Event().wait()


async def asynchronous():
    async def handle(client, request):
        payload, calls = answer(request)
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))
        for method, arguments in calls:
            await client.web_client.api_call(method, json=arguments)

    client = Client(app_token=os.environ["SLACK_APP_TOKEN"], web_client=AsyncWebClient(**settings))
    client.socket_mode_request_listeners.append(handle)
    await client.connect()
    await asyncio.Event().wait()


if backend in ("aiohttp", "websockets"):
    asyncio.run(asynchronous())
else:
    threaded()
