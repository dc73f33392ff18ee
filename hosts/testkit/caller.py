"""A caller: SIP over UDP and RTP with RFC 4733 digits, on 127.0.0.1; only what a call needs of them."""

import collections
import contextlib
import math
import random
import re
import select
import socket
import struct
import threading
import time
import urllib.parse

ROWS = (697, 770, 852, 941)
COLUMNS = (1209, 1336, 1477, 1633)
KEYS = "123A456B789C*0#D"
EVENTS = "0123456789*#ABCD"


def ulaw(sample):
    """G.711."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> exponent + 3 & 0x0F) & 0xFF


def alaw(sample):
    """G.711."""
    sign = 0x80 if sample >= 0 else 0
    magnitude = min(abs(sample) >> 3 if sample >= 0 else (-sample - 1) >> 3, 4095)
    exponent = max(0, magnitude.bit_length() - 5)
    mantissa = magnitude >> max(1, exponent) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55


# How a caller encodes samples of 8 kHz: RTP payload type and name, bytes per ms, ms per packet, and the function that encodes a
# list of samples.
Codec = collections.namedtuple("Codec", "payload name bytes_per_ms ptime encode")

PCMU = Codec(0, "PCMU/8000", 8, 20, lambda samples: bytes(ulaw(s) for s in samples))
PCMA = Codec(8, "PCMA/8000", 8, 20, lambda samples: bytes(alaw(s) for s in samples))


def l16(rate):
    """Linear samples at a multiple of 8 kHz, interpolated linearly."""
    times = rate // 8000

    def encode(samples):
        pairs = zip(samples, [*samples[1:], samples[-1] if samples else 0])
        return b"".join(struct.pack("!h", a + (b - a) * i // times) for a, b in pairs for i in range(times))

    return Codec(96, f"L16/{rate}", 2 * rate // 1000, 20, encode)


def tone(digit, ms, amplitude=6000):
    row, column = divmod(KEYS.index(digit), 4)
    return [
        round(amplitude * (math.sin(2 * math.pi * ROWS[row] * n / 8000) + math.sin(2 * math.pi * COLUMNS[column] * n / 8000)))
        for n in range(ms * 8)
    ]


def silence(ms):
    return [0] * (ms * 8)


def dial(digits, on=80, off=80):
    return [s for d in digits for s in tone(d, on) + silence(off)]


def encoded(samples):
    return bytes(ulaw(s) for s in samples)


def babble(ms, seed):
    """Loud G.711 u-law that swells like speech and differs for each seed of the random numbers. It has no minus zero, which no
    decoder keeps."""
    numbers = random.Random(seed)
    samples = (numbers.uniform(-9000, 9000) * (0.2 + abs(math.sin(n * math.pi / 1600))) for n in range(ms * 8))
    return bytes(ulaw(round(s)) for s in samples).replace(b"\x7f", b"\xff")


class Caller:
    """One call. `plan` says what is sent after the answer: ("audio", bytes) in-band, ("event", digit, ms) by RFC 4733,
    ("both", digit, ms), ("info", digit, ms) by SIP INFO, ("pause", ms), ("lose", ms) packets on the way, ("mute", ms) without
    packets, ("hold", ms) so by re-INVITE, ("hangup",). Without a hang-up it waits for that of the other side. It accepts a hold
    by the other side."""

    def __init__(self, server_port, extension, name, plan, codec=PCMU):
        self.sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sip.bind(("127.0.0.1", 0))
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind(("127.0.0.1", 0))
        self.server = ("127.0.0.1", server_port)
        self.extension, self.name, self.codec = extension, name, codec
        self.plan = list(plan)
        self.tag, self.call_id = f"{random.getrandbits(48):x}", f"{random.getrandbits(64):x}@127.0.0.1"
        self.to = f"<sip:{extension}@127.0.0.1:{server_port}>"
        self.media = None
        self.sequence, self.stamp, self.source = 1, 0, random.getrandbits(32)
        self.frames = None
        self.over = False
        self.began = self.ended = None  # when its audio begins, and when the other side hangs up
        self.next_frame = None
        self.number = 1
        self._request("INVITE", 1, self._sdp(), "application/sdp")

    def _sdp(self, direction="sendrecv"):
        port, codec = self.rtp.getsockname()[1], self.codec
        return ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=audio {port} RTP/AVP {codec.payload} 101\r\na=rtpmap:{codec.payload} {codec.name}\r\na=ptime:{codec.ptime}\r\n"
                f"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na={direction}\r\n")

    def _request(self, method, number, body="", kind="", more=""):
        port = self.sip.getsockname()[1]
        self._send(
            f"{method} sip:{self.extension}@127.0.0.1:{self.server[1]} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{random.getrandbits(48):x}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{self.name}@127.0.0.1:{port}>;tag={self.tag}\r\nTo: {self.to}\r\n"
            f"Call-ID: {self.call_id}\r\nCSeq: {number} {method}\r\nContact: <sip:{self.name}@127.0.0.1:{port}>\r\n"
            + more + (f"Content-Type: {kind}\r\n" if kind else "") + f"Content-Length: {len(body)}\r\n\r\n{body}")

    def _request_next(self, method, *what, **more):
        self.number += 1
        self._request(method, self.number, *what, **more)

    def _send(self, text):
        self.sip.sendto(text.encode(), self.server)

    def _agree(self, text, body=""):
        """Answers a request with 200."""
        port = self.sip.getsockname()[1]
        keep = re.findall(r"^(?:Via|From|To|Call-ID|CSeq): .*\r$", text, re.M)
        self._send("SIP/2.0 200 OK\r\n" + "".join(line + "\n" for line in keep) + f"Contact: <sip:{self.name}@127.0.0.1:{port}>\r\n"
                   + ("Content-Type: application/sdp\r\n" if body else "") + f"Content-Length: {len(body)}\r\n\r\n{body}")

    def refer(self, other):
        """Connects the other side of this call with that of another of our calls: an attended transfer."""
        tag = re.search(r"tag=([^;>]+)", other.to).group(1)
        replaces = urllib.parse.quote(f"{other.call_id};to-tag={tag};from-tag={other.tag}", safe="")
        self._request_next("REFER", more=f"Refer-To: <sip:{other.extension}@127.0.0.1:{self.server[1]}?Replaces={replaces}>\r\n"
                                         f"Referred-By: <sip:{self.name}@127.0.0.1>\r\n")

    def _on_sip(self):
        text = self.sip.recv(65536).decode(errors="replace")
        first = text.split("\r\n", 1)[0]
        number, method = re.search(r"^CSeq: (\d+) (\w+)", text, re.M).groups()
        if first.startswith("SIP/2.0 200") and method == "INVITE":
            self.to = re.search(r"^To: (.*)\r$", text, re.M).group(1)
            self._request("ACK", int(number))
            if self.media is None:
                self.media = ("127.0.0.1", int(re.search(r"m=audio (\d+)", text).group(1)))
                self.frames = self._frames()
                self.began = self.next_frame = time.monotonic()
        elif first.startswith("BYE"):
            self.ended = time.monotonic()
            self._agree(text)
            self.over = True
        elif first.startswith("INVITE"):
            self._agree(text, self._sdp("recvonly" if "a=sendonly" in text else "sendrecv"))
        elif first.startswith("NOTIFY"):
            self._agree(text)
        elif re.match(r"SIP/2.0 [3-6]", first):
            raise RuntimeError(f"{self.name}: {first}")

    def _packet(self, kind, payload, marker=0, stamp=None):
        header = struct.pack("!BBHII", 0x80, kind | marker << 7, self.sequence & 0xFFFF,
                             self.stamp if stamp is None else stamp, self.source)
        self.sequence += 1
        return header + payload

    def _frames(self):
        """Yields the packets of each `ptime`."""
        codec = self.codec
        size = codec.bytes_per_ms * codec.ptime
        tick = int(codec.name.split("/")[1]) // 1000 * codec.ptime
        quiet = codec.encode(silence(codec.ptime))
        for step in self.plan:
            if step[0] == "audio":
                for at in range(0, len(step[1]), size):
                    part = step[1][at:at + size]
                    yield [self._packet(codec.payload, part + quiet[len(part):])]
                    self.stamp += tick
            elif step[0] == "pause":
                for _ in range(step[1] // codec.ptime):
                    yield [self._packet(codec.payload, quiet)]
                    self.stamp += tick
            elif step[0] == "lose":
                for _ in range(step[1] // codec.ptime):
                    self.sequence += 1
                    yield []
                    self.stamp += tick
            elif step[0] in ("mute", "hold"):
                if step[0] == "hold":
                    self._request_next("INVITE", self._sdp("sendonly"), "application/sdp")
                for _ in range(step[1] // codec.ptime):
                    yield []
                    self.stamp += tick
                if step[0] == "hold":
                    self._request_next("INVITE", self._sdp(), "application/sdp")
            elif step[0] in ("event", "both"):
                start, count = self.stamp, step[2] // codec.ptime
                audio = codec.encode(tone(step[1], step[2])) if step[0] == "both" else None
                for i in range(count):
                    last = i == count - 1
                    event = struct.pack("!BBH", EVENTS.index(step[1]), 10 | (0x80 if last else 0), (i + 1) * tick)
                    packets = [self._packet(101, event, i == 0, start) for _ in range(3 if last else 1)]
                    if audio:
                        packets.append(self._packet(codec.payload, audio[i * size:(i + 1) * size]))
                    yield packets
                    self.stamp += tick
            elif step[0] == "info":
                self._request_next("INFO", f"Signal={step[1]}\r\nDuration={step[2]}\r\n", "application/dtmf-relay")
            elif step[0] == "hangup":
                self._request_next("BYE")
                self.over = True
                return
        while True:
            yield [self._packet(codec.payload, quiet)]
            self.stamp += tick

    def _tick(self):
        try:
            for packet in next(self.frames):
                self.rtp.sendto(packet, self.media)
        except StopIteration:
            self.frames = None
        self.next_frame += self.codec.ptime / 1000

    def close(self):
        self.sip.close()
        self.rtp.close()


def run(callers, seconds):
    """Runs all calls at once until each is over. Raises TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    try:
        while True:
            open_calls = [c for c in callers if not c.over]
            if not open_calls:
                return
            now = time.monotonic()
            if now > deadline:
                raise TimeoutError("calls are not over: " + ", ".join(c.name for c in open_calls))
            due = min((c.next_frame for c in open_calls if c.frames), default=now + 0.05)
            sockets = {c.sip: c for c in open_calls} | {c.rtp: c for c in open_calls}
            for ready in select.select(list(sockets), [], [], max(0, due - now))[0]:
                caller = sockets[ready]
                if ready is caller.rtp:
                    ready.recv(2048)
                else:
                    caller._on_sip()
            now = time.monotonic()
            for caller in open_calls:
                while caller.frames and not caller.over and caller.next_frame <= now:
                    caller._tick()
    finally:
        for caller in callers:
            caller.close()


@contextlib.contextmanager
def calling(callers, seconds):
    """Runs the calls beside the block, and waits for their ends after it."""
    failure = []

    def body():
        try:
            run(callers, seconds)
        except Exception as error:
            failure.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if failure:
        raise failure[0]


def fifty_callers_keys(inband):
    """Yields five digits for each of fifty calls, and the plan that sends them: in-band and signalled in turn."""
    keys = "0123456789ABCD*#"
    for i in range(50):
        digits = "".join(keys[(i * 7 + k * (i % 5 + 1)) % 16] for k in range(5))
        signals = [step for d in digits for step in (("event", d, 100), ("pause", 100))]
        yield digits, signals if i % 2 else [inband(digits)]
