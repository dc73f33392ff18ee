"""Settings that guard files and addresses."""

import os

import caller
from caller import babble
from control import configured
from harness import equal, test, wait_until_idle
from http_sink import collecting_posts, wait_for_posts

VARIABLES = "Caller: ${CALLERID(num)},Result: ${DETECT_RESULT},Cause: ${EARWIG_CAUSE},Error: ${EARWIG_ERROR}"


def dialplan(folder):
    return """
[tests](+)
exten => moded,1,Answer()
 same => n,EarwigRecord(FOLDER/${CALLERID(num)}.wav,file_format=ulaw,max_bytes=800)
 same => n,EarwigRecord(FOLDER/${CALLERID(num)}-own.wav,file_format=ulaw,max_bytes=800,file_mode=0660)
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => _deliver-.,1,Answer()
 same => n,EarwigDetectMachine(initial_timeout=0.3,status_url=http://${CUT(EXTEN,-,2)}:${CUT(EXTEN,-,3)}/)
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
""".replace("FOLDER", folder).replace("VARIABLES", VARIABLES)


def modes_of_recordings(b):
    """Of a recording by the settings, and of one with an option of its own."""
    phone = b.caller("moded", ("pause", 100), ("audio", babble(1000, "mode")))
    caller.run([phone], 15)
    equal(b.user_event(phone)["Cause"], "SIZE")
    return [oct(os.stat(os.path.join(b.folder, f"{phone.name}{name}.wav")).st_mode & 0o7777) for name in ("", "-own")]


@test
def recordings_have_the_mode_of_the_settings_whatever_the_umask(b):
    equal(modes_of_recordings(b), ["0o640", "0o660"])
    with configured(b, "[general]\nfile_mode = 0600\n"):
        equal(modes_of_recordings(b), ["0o600", "0o660"])
        for wrong in ("rw", "0200", "01777"):
            before = len(b.pbx.output())
            with open(os.path.join(b.pbx.run, "etc/earwig.conf"), "w") as f:
                f.write(f"[general]\nfile_mode = {wrong}\n")
            b.pbx.cli("module reload app_earwig.so")
            assert "file_mode" in b.pbx.output()[before:], wrong
        equal(modes_of_recordings(b), ["0o600", "0o660"])


def post_to(b, port, host):
    """Whether a detection on a call reports to that host. Returns its variables."""
    phone = b.caller(f"deliver-{host}-{port}", ("pause", 300))
    caller.run([phone], 15)
    return b.user_event(phone)


def load_with(b, settings):
    """`webhook_allow` is read when the module is loaded."""
    wait_until_idle(b)
    with open(os.path.join(b.pbx.run, "etc/earwig.conf"), "w") as f:
        f.write(f"[general]\n{settings}\n")
    assert "Unloaded" in b.pbx.cli("module unload app_earwig.so")
    b.pbx.cli("module load app_earwig.so")


@test
def posts_go_only_where_the_settings_allow(b):
    try:
        with collecting_posts() as (port, posts):
            load_with(b, "webhook_allow = public")
            found = post_to(b, port, "127.0.0.1")
            equal((found["Result"], found["Cause"]), ("error", "ERROR"))
            assert "the address 127.0.0.1 is loopback" in found["Error"], found
            equal(post_to(b, port, "localhost")["Result"], "unknown")
            load_with(b, "webhook_allow = public,127.0.0.0/8")
            # The posts of the calls before would have come first.
            equal(post_to(b, port, "127.0.0.1")["Result"], "unknown")
            wait_for_posts(posts, 2)
            equal(len(posts), 2)
            before = len(b.pbx.output())
            with open(os.path.join(b.pbx.run, "etc/earwig.conf"), "w") as f:
                f.write("[general]\nwebhook_allow = everything\n")
            b.pbx.cli("module reload app_earwig.so")
            assert "webhook_allow: 'everything'" in b.pbx.output()[before:], b.pbx.output()[before:]
    finally:
        load_with(b, "")
        os.unlink(os.path.join(b.pbx.run, "etc/earwig.conf"))
