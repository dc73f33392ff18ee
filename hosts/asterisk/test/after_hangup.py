"""Every application in the `h` extension, after each way in which a call can end; and on a call that rings."""

import os

import caller
from harness import equal, inband, test, wait_until_idle

# What runs before the hang-up, and the digits that nobody has asked for by then. The caller dials 4 and 7.
WAYS = {
    "listening": (("Answer()", "EarwigListen()", "Wait(20)"), "47"),
    "dialplan": (("Answer()", "EarwigListen()", "Wait(1.2)", "Hangup()"), "47"),
    "nothing": (("Answer()", "Wait(20)"), ""),
    "collected": (("Answer()", "EarwigGetDigits(D,1,seconds_predigits_timeout=9)", "Wait(20)"), "7"),
    "collecting": (("Answer()", "EarwigGetDigits(D,9,seconds_predigits_timeout=None)"), ""),
    "recording": (("Answer()", "EarwigRecordStart(FOLDER/${CALLERID(num)}-before.wav)", "Wait(20)"), "47"),
    "detecting": (("Answer()", "EarwigDetectMachine(wait=false)", "Wait(20)"), "47"),
    "dialled": (("Answer()", "EarwigListen()", "Dial(Local/s@over-callee/n)", "Hangup()"), "47"),
    # Placed by the manager: it never answers.
    "ringing": (("EarwigListen()", "Wait(0.3)", "Hangup()"), ""),
}

# What runs in `h`: the expected EARWIG_CAUSE, or how it begins.
APPLICATIONS = {
    "EarwigGetDigits(DD)": "HANGUP",
    "EarwigGetDigits(DD,1,seconds_predigits_timeout=2)": "HANGUP",
    "EarwigRecord(FOLDER/${CALLERID(num)}.wav)": "HANGUP",
    "EarwigRecordStart(FOLDER/${CALLERID(num)}.wav)": "HANGUP",
    "EarwigRecordStop()": "HANGUP",
    "EarwigRecordWait(5)": "HANGUP",
    "EarwigRecordPause()": "ERROR",
    "EarwigRecordResume()": "ERROR",
    "EarwigRecordMask()": "ERROR",
    "EarwigRecordUnmask()": "ERROR",
    "EarwigDetectMachine()": "HANGUP",
    "EarwigDetectMachine(wait=false)": "HANGUP",
    "EarwigDetectMachineStop()": "HANGUP",
    "EarwigDetectMachineWait(5)": "HANGUP",
    "EarwigListen()": "ERROR",
    "EarwigClearDigits()": "",
}

REST = "UserEvent(Rest,Caller: ${CALLERID(num)},Cause: ${EARWIG_CAUSE},Digits: ${DD})"


def steps(extension, *lines):
    first, *rest = lines
    return f"exten => {extension},1,{first}\n" + "".join(f" same => n,{line}\n" for line in rest)


def dialplan(folder):
    text = "[tests](+)\nexten => _over-.,1,Goto(${EXTEN},s,1)\n[over-callee]\n" + steps("s", "Answer()", "Wait(1.2)", "Hangup()")
    for way, (before, _) in WAYS.items():
        for number, application in enumerate(APPLICATIONS):
            text += f"[over-{way}-{number}]\n" + steps("s", *before)
            text += steps("h", "Set(EARWIG_CAUSE=)", application, REST)
    return (text + "[tests](+)\n" + steps(
        "rings", "EarwigListen()", "EarwigRecordStop()", "UserEvent(RecordStop,VARIABLES)", "EarwigRecordWait(1)",
        "UserEvent(RecordWait,VARIABLES)", "EarwigDetectMachineStop()", "UserEvent(DetectStop,VARIABLES)", "EarwigDetectMachineWait(1)",
        "UserEvent(DetectWait,VARIABLES)", "Answer()", "EarwigRecordStop()", "UserEvent(Up,VARIABLES)", "Hangup()")).replace(
        "FOLDER", folder).replace(
        "VARIABLES", "Caller: ${CALLERID(num)},Cause: ${EARWIG_CAUSE},Error: ${EARWIG_ERROR},Result: ${DETECT_RESULT}")


def place(b, way):
    """One call for each application, all at once. Returns their numbers."""
    if way == "ringing":
        for number in range(len(APPLICATIONS)):
            b.pbx.manager.send(Action="Originate", Channel=f"Local/over-{way}-{number}@tests/n", Application="Wait", Data="5",
                               CallerID=f"<{way}{number}>", Async="true")
        return [f"{way}{number}" for number in range(len(APPLICATIONS))]
    plan = ("pause", 200), inband("47"), ("pause", 300), *([] if way in ("dialplan", "dialled") else [("hangup",)])
    phones = [b.caller(f"over-{way}-{number}", *plan) for number in range(len(APPLICATIONS))]
    caller.run(phones, 20)
    return [phone.name for phone in phones]


@test
def the_h_extension_runs_on_after_each_application_and_each_end(b):
    wrong = []
    for way, (_, digits) in WAYS.items():
        for name, (application, cause) in zip(place(b, way), APPLICATIONS.items()):
            found = b.pbx.manager.find(10, Event="UserEvent", UserEvent="Rest", Caller=name)
            wanted = cause, digits if "EarwigGetDigits" in application else ""
            if way in ("recording", "detecting") and application.startswith(("EarwigDetectMachine", "EarwigRecord")) and found:
                # A detection's cause has its figures.
                wanted = wanted if found["Cause"].split("-")[0] != cause else (found["Cause"], wanted[1])
            if not found or (found["Cause"], found["Digits"]) != wanted:
                wrong.append(f"{way}, {application}: {found and (found['Cause'], found['Digits'])} is not {wanted}")
    assert not wrong, "\n".join(wrong)
    wait_until_idle(b)
    assert not [name for name in os.listdir(b.folder) if name.endswith(".part")]


@test
def on_a_call_that_rings_there_is_an_error_instead_of_a_result(b):
    phone = b.caller("rings")
    caller.run([phone], 20)
    for event, result in (("RecordStop", ""), ("RecordWait", ""), ("DetectStop", "error"), ("DetectWait", "error")):
        found = b.user_event(phone, event)
        equal((event, found["Cause"], found["Error"], found["Result"]), (event, "ERROR", "the call is not answered", result))
    found = b.user_event(phone, "Up")
    equal((found["Cause"], found["Error"]), ("NONE", ""))
