"""Synthetic prompts from the speech synthesizers that are installed: espeak-ng, flite, festival. None of them is required."""

import os
import shutil
import subprocess

import numpy as np
import soundfile as sf
from scipy.signal import resample_poly

from corpus import FOLDS, RATE, turn

TEXTS = {
    "en": [
        "The person you are calling is not available. Please leave a message after the tone.",
        "You have reached the voice mailbox of four two seven one. At the tone please record your message.",
        "Thank you for calling. All of our agents are busy. Please hold and your call will be answered shortly.",
        "Your call has been forwarded to an automated voice messaging system.",
        "Hello, welcome. For sales press one. For support press two.",
        "The number you have dialed is not in service.",
        "All lines are busy. Please try your call again later.",
        "Please hold while we try to connect you.",
        "Hi, this is Anna. I cannot take your call right now. Leave a message.",
    ],
    "de": [
        "Der gewünschte Gesprächspartner ist zur Zeit nicht erreichbar. Bitte hinterlassen Sie eine Nachricht nach dem Signalton.",
        "Die gewählte Rufnummer ist nicht vergeben. Bitte rufen Sie die Auskunft an.",
        "Guten Tag, herzlich willkommen. Bitte haben Sie einen Moment Geduld.",
    ],
    "it": [
        "La persona chiamata non è al momento disponibile. Lasciate un messaggio dopo il segnale acustico.",
        "Benvenuti. Tutti gli operatori sono occupati, restate in linea.",
    ],
    "es": ["La persona a la que llama no está disponible. Por favor deje su mensaje después del tono."],
    "fr": ["Votre correspondant n'est pas disponible. Veuillez laisser un message après le bip sonore."],
    "ru": ["Абонент временно недоступен. Пожалуйста, оставьте сообщение после сигнала."],
    "nl": ["De persoon die u belt is niet beschikbaar. Laat een bericht achter na de toon."],
    "pt": ["A pessoa que você ligou não está disponível. Deixe sua mensagem após o sinal."],
    "pl": ["Osoba, do której dzwonisz, jest niedostępna. Zostaw wiadomość po sygnale."],
}
ESPEAK = ["", "+f2", "+m3", "+f4"]
FLITE = ["awb", "rms", "slt", "kal16"]
FESTIVAL = {"en": ["cmu_us_slt_arctic_hts", "kal_diphone"], "it": ["lp_diphone"]}


def speakers(language):
    """The installed voices of a language: a name, and a function from a path to the command that writes the speech there."""
    if shutil.which("espeak-ng"):
        for k, voice in enumerate(ESPEAK):
            yield f"espeak{voice}", lambda path, voice=voice, k=k: ["espeak-ng", "-v", language + voice, "-s", str(135 + 12 * k), "-w", path, "--stdin"]
    if language == "en" and shutil.which("flite"):
        for voice in FLITE:
            yield f"flite-{voice}", lambda path, voice=voice: ["flite", "-voice", voice, "-f", "/dev/stdin", "-o", path]
    if shutil.which("text2wave"):
        for voice in FESTIVAL.get(language, []):
            yield f"festival-{voice}", lambda path, voice=voice: ["text2wave", "-eval", f"(voice_{voice})", "-o", path]


def prompts(folder):
    """All texts by all installed voices, as turns of machines. `folder` keeps the audio files."""
    os.makedirs(folder, exist_ok=True)
    turns = []
    for language, texts in TEXTS.items():
        for k, (name, command) in enumerate(speakers(language)):
            for i, text in enumerate(texts):
                path = os.path.join(folder, f"{language}-{i}-{name}.wav")
                if not os.path.exists(path):
                    code = "latin-1" if name.startswith("festival") else "utf-8"
                    subprocess.run(command(path), input=text.encode(code, "replace"), check=False, stderr=subprocess.DEVNULL, timeout=60)
                try:
                    x, rate = sf.read(path)
                except (OSError, sf.LibsndfileError):
                    continue
                if len(x) < rate // 2:
                    continue
                pcm = (resample_poly(x, RATE, rate) * 20000).clip(-32768, 32767).astype(np.int16)
                found = turn({"pcm": pcm, "source": "synthetic", "speaker": name, "file": path, "group": "synthetic", "label": "machine"})
                if found:
                    turns.append(found | {"fold": k % FOLDS, "source": "synthetic"})
    return turns
