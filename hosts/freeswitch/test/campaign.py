"""A campaign: many outbound calls at once, each with its own expected results. Load tests and the load report use it."""

import os
import random
import time

import caller
from caller import dial, silence
from answerers import Answerers
from files import audio_of, read
from recording_files import matching_pieces
from switch import extension
from signals import cadence, tones, voice

# The greeting of each mailbox: it lasts until the last call is answered and the measurement is over.
GREETING_MS = 32000
CALLS_PER_SECOND = 40

# What follows the digits: the audio, and the expected result of earwig_detect_machine.
PARTIES = {
    "person": (lambda: voice(450, "hello") + silence(2500), "human"),
    "fax": (lambda: tones(3000, 2100), "fax"),
    "fax that calls": (lambda: cadence(2, 500, 3000, 1100), "fax"),
    "beep": (lambda: tones(400, 1000) + silence(500), "machine"),
    "mailbox": (lambda: voice(4000, "greeting"), "machine"),
}

# What runs on each call. The session's thread reads frames in all of them.
NOTHING = ("park",)
PEERS = ("avmd_start", "spandsp_start_dtmf", "spandsp_start_fax_detect log NOTICE fax", "park")
PEERS_RECORD = (PEERS[0], PEERS[1], PEERS[2], "record_session FOLDER/${tests_name}.wav", "park")
DETECT = "earwig_detect_machine strategy=adaptive,tone=CED,CNG,detect_message_end=true,timeout=60,wait=false"
LISTEN = ("earwig_listen", DETECT, "earwig_get_digits D,4,seconds_predigits_timeout=None,seconds_interdigit_timeout=3")
RECORD = "earwig_record_start FOLDER/${tests_name}.wav,file_format=ulaw,max_bytes=0,milliseconds_max_silence=0"
OURS = (RECORD, *LISTEN, "earwig_detect_machine_wait 60", "event Event-Name=CUSTOM,Event-Subclass=tests::checkpoint,At=mailbox",
        "earwig_detect_machine strategy=adaptive,tone=CED,CNG", "earwig_record_stop",
        "event Event-Name=CUSTOM,Event-Subclass=tests::checkpoint,At=end", "hangup")


def dialplan(folder):
    return "".join(extension(f"campaign-{name}", *actions).replace("FOLDER", folder)
                   for name, actions in (("nothing", NOTHING), ("peers", PEERS), ("peers-record", PEERS_RECORD), ("ours", OURS),
                                         ("ours-listen", (*LISTEN, "park"))))


def encoded(samples):
    """G.711 u-law without minus zero, which no decoder keeps."""
    return caller.encoded(samples).replace(b"\x7f", b"\xff")


class Campaign:
    """Far parties that wait for `calls` calls."""

    def __init__(self, calls, seed=1):
        numbers = random.Random(seed)
        greetings = [encoded(silence(500) + [s for part in range(4) for s in voice(GREETING_MS // 4, f"mailbox {i} {part}")]
                             + silence(300) + tones(400, 1000) + silence(1500)) for i in range(2)]
        parties = [(name, encoded(make()), result) for name, (make, result) in PARTIES.items()]
        self.digits, self.parties, self.greetings, said = {}, {}, {}, {}
        for i in range(calls):
            name = f"o{seed}n{i}"
            self.digits[name] = "".join(numbers.choice("0123456789*#ABCD") for _ in range(4))
            self.parties[name] = parties[i % len(parties)]
            self.greetings[name] = greetings[i % len(greetings)]
            said[name] = self.greetings[name] + encoded(dial(self.digits[name]) + silence(1000)) + self.parties[name][1]
        self.answerers = Answerers(said)

    def call(self, switch, what):
        """Places the calls, which run that extension, and waits until all are answered."""
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
        """Of calls that run `ours`: a line for each wrong result, and for each recording how much of the greeting it holds, in
        thousandths."""
        found, kept = [], []
        deadline = time.monotonic() + seconds
        for name, digits in self.digits.items():
            party, _, result = self.parties[name]
            ends = [switch.events.find(max(1, deadline - time.monotonic()), Event_Subclass="tests::checkpoint", At=at,
                                       variable_tests_name=name) for at in ("mailbox", "end")]
            if not all(ends):
                found.append(f"{name}: its dialplan did not finish")
                continue
            variables = {key: [end.get(f"variable_{key}") for end in ends] for key in ("D", "detect_result", "detect_machine_beep")}
            wanted = {"D": [digits] * 2, "detect_result": ["machine", result],
                      "detect_machine_beep": ["true", str(party == "beep").lower()]}
            found += [f"{name}, {party}: {key} {variables[key]} is not {wanted[key]} ({ends[1].get('variable_detect_cause')})"
                      for key in variables if variables[key] != wanted[key]]
            share = self._share(os.path.join(folder, f"{name}.wav"), name)
            kept.append(share)
            if share < 900:
                found.append(f"{name}: {share} of 1000 of the greeting are in its recording")
        return found, kept

    def _share(self, path, name):
        """How much of the greeting the recording holds, in order and byte for byte, in thousandths."""
        spoken = self.greetings[name][500 * 8:(500 + GREETING_MS) * 8]
        audio = audio_of(read(path))
        # FreeSWITCH itself may lose the very beginning.
        for begin in range(0, 1000 * 8, 50 * 8):
            if spoken[begin:begin + 50 * 8] in audio:
                return round(sum(length for _, _, length in matching_pieces(audio, spoken[begin:])) * 1000 / GREETING_MS)
        return 0

    def close(self):
        self.answerers.close()
