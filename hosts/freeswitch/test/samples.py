"""The samples of conf/ in a real FreeSWITCH: each extension is called, with the settings' file loaded."""

import contextlib
import os
import re
import xml.etree.ElementTree as xml

import caller
from harness import Harness, equal, idle, inband, near, test
from caller import PCMU, babble, silence
from files import audio_of, read
from http_sink import listening
from recording_files import wav
from switch import TOP, Switch
from signals import tones, voice

CONF = os.path.join(TOP, "hosts/freeswitch/conf")


def dialplan(folder):
    return ""


def settings():
    """What is set in the sample of the settings."""
    params = xml.parse(os.path.join(CONF, "earwig.conf.xml")).iter("param")
    return {param.get("name"): param.get("value") for param in params}


@contextlib.contextmanager
def sampled(b):
    """A FreeSWITCH with the samples, what is posted to the URL that is in them, and the names of their extensions."""
    with listening() as (port, posts):
        extensions = list(xml.parse(os.path.join(CONF, "dialplan.xml")).iter("extension"))
        text = "".join(xml.tostring(one, "unicode") for one in extensions).replace("https://example.com/", f"http://127.0.0.1:{port}/")
        switch = Switch(text, settings(), sip={"context": "default"})
        try:
            sounds = os.path.join(switch.run, "sounds")
            for name in re.findall(r'"playback" data="([^"]*)"', text):
                os.makedirs(os.path.dirname(os.path.join(sounds, name)), exist_ok=True)
                wav(os.path.join(sounds, name), babble(200, name))
            switch.api(f"global_setvar sound_prefix={sounds}")
            yield Harness(switch, b.folder), posts, {one.get("name") for one in extensions}
        finally:
            switch.close()


def called(c, number, *plan):
    """The call's last event. What is said begins after a prompt of 200 ms."""
    one = c.caller(number, ("pause", 800), *plan)
    caller.run([one], 30)
    return c.over(one.name)


@test
def every_extension_of_the_sample_does_what_it_says(b):
    person, fax = PCMU.encode(voice(450, "hello") + silence(300)), PCMU.encode(tones(3000, 2100))
    machine = PCMU.encode(voice(4000, "greeting"))
    with sampled(b) as (c, posts, names):
        met = {"campaign", "pin"}
        for said, result in ((person, "human"), (machine, "machine"), (fax, "fax"), (b"", "unknown")):
            seen = called(c, "campaign", ("audio", said))
            equal((seen.detect_result, seen["Caller-Destination-Number"]), (result, f"campaign-{result}"))
            met.add("campaign-otherwise" if result == "unknown" else f"campaign-{result}")
            if result == "human":
                equal(seen.last_app, "bridge")
        assert {path for path, _, _ in posts} == {"/detect-events"}, posts
        for digits, cause, name in (("4071", "COUNT", "pin-entered"), ("40#", "END", "pin-entered"), ("4", "TIMEOUT", "pin-missing")):
            seen = called(c, "pin", inband(digits))
            equal((seen.pin, seen["Caller-Destination-Number"]), (digits, f"pin-{cause}"))
            met.add(name)
        _message(c)
        _sales(c)
        equal(met | {"message", "sales"}, names)
        idle(c)


def _message(c):
    spoken = babble(1000, "message")
    seen = called(c, "message", ("audio", spoken), inband("#"))
    equal((seen.earwig_cause, seen.earwig_audio_detected, os.path.basename(seen.earwig_record_file)),
          ("BARGEIN", "yes", f"{seen['Unique-ID']}.wav"))
    near(seen.earwig_record_ms, len(audio_of(read(seen.earwig_record_file))) / 8, 1)
    near(seen.earwig_record_ms, 1300, 300)


def _sales(c):
    seen = called(c, "sales", ("audio", babble(400, "sales")), inband("4071000000000000"))
    equal((seen.card, seen.last_app), ("4071000000000000", "bridge"))
    assert seen.earwig_record_file.startswith(os.path.join(c.switch.run, "rec/sales")), seen.earwig_record_file
    audio = audio_of(read(seen.earwig_record_file))
    # Two channels of A-law; what was typed is silence in both.
    near(seen.earwig_record_ms, len(audio) / 16, 1)
    assert len(set(audio[16 * 500:16 * 2500])) <= 2, "the card's number is in the recording"


@test
def the_sample_of_the_settings_is_read(b):
    assert {"workers", "early-media", "dtmf-min-pause"} <= settings().keys()
    with sampled(b) as (c, _, _):
        equal(c.switch.api("module_exists mod_earwig"), "true")
        equal(c.switch.api("earwig reload"), "+OK\n")
