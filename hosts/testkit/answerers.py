"""The far parties of many outbound calls: a SIP user agent that answers every call and plays it the audio planned for it. It runs in a
process of its own, so that measurements and audio do not disturb each other."""

import collections
import multiprocessing
import random
import re
import select
import socket
import struct
import time

QUIET = b"\xff" * 160
PTIME = 0.02
# Each 5 ms a quarter of the calls gets its packet.
TURNS = 4


class Call:
    """An answered call, which hears its audio (G.711 u-law) and then silence."""

    def __init__(self, said, media):
        self.said, self.media = said, media
        self.at, self.sequence, self.source = 0, 0, random.getrandbits(32)
        self.speaks = False

    def packet(self):
        audio = self.said[self.at:self.at + 160] or QUIET
        header = struct.pack("!BBHII", 0x80, 0, self.sequence & 0xFFFF, self.at, self.source)
        self.at += 160
        self.sequence += 1
        return header + audio + QUIET[len(audio):]


class Answerers:
    """`said` maps each number to its audio, u-law; a number is called as `sip:NAME@127.0.0.1:port`. Audio starts with the ACK;
    incoming packets are ignored. `late_ms`: the most that it has been behind its schedule."""

    def __init__(self, said):
        self.said = said
        self.sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sip.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sip.bind(("127.0.0.1", 0))
        self.port = self.sip.getsockname()[1]
        self.late = multiprocessing.Value("d", 0)
        self.process = multiprocessing.get_context("fork").Process(target=self._run, daemon=True)
        self.process.start()

    @property
    def late_ms(self):
        return round(self.late.value * 1000)

    def close(self):
        self.process.terminate()
        self.process.join()
        self.sip.close()

    def _run(self):
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind(("127.0.0.1", 0))
        self.calls, self.turns = {}, collections.defaultdict(list)
        due, turn = time.monotonic(), 0
        while True:
            while select.select([self.sip], [], [], max(0, due - time.monotonic()))[0]:
                self._on_sip(*self.sip.recvfrom(65536))
                if time.monotonic() >= due:
                    break
            self.late.value = max(self.late.value, time.monotonic() - due)
            for call in self.turns[turn]:
                if call.speaks:
                    self.rtp.sendto(call.packet(), call.media)
            due, turn = due + PTIME / TURNS, (turn + 1) % TURNS

    def _on_sip(self, data, sender):
        text = data.decode(errors="replace")
        method = text.split(" ", 1)[0]
        call_id = re.search(r"^Call-ID: (.*)\r$", text, re.M).group(1)
        if method == "INVITE":
            if call_id not in self.calls:
                self.calls[call_id] = self._call(text)
            self._answer(text, sender, self._sdp())
        elif method == "ACK":
            self.calls[call_id].speaks = True
        elif method == "BYE":
            self._hang_up(call_id)
            self._answer(text, sender)
        elif method != "SIP/2.0":
            self._answer(text, sender)

    def _call(self, invite):
        name = re.match(r"INVITE sip:([^@]+)@", invite).group(1)
        call = Call(self.said[name], ("127.0.0.1", int(re.search(r"m=audio (\d+)", invite).group(1))))
        self.turns[len(self.calls) % TURNS].append(call)
        return call

    def _hang_up(self, call_id):
        call = self.calls.get(call_id)
        for turn in self.turns.values():
            if call in turn:
                turn.remove(call)

    def _sdp(self):
        return ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=audio {self.rtp.getsockname()[1]} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\na=sendrecv\r\n")

    def _answer(self, request, to, body=""):
        keep = re.findall(r"^((?:Via|From|To|Call-ID|CSeq|Record-Route): .*)\r$", request, re.M)
        lines = [line + ";tag=answerers" if line.startswith("To: ") and ";tag=" not in line else line for line in keep]
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.sip.sendto(("SIP/2.0 200 OK\r\n" + "\r\n".join(lines) + f"\r\nContact: <sip:answerers@127.0.0.1:{self.port}>\r\n{kind}"
                         f"Content-Length: {len(body)}\r\n\r\n{body}").encode(), to)
