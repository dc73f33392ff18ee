"""Who answers, on a leg that is called and has early media before its answer."""

from harness import SAW, equal, saw, test
from caller import silence
from switch import extension
from signals import cadence, voice

SIP = "sofia/tests/{}@127.0.0.1:{}"


def dialplan(folder):
    return "".join((
        # The called side: it rings in the audio, and answers.
        extension("rings", "pre_answer", "playback FOLDER/$1-ring.wav", "answer", "playback FOLDER/$1-said.wav",
                  pattern="rings-(.*)"),
        # The calling side: on early media, or not before the answer.
        extension("asks-early", "set earwig_early_media=true", "earwig_detect_machine", SAW, "hangup"),
        extension("asks-late", "earwig_detect_machine", saw("refused"), "sleep 3500", "earwig_detect_machine", SAW, "hangup"),
    )).replace("FOLDER", folder)


def called(b, extension, what, ring, said):
    """The outbound leg goes on to the extension as soon as there is media, and the called side answers after its ringing."""
    for kind, samples in (("ring", ring), ("said", said)):
        b.play(samples, name=f"{what}-{kind}")
    name = b.name("o")
    b.originate(name, "PCMU", SIP.format(f"rings-{what}", b.switch.sip_port), f"{extension} XML tests")
    return name


RINGBACK = cadence(1, 2000, 1000, 440, 480)


@test
def ringing_in_early_media_is_nobody_and_the_answer_is_heard(b):
    for what, said, result in (("person", voice(450, "hello") + silence(2500), "human"),
                               ("robot", voice(4000, "greeting"), "machine")):
        seen = b.saw(called(b, "asks-early", what, RINGBACK, said))
        equal((what, seen.detect_result), (what, result))
        # The ringing is no voice.
        onset = int(seen.earwig_onset_ms)
        assert 2500 <= onset <= 3500, onset


@test
def a_called_leg_is_not_asked_before_its_answer_unless_early_media_will_do(b):
    name = called(b, "asks-late", "late", RINGBACK, silence(1000) + voice(4000, "greeting"))
    refused = b.saw(name, "refused")
    equal((refused.detect_result, refused.earwig_error), ("error", "the call is not answered"))
    equal(b.saw(name).detect_result, "machine")
