"""The samples of conf/: each extension is called, with the sample settings loaded."""

import contextlib
import os
import re
import xml.etree.ElementTree as xml

import caller
from harness import Harness, equal, inband, near, test, wait_until_idle
from caller import PCMU, babble, silence
from files import audio_of, read
from http_sink import collecting_posts
from recording_files import wav
from switch import TOP, Switch
from signals import tones, voice

CONF = os.path.join(TOP, "hosts/freeswitch/conf")


def dialplan(folder):
    return ""


def settings():
    """The sample settings."""
    params = xml.parse(os.path.join(CONF, "earwig.conf.xml")).iter("param")
    return {param.get("name"): param.get("value") for param in params}


@contextlib.contextmanager
def sampled(b):
    """Yields the harness of a FreeSWITCH with the samples, the posts to their URL, and the names of their extensions."""
    with collecting_posts() as (port, posts):
        extensions = list(xml.parse(os.path.join(CONF, "dialplan.xml")).iter("extension"))
        text = "".join(xml.tostring(extension, "unicode") for extension in extensions)
        text = text.replace("https://example.com/", f"http://127.0.0.1:{port}/")
        switch = Switch(text, settings(), sip={"context": "default"})
        try:
            sounds = os.path.join(switch.run, "sounds")
            for name in re.findall(r'"playback" data="([^"]*)"', text):
                os.makedirs(os.path.dirname(os.path.join(sounds, name)), exist_ok=True)
                wav(os.path.join(sounds, name), babble(200, name))
            switch.api(f"global_setvar sound_prefix={sounds}")
            yield Harness(switch, b.folder), posts, {extension.get("name") for extension in extensions}
        finally:
            switch.close()


def called(c, number, *plan):
    """Places a call. Returns its last event. The caller speaks after a prompt of 200 ms."""
    phone = c.caller(number, ("pause", 800), *plan)
    caller.run([phone], 30)
    return c.hangup_complete(phone.name)


@test
def every_extension_of_the_sample_dialplan_works(b):
    person, fax = PCMU.encode(voice(450, "hello") + silence(300)), PCMU.encode(tones(3000, 2100))
    machine = PCMU.encode(voice(4000, "greeting"))
    with sampled(b) as (c, posts, names):
        reached = {"campaign", "pin"}
        for said, result in ((person, "human"), (machine, "machine"), (fax, "fax"), (b"", "unknown")):
            channel = called(c, "campaign", ("audio", said))
            equal((channel.detect_result, channel["Caller-Destination-Number"]), (result, f"campaign-{result}"))
            reached.add("campaign-otherwise" if result == "unknown" else f"campaign-{result}")
            if result == "human":
                equal(channel.last_app, "bridge")
        assert {path for path, _, _ in posts} == {"/detect-events"}, posts
        for digits, cause, name in (("4071", "COUNT", "pin-entered"), ("40#", "END", "pin-entered"), ("4", "TIMEOUT", "pin-missing")):
            channel = called(c, "pin", inband(digits))
            equal((channel.pin, channel["Caller-Destination-Number"]), (digits, f"pin-{cause}"))
            reached.add(name)
        _message(c)
        _sales(c)
        equal(reached | {"message", "sales"}, names)
        wait_until_idle(c)


def _message(c):
    spoken = babble(1000, "message")
    channel = called(c, "message", ("audio", spoken), inband("#"))
    equal((channel.earwig_cause, channel.earwig_audio_detected, os.path.basename(channel.earwig_record_file)),
          ("BARGEIN", "yes", f"{channel['Unique-ID']}.wav"))
    near(channel.earwig_record_ms, len(audio_of(read(channel.earwig_record_file))) / 8, 1)
    near(channel.earwig_record_ms, 1300, 300)


def _sales(c):
    channel = called(c, "sales", ("audio", babble(400, "sales")), inband("4071000000000000"))
    equal((channel.card, channel.last_app), ("4071000000000000", "bridge"))
    assert channel.earwig_record_file.startswith(os.path.join(c.switch.run, "rec/sales")), channel.earwig_record_file
    audio = audio_of(read(channel.earwig_record_file))
    # Two channels of A-law; typed digits are silence in both.
    near(channel.earwig_record_ms, len(audio) / 16, 1)
    assert len(set(audio[16 * 500:16 * 2500])) <= 2, "the card's number is in the recording"


@test
def the_sample_settings_are_valid(b):
    assert {"workers", "early-media", "dtmf-min-pause"} <= settings().keys()
    with sampled(b) as (c, _, _):
        equal(c.switch.api("module_exists mod_earwig"), "true")
        equal(c.switch.api("earwig reload"), "+OK\n")
