"""Arguments by their names, as in get_digits(count=5) and record(filename=...)."""

import os

import caller
from harness import equal, inband, test
from caller import babble
from files import audio_of, read

DIGITS = {
    "after-variable": "D,count=2,seconds_predigits_timeout=10",
    "all": "seconds_predigits_timeout=10,variable=D,count=2",
    "none": "count=2,seconds_predigits_timeout=10",
    "twice": "D,count=2,variable=E",
    "unknown": "D,digits=2",
}

RECORD = {
    "first": "filename=FOLDER/${CALLERID(num)}.wav,file_format=ulaw,max_bytes=4000",
    "last": "file_format=ulaw, max_bytes=4000, filename = FOLDER/${CALLERID(num)}.wav",
    "quoted": 'max_bytes=4000,filename="FOLDER/${CALLERID(num)}.wav",file_format=ulaw',
    "missing": "file_format=ulaw,max_bytes=4000",
    "twice": "FOLDER/${CALLERID(num)}.wav,filename=FOLDER/other.wav",
    "unknown": "file=FOLDER/${CALLERID(num)}.wav",
}

REST = """
 same => n,UserEvent(End,Caller: ${CALLERID(num)},Digits: ${D},All: ${EARWIG_DIGITS},Cause: ${EARWIG_CAUSE},Error: ${EARWIG_ERROR})
 same => n,Hangup()
"""


def dialplan(folder):
    return ("[tests](+)\n" + "".join(f"exten => named-digits-{name},1,Answer()\n same => n,EarwigGetDigits({data}){REST}"
                                     for name, data in DIGITS.items())
            + "".join(f"exten => named-record-{name},1,Answer()\n same => n,EarwigRecordStart({data})\n"
                      f" same => n,EarwigRecordWait(seconds_timeout=5){REST}" if name in ("first", "last", "quoted") else
                      f"exten => named-record-{name},1,Answer()\n same => n,EarwigRecord({data}){REST}"
                      for name, data in RECORD.items())).replace("FOLDER", folder)


def call(b, extension, *plan):
    phone = b.caller(f"named-{extension}", ("pause", 200), *plan)
    caller.run([phone], 20)
    return phone, b.user_event(phone)


@test
def digits_are_collected_by_named_arguments(b):
    for name, digits in (("after-variable", "42"), ("all", "42"), ("none", "")):
        _, found = call(b, f"digits-{name}", inband("42"))
        equal((name, found["Digits"], found["All"], found["Cause"]), (name, digits, "42", "COUNT"))


@test
def the_file_of_a_recording_may_be_named_anywhere(b):
    for name in ("first", "last", "quoted"):
        phone, found = call(b, f"record-{name}", ("audio", babble(1500, name)))
        equal((name, found["Cause"], found["Error"]), (name, "SIZE", ""))
        equal(len(audio_of(read(os.path.join(b.folder, f"{phone.name}.wav")))), 4000)


@test
def wrong_names_are_refused_with_a_reason(b):
    before = sorted(os.listdir(b.folder))
    for extension, part in (("digits-twice", "variable: it is given twice"), ("digits-unknown", "digits: no such option"),
                            ("record-missing", "a file is required"), ("record-twice", "filename: it is given twice"),
                            ("record-unknown", "file: no such option")):
        _, found = call(b, extension)
        assert found["Cause"] == "ERROR" and part in found["Error"], (extension, found)
    equal(sorted(os.listdir(b.folder)), before)
