"""A small durable server with one planted fault, or none: what `bench selftest` must see through.

POST anything: append a record to `log`, sync it, answer {"n", "answer"}; `answer` is a digest over the file
`nonce`, which the harness changes each round. Start: faulty.py PORT FAULT; the folder is the current one.
"""

import hashlib
import os
import socket
import sys
from select import EPOLLIN, epoll

FAULTS = ("none", "wrong", "nosync", "detached", "shed", "cached", "lossy")
WORK = 600  # rounds of hashing per request, so that CPU is there to be hidden


def worked(nonce: bytes) -> str:
    """Do the work of one request."""
    digest = nonce
    for _ in range(WORK):
        digest = hashlib.sha256(digest).digest()
    return digest.hex()


def detached_worker() -> socket.socket:
    """Start a process that leaves this tree by a double fork and hashes for us; gives the line to it."""
    near, far = socket.socketpair()
    if os.fork() == 0:
        if os.fork() == 0:
            os.setsid()
            near.close()
            while nonce := far.recv(4096):
                far.sendall(worked(nonce).encode())
        os._exit(0)
    os.wait()
    far.close()
    return near


class Server:
    """One process, one thread."""

    def __init__(self, port: int, fault: str) -> None:
        self.fault = fault
        self.log = os.open("log", os.O_RDWR | os.O_CREAT | os.O_APPEND)
        self.count = os.fstat(self.log).st_size // 64
        self.kept = b""
        self.known = ""
        if fault == "cached" and os.path.exists("known"):
            with open("known") as file:  # what an earlier life of this server left
                self.known = file.read()
        self.away = detached_worker() if fault == "detached" else None
        self.listener = socket.create_server(("127.0.0.1", port))
        self.poll = epoll()
        self.poll.register(self.listener.fileno(), EPOLLIN)
        self.open: dict[int, socket.socket] = {}

    def serve(self) -> None:
        """Answer until killed."""
        while True:
            for number, _event in self.poll.poll():
                if number == self.listener.fileno():
                    sock, _address = self.listener.accept()
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.open[sock.fileno()] = sock
                    self.poll.register(sock.fileno(), EPOLLIN)
                    continue
                sock = self.open[number]
                data = sock.recv(65536)
                if not data:
                    self.poll.unregister(number)
                    self.open.pop(number).close()
                elif data.endswith(b"\r\n\r\n"):
                    sock.sendall(self.answer(data))

    def answer(self, request: bytes) -> bytes:
        """Answer one request; only POST is counted."""
        if not request.startswith(b"POST"):
            return self.reply(200, b"ready")
        self.count += 1
        if self.fault == "shed" and self.count % 50 == 0:
            self.count -= 1
            return self.reply(503, b"later")
        self.store(b"%063d\n" % self.count)
        return self.reply(200, self.told().encode())

    def store(self, record: bytes) -> None:
        """Write a record down, with whatever care the fault leaves."""
        if self.fault == "lossy":
            self.kept += record
            if len(self.kept) < 64 * 500:
                return
            record, self.kept = self.kept, b""
        os.write(self.log, record)
        if self.fault != "nosync":
            os.fdatasync(self.log)

    def told(self) -> str:
        """Give the answer over the nonce of now."""
        if self.fault == "cached" and self.known:
            return self.known
        with open("nonce", "rb") as file:
            nonce = file.read()
        if self.away is not None:
            self.away.sendall(nonce)
            answer = self.away.recv(4096).decode()
        else:
            answer = worked(nonce)
        if self.fault == "wrong":
            answer = answer[::-1]
        if self.fault == "cached":
            self.known = answer
            with open("known", "w") as file:
                file.write(answer)
        return answer

    def reply(self, status: int, body: bytes) -> bytes:
        """Write an answer."""
        return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


if __name__ == "__main__":
    Server(int(sys.argv[1]), sys.argv[2]).serve()
