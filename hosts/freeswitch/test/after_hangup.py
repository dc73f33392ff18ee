"""Applications after the hang-up, which FreeSWITCH runs after `set_zombie_exec`; and on a call that rings."""

import caller
from harness import checkpoint, equal, inband, test, wait_until_idle
from switch import extension

# What runs before the hang-up, and the digits that nobody has asked for by then. The caller dials 4 and 7.
WAYS = {
    "listening": (("answer", "earwig_listen", "park"), "47"),
    "dialplan": (("answer", "earwig_listen", "sleep 1200", "hangup"), "47"),
    "nothing": (("answer", "park"), ""),
    "collected": (("answer", "earwig_get_digits D,1,seconds_predigits_timeout=9", "park"), "7"),
    "collecting": (("answer", "earwig_get_digits D,9,seconds_predigits_timeout=None"), ""),
    "recording": (("answer", "earwig_record_start FOLDER/${caller_id_number}-before.wav", "park"), "47"),
}

# What runs after it: the expected earwig_cause.
APPLICATIONS = {
    "earwig_get_digits DD": "HANGUP",
    "earwig_get_digits DD,1,seconds_predigits_timeout=2": "HANGUP",
    "earwig_record FOLDER/${caller_id_number}.wav": "HANGUP",
    "earwig_record_start FOLDER/${caller_id_number}.wav": "HANGUP",
    "earwig_record_stop": "HANGUP",
    "earwig_record_wait 5": "HANGUP",
    "earwig_record_pause": "ERROR",
    "earwig_record_unmask": "ERROR",
    "earwig_detect_machine": "HANGUP",
    "earwig_detect_machine wait=false": "HANGUP",
    "earwig_detect_machine_stop": "HANGUP",
    "earwig_detect_machine_wait 5": "HANGUP",
    "earwig_listen": "ERROR",
    "earwig_clear_digits": "",
}


def dialplan(folder):
    plan = "".join(extension(f"over-{way}-{number}", "set_zombie_exec", *before, "unset earwig_cause", application, checkpoint("rest"))
                   for way, (before, _) in WAYS.items() for number, application in enumerate(APPLICATIONS))
    return (plan + extension(
        "rings", "ring_ready", "earwig_record_stop", checkpoint("stop"), "earwig_record_wait 1", checkpoint("wait"),
        "earwig_detect_machine_stop", checkpoint("detect-stop"), "earwig_detect_machine_wait 1", checkpoint("detect-wait"), "answer",
        "earwig_record_stop", checkpoint("end"), "hangup")).replace("FOLDER", folder)


@test
def applications_after_the_hang_up_say_so_and_the_rest_runs(b):
    wrong = []
    for way, (_, digits) in WAYS.items():
        plan = ("pause", 200), inband("47"), ("pause", 300), *([] if way == "dialplan" else [("hangup",)])
        phones = [b.caller(f"over-{way}-{number}", *plan) for number in range(len(APPLICATIONS))]
        caller.run(phones, 20)
        for phone, (application, cause) in zip(phones, APPLICATIONS.items()):
            found = b.checkpoint(phone.name, "rest")
            wanted = cause, digits if "get_digits" in application else ""
            if (found.earwig_cause, found.DD) != wanted:
                wrong.append(f"{way}, {application}: {(found.earwig_cause, found.DD)} is not {wanted}")
    assert not wrong, "\n".join(wrong)
    wait_until_idle(b)


@test
def on_a_call_that_rings_there_is_an_error_instead_of_a_result(b):
    phone = b.caller("rings")
    caller.run([phone], 20)
    for at, result in (("stop", ""), ("wait", ""), ("detect-stop", "error"), ("detect-wait", "error")):
        found = b.checkpoint(phone.name, at)
        equal((at, found.earwig_cause, found.earwig_error, found.detect_result), (at, "ERROR", "the call is not answered", result))
    equal(b.checkpoint(phone.name).earwig_cause, "NONE")
