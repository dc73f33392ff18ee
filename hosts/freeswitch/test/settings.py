"""Settings that guard files and addresses."""

import os
import time

import caller
from caller import babble
from harness import Harness, answered, equal, test, wait_until_idle
from http_sink import collecting_posts, wait_for_posts
from switch import Switch


def modes_of_recordings(c):
    """Of a recording by the settings, and of one with an option of its own."""
    phone = c.caller("moded", ("pause", 100), ("audio", babble(1000, "mode")))
    caller.run([phone], 15)
    channel = c.checkpoint(phone.name)
    equal(channel.earwig_cause, "SIZE")
    return [oct(os.stat(os.path.join(c.folder, f"moded-{phone.name}.wav{name}")).st_mode & 0o7777) for name in ("", "-own")]


@test
def recordings_have_the_mode_of_the_settings_whatever_the_umask(b):
    file = f"{b.folder}/moded-${{caller_id_number}}.wav"
    plan = answered("moded", f"earwig_record {file},file_format=ulaw,max_bytes=800",
                    f"earwig_record {file}-own,file_format=ulaw,max_bytes=800,file_mode=0660")
    other = Switch(plan)
    try:
        c = Harness(other, b.folder)
        equal(modes_of_recordings(c), ["0o640", "0o660"])
        other.configure(plan, {"file-mode": "0600"})
        equal(other.api("earwig reload"), "+OK\n")
        equal(modes_of_recordings(c), ["0o600", "0o660"])
        for wrong in ("rw", "0200", "01777"):
            other.configure(plan, {"file-mode": wrong})
            assert other.api("earwig reload").startswith("-ERR"), wrong
        equal(modes_of_recordings(c), ["0o600", "0o660"])
    finally:
        other.close()


@test
def posts_go_only_where_the_settings_allow(b):
    with collecting_posts() as (port, posts):
        plan = "".join(answered(host, f"earwig_detect_machine initial_timeout=0.3,status_url=http://{host}:{port}/")
                       for host in ("127.0.0.1", "localhost"))
        other = Switch(plan, {"webhook-allow": "public"})
        try:
            c = Harness(other, b.folder)
            refused = c.call("127.0.0.1")
            equal((refused.detect_result, refused.earwig_cause), ("error", "ERROR"))
            assert "webhook_allow is public" in refused.earwig_error, refused.earwig_error
            equal(c.call("localhost").detect_result, "unknown")
            other.configure(plan, {"webhook-allow": "everything"})
            assert other.api("earwig reload").startswith("-ERR")
            time.sleep(0.3)
            assert "webhook-allow: 'everything'" in other.output()
            # It is read when the module is loaded.
            wait_until_idle(c)
            other.configure(plan, {"webhook-allow": "public,127.0.0.0/8"})
            assert "+OK" in other.api("unload mod_earwig")
            other.api("reloadxml")
            assert "+OK" in other.api("load mod_earwig")
            # The posts of the calls before would have come first.
            equal(c.call("127.0.0.1").detect_result, "unknown")
            wait_for_posts(posts, 2)
            equal(len(posts), 2)
        finally:
            other.close()
