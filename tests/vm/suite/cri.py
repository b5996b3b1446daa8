#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# A client of the CRI for bats: one process holds the channel, and answers calls through two fifos.
"""Usage:

    cri.py SOCKET IN OUT

A line on IN is "METHOD JSON", such as 'Version {}'; the answer on OUT is one line of JSON, a failure
{"error": {"code": ..., "message": ...}}. METHOD is one of the runtime service's, or Stream, which runs the
websocket behind the "url" that Exec or Attach answered, sends "stdin" and returns what came back.
"""
import base64
import http.client
import json
import os
import socket
import struct
import sys
import urllib.parse

sys.path.insert(0, "/usr/local/lib/cri")
import api_pb2  # noqa: E402
import api_pb2_grpc  # noqa: E402
import grpc  # noqa: E402
from google.protobuf import json_format  # noqa: E402

TIMEOUT = 180
STDIN, STDOUT, STDERR, ERROR = range(4)


def call(service, method, request):
    """One call of the runtime service, with the names of api.proto."""
    kind = api_pb2.DESCRIPTOR.services_by_name["RuntimeService"].methods_by_name[method].input_type.name
    message = json_format.ParseDict(request, getattr(api_pb2, kind)())
    answer = getattr(service, method)(message, timeout=TIMEOUT)
    return json_format.MessageToDict(answer, preserving_proto_field_name=True)


class WebSocket:
    """As much of RFC 6455 as the streaming server speaks."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), TIMEOUT)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            (
                f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n"
            ).encode()
        )
        self.stream = self.socket.makefile("rb")
        status = self.stream.readline().decode()
        if " 101 " not in status:
            raise ConnectionError(status.strip())
        http.client.parse_headers(self.stream)

    def send(self, channel, data):
        payload, mask = bytes([channel]) + data, os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.socket.sendall(bytes([0x82, 0x80 | 126]) + struct.pack("!H", len(payload)) + mask + masked)

    def receive(self):
        """The next message, None at the end."""
        head = self.stream.read(2)
        if len(head) < 2 or head[0] & 0x0F == 8:
            return None
        length = head[1] & 0x7F
        if length >= 126:
            length = int.from_bytes(self.stream.read(2 if length == 126 else 8), "big")
        return self.stream.read(length)


def stream(request):
    web = WebSocket(request["url"])
    if "stdin" in request:
        web.send(STDIN, request["stdin"].encode())
    output = {STDOUT: b"", STDERR: b"", ERROR: b""}
    for message in iter(web.receive, None):
        if message and message[0] in output:
            output[message[0]] += message[1:]
    return {
        "stdout": output[STDOUT].decode(),
        "stderr": output[STDERR].decode(),
        "status": json.loads(output[ERROR] or "{}"),
    }


def answer(service, line):
    method, _, text = line.strip().partition(" ")
    try:
        request = json.loads(text or "{}")
        return stream(request) if method == "Stream" else call(service, method, request)
    except grpc.RpcError as error:
        return {"error": {"code": error.code().name, "message": error.details()}}
    except Exception as error:  # noqa: BLE001: the caller waits for an answer, whatever went wrong
        return {"error": {"code": type(error).__name__, "message": str(error)}}


def main(path, requests, answers):
    channel = grpc.insecure_channel(f"unix://{path}", options=[("grpc.default_authority", "localhost")])
    service = api_pb2_grpc.RuntimeServiceStub(channel)
    while True:
        with open(requests, encoding="utf-8") as file:
            line = file.readline()
        if not line.strip():
            return
        with open(answers, "w", encoding="utf-8") as file:
            json.dump(answer(service, line), file)
            file.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
