#!/usr/bin/env python3
"""Makes the sample calls beside it: what a PBX hears from the far party, G.711 u-law, 8 kHz.

Needs espeak-ng and sox. The calls are checked in; run this only to change them. Tones, noise and timing are the same on
every run, the speech as far as espeak-ng is.
"""

import math
import pathlib
import random
import struct
import subprocess

RATE = 8000
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = "123A456B789C*0#D"
FOLDER = pathlib.Path(__file__).parent


def silence(seconds):
    return [0.0] * round(seconds * RATE)


def level(dbm0):
    """Peak of a sine of this level, full scale being 1."""
    return 10 ** ((dbm0 - 3.14) / 20)


def tones(frequencies, seconds, dbm0):
    peak = level(dbm0)
    return [
        sum(peak * math.sin(2 * math.pi * hz * n / RATE) for hz in frequencies) for n in range(round(seconds * RATE))
    ]


def press(keys, hold=0.1, pause=0.15, dbm0=-9.0):
    """Each key held, then a pause."""
    samples = []
    for key in keys:
        at = KEYS.index(key)
        samples += tones((ROWS[at // 4], COLUMNS[at % 4]), hold, dbm0) + silence(pause)
    return samples


def speech(text, voice, dbm0):
    """Speech of espeak-ng in the band of a telephone, brought to a mean level."""
    wav = subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "--stdout", text], capture_output=True, check=True)
    raw = subprocess.run(
        ["sox", "-t", "wav", "-", "-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-", "sinc", "300-3400"],
        input=wav.stdout, capture_output=True, check=True,
    ).stdout
    samples = [value / 32768 for (value,) in struct.iter_unpack("<h", raw)]
    mean = math.sqrt(sum(sample * sample for sample in samples) / len(samples))
    gain = level(dbm0) / math.sqrt(2) / mean
    return [max(-0.99, min(0.99, sample * gain)) for sample in samples]


def noise(seconds, dbm0, seed):
    source = random.Random(seed)
    deviation = level(dbm0) / math.sqrt(2)
    return [source.gauss(0, deviation) for _ in range(round(seconds * RATE))]


def mix(*parts):
    samples = silence(max(map(len, parts)) / RATE)
    for part in parts:
        for n, sample in enumerate(part):
            samples[n] += sample
    return samples


def write(name, samples, noise_dbm0=-55):
    samples = mix(samples, noise(len(samples) / RATE, noise_dbm0, name))
    raw = b"".join(struct.pack("<h", round(32767 * max(-1, min(1, sample)))) for sample in samples)
    subprocess.run(
        ["sox", "-D", "-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1", "-"]
        + ["-e", "u-law", "-b", "8", str(FOLDER / name)],
        input=raw, check=True,
    )


def main():
    # The caller hears a prompt, and his telephone gives back a little of it.
    echo = speech("Please enter your four digit pin.", "en-us", -34)
    write("pin-count.wav", silence(0.3) + echo + silence(0.8) + press("4071") + silence(0.7))

    echo = speech("Enter your account number, then press hash.", "en-us", -34)
    write("account-end.wav", silence(0.3) + echo + silence(0.6) + press("5550192#", pause=0.2) + silence(0.5))

    write("slow-timeout.wav", silence(1.0) + press("12", pause=0.4) + silence(2.9))

    write("hangup.wav", silence(0.8) + press("918", pause=0.25) + silence(0.4))

    # Keys over the prompt's echo, a dial tone that still lasts, and a bad line.
    prompt = speech("Welcome. For sales, press two. For support, press three. For all else, please hold.", "en-gb", -30)
    dial_tone = tones((350, 440), 3.0, -27)
    keys = silence(1.2) + press("20864", hold=0.08, pause=0.3) + silence(0.5)
    write("noisy.wav", mix(prompt[: len(keys)], dial_tone, keys), noise_dbm0=-38)

    talk = "Hello? Yes, I do not have the number with me. Could I speak to somebody, please? One one two eight?"
    write("speech-only.wav", silence(0.4) + speech(talk, "en-us+f3", -18) + silence(1.0))

    # Who answers: a person, a voicemail with its beep, a fax machine, and nobody at all.
    write("person.wav", silence(0.9) + speech("Hello?", "en-us", -18) + silence(2.6))

    greeting = "You have reached the office. Nobody can take your call right now. Please leave a message after the tone."
    beep = tones((1000,), 0.4, -10)
    write("voicemail.wav", silence(0.7) + speech(greeting, "en-gb", -18) + silence(0.5) + beep + silence(1.5))

    write("fax.wav", silence(1.8) + tones((2100,), 3.0, -12) + silence(1.0))

    write("busy.wav", (tones((480, 620), 0.5, -24) + silence(0.5)) * 6)


main()
