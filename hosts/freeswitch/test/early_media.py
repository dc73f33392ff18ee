"""Detections on outbound legs with early media."""

from harness import CHECKPOINT, checkpoint, equal, test
from caller import silence
from switch import extension
from signals import cadence, voice

SIP = "sofia/tests/{}@127.0.0.1:{}"


def dialplan(folder):
    return "".join((
        # The called side: plays ringing, then answers.
        extension("rings", "pre_answer", "playback FOLDER/$1-ring.wav", "answer", "playback FOLDER/$1-said.wav",
                  pattern="rings-(.*)"),
        # The calling side: detects on early media, or only after the answer.
        extension("asks-early", "set earwig_early_media=true", "earwig_detect_machine", CHECKPOINT, "hangup"),
        extension("asks-late", "earwig_detect_machine", checkpoint("refused"), "sleep 3500", "earwig_detect_machine", CHECKPOINT, "hangup"),
    )).replace("FOLDER", folder)


def called(b, extension, what, ring, said):
    """The outbound leg runs the extension as soon as it has media; the called side answers after ringing."""
    for kind, samples in (("ring", ring), ("said", said)):
        b.play(samples, name=f"{what}-{kind}")
    name = b.name("o")
    b.originate(name, "PCMU", SIP.format(f"rings-{what}", b.switch.sip_port), f"{extension} XML tests")
    return name


RINGBACK = cadence(1, 2000, 1000, 440, 480)


@test
def ringing_in_early_media_is_not_taken_for_an_answer(b):
    for what, said, result in (("person", voice(450, "hello") + silence(2500), "human"),
                               ("robot", voice(4000, "greeting"), "machine")):
        channel = b.checkpoint(called(b, "asks-early", what, RINGBACK, said))
        equal((what, channel.detect_result), (what, result))
        # The ringing must not count as voice.
        onset = int(channel.earwig_onset_ms)
        assert 2500 <= onset <= 3500, onset


@test
def a_called_leg_runs_no_job_before_its_answer_unless_early_media_is_allowed(b):
    name = called(b, "asks-late", "late", RINGBACK, silence(1000) + voice(4000, "greeting"))
    refused = b.checkpoint(name, "refused")
    equal((refused.detect_result, refused.earwig_error), ("error", "the call is not answered"))
    equal(b.checkpoint(name).detect_result, "machine")
