"""A campaign: many who are called at once, each with its own answers. Who measures and who tests both call them."""

import os
import random
import time

import caller
from caller import dial, silence
from answerers import Answerers
from files import audio_of, read
from recording_files import pieces
from switch import extension
from signals import cadence, tones, voice

# The greeting of each mailbox; long enough that all are still in it when the last has answered and the measuring is over.
GREETING_MS = 32000
# So many calls are placed each second.
CALLS_PER_SECOND = 40

# What comes after the digits: what is said, and what earwig_detect_machine must say of it.
KINDS = {
    "person": (lambda: voice(450, "hello") + silence(2500), "human"),
    "fax": (lambda: tones(3000, 2100), "fax"),
    "fax that calls": (lambda: cadence(2, 500, 3000, 1100), "fax"),
    "beep": (lambda: tones(400, 1000) + silence(500), "machine"),
    "mailbox": (lambda: voice(4000, "greeting"), "machine"),
}

# What runs on each call. In all of them the session's thread reads frames.
NOTHING = ("park",)
PEERS = ("avmd_start", "spandsp_start_dtmf", "spandsp_start_fax_detect log NOTICE fax", "park")
PEERS_RECORD = (PEERS[0], PEERS[1], PEERS[2], "record_session FOLDER/${tests_name}.wav", "park")
DETECT = "earwig_detect_machine strategy=adaptive,tone=CED,CNG,detect_message_end=true,timeout=60,wait=false"
LISTEN = ("earwig_listen", DETECT, "earwig_get_digits D,4,seconds_predigits_timeout=None,seconds_interdigit_timeout=3")
RECORD = "earwig_record_start FOLDER/${tests_name}.wav,file_format=ulaw,max_bytes=0,milliseconds_max_silence=0"
OURS = (RECORD, *LISTEN, "earwig_detect_machine_wait 60", "event Event-Name=CUSTOM,Event-Subclass=tests::saw,At=mailbox",
        "earwig_detect_machine strategy=adaptive,tone=CED,CNG", "earwig_record_stop",
        "event Event-Name=CUSTOM,Event-Subclass=tests::saw,At=saw", "hangup")


def dialplan(folder):
    return "".join(extension(f"campaign-{name}", *actions).replace("FOLDER", folder)
                   for name, actions in (("nothing", NOTHING), ("peers", PEERS), ("peers-record", PEERS_RECORD), ("ours", OURS),
                                         ("ours-listen", (*LISTEN, "park"))))


def encoded(samples):
    """G.711 u-law without minus zero, which no decoder keeps."""
    return caller.encoded(samples).replace(b"\x7f", b"\xff")


class Campaign:
    """So many who wait to be called."""

    def __init__(self, calls, seed=1):
        numbers = random.Random(seed)
        greetings = [encoded(silence(500) + [s for part in range(4) for s in voice(GREETING_MS // 4, f"mailbox {i} {part}")]
                             + silence(300) + tones(400, 1000) + silence(1500)) for i in range(2)]
        kinds = [(name, encoded(make()), result) for name, (make, result) in KINDS.items()]
        self.digits, self.kinds, self.greetings, said = {}, {}, {}, {}
        for i in range(calls):
            name = f"o{seed}n{i}"
            self.digits[name] = "".join(numbers.choice("0123456789*#ABCD") for _ in range(4))
            self.kinds[name] = kinds[i % len(kinds)]
            self.greetings[name] = greetings[i % len(greetings)]
            said[name] = self.greetings[name] + encoded(dial(self.digits[name]) + silence(1000)) + self.kinds[name][1]
        self.answerers = Answerers(said)

    def call(self, switch, what):
        """Places the calls, each of which then runs that extension; back when all have answered."""
        for i, name in enumerate(self.digits):
            answer = switch.api(f"bgapi originate {{tests_name={name},absolute_codec_string=PCMU}}"
                                f"sofia/tests/{name}@127.0.0.1:{self.answerers.port} campaign-{what} XML tests")
            assert answer.startswith("+OK"), answer
            time.sleep(1 / CALLS_PER_SECOND)
        deadline = time.monotonic() + 30
        while not self.digits.keys() <= {e.get("variable_tests_name") for e in switch.events.all(Event_Name="CHANNEL_ANSWER")}:
            assert time.monotonic() < deadline, "not all have answered"
            time.sleep(0.2)

    def wrong(self, switch, folder, seconds=90):
        """Of calls with `ours`: what was not as it should have been, a line each; and how much of the greetings, in thousandths,
        is in the files as it was said."""
        found, kept = [], []
        deadline = time.monotonic() + seconds
        for name, digits in self.digits.items():
            kind, _, result = self.kinds[name]
            ends = [switch.events.find(max(1, deadline - time.monotonic()), Event_Subclass="tests::saw", At=at,
                                       variable_tests_name=name) for at in ("mailbox", "saw")]
            if not all(ends):
                found.append(f"{name}: it did not come to its end")
                continue
            got = {key: [end.get(f"variable_{key}") for end in ends] for key in ("D", "detect_result", "detect_machine_beep")}
            wanted = {"D": [digits] * 2, "detect_result": ["machine", result],
                      "detect_machine_beep": ["true", str(kind == "beep").lower()]}
            found += [f"{name}, {kind}: {key} {got[key]} is not {wanted[key]} ({ends[1].get('variable_detect_cause')})"
                      for key in got if got[key] != wanted[key]]
            share = self._share(os.path.join(folder, f"{name}.wav"), name)
            kept.append(share)
            if share < 900:
                found.append(f"{name}: {share} of 1000 of the greeting are in its recording")
        return found, kept

    def _share(self, path, name):
        """How much of the greeting's voice is in the recording, in order and to the byte, in thousandths."""
        spoken = self.greetings[name][500 * 8:(500 + GREETING_MS) * 8]
        audio = audio_of(read(path))
        # FreeSWITCH itself may have lost the very beginning.
        for begin in range(0, 1000 * 8, 50 * 8):
            if spoken[begin:begin + 50 * 8] in audio:
                return round(sum(length for _, _, length in pieces(audio, spoken[begin:])) * 1000 / GREETING_MS)
        return 0

    def close(self):
        self.answerers.close()
