"""A private Asterisk: folders, configuration, process, manager. Everything is on 127.0.0.1."""

import os
import shutil
import socket
import subprocess
import tempfile
import time

from process import die_with_parent, free_port

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.path.join(HERE, "..", "..", ".."))
TARGET = os.path.join(TOP, os.environ.get("CARGO_TARGET_DIR", "target"))
# Where fetch.sh unpacks Asterisk.
ROOT = os.path.abspath(os.path.join(os.environ.get("EARWIG_ASTERISK", os.path.join(TOP, ".asterisk")), "root"))

MODULES = """
res_timing_timerfd pbx_config app_playback app_senddtmf app_userevent app_verbose app_dial app_stack app_exec app_directed_pickup func_callerid func_channel func_cut
func_logic func_strings func_timeout func_uri codec_ulaw codec_alaw codec_gsm codec_g722 codec_resample format_pcm format_sln format_gsm
res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject res_pjsip res_pjsip_authenticator_digest
res_pjsip_session res_pjsip_pubsub res_pjsip_sdp_rtp res_pjsip_caller_id res_pjsip_dtmf_info res_pjsip_endpoint_identifier_ip
res_pjsip_endpoint_identifier_anonymous res_rtp_asterisk chan_pjsip res_clioriginate bridge_simple bridge_softmix
bridge_builtin_features
""".split()
OURS = "app_earwig"


class Asterisk:
    """Runs with the given dialplan until closed. `library` replaces the built one, `modules` our module."""

    def __init__(self, dialplan, library=None, modules=(OURS,)):
        # The control socket's name must stay under 107 characters.
        self.run = tempfile.mkdtemp(prefix="ew-", dir="/tmp")
        self.manager = self.process = None
        try:
            self._start(dialplan, library, modules)
        except BaseException:
            self.close()
            raise

    def _start(self, dialplan, library, modules):
        self.sip_port = free_port(socket.SOCK_DGRAM)
        self.manager_port = free_port(socket.SOCK_STREAM)
        self.command = [
            os.path.join(ROOT, "usr/lib64/ld-linux-x86-64.so.2"),
            "--library-path", os.path.join(ROOT, "usr/lib/x86_64-linux-gnu"),
            "--argv0", "asterisk",
            os.path.join(ROOT, "usr/sbin/asterisk"), "-C", os.path.join(self.run, "etc/asterisk.conf"),
        ]
        self._lay_out(dialplan, library, modules)
        # In a session of its own: Ctrl-C in the test must not stop the server before the test has read its output.
        with open(os.path.join(self.run, "console"), "w") as log:
            self.process = subprocess.Popen([*self.command, "-f"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, preexec_fn=die_with_parent)
        deadline = time.monotonic() + 60
        while "fully booted" not in self.cli("core waitfullybooted").lower():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Asterisk did not start:\n" + self.output())
            time.sleep(0.1)
        self.manager = Manager(self.manager_port)

    def _lay_out(self, dialplan, library, modules):
        run = self.run
        for folder in "etc modules lib var/lib var/log var/spool var/run var/db".split():
            os.makedirs(os.path.join(run, folder))
        share = os.path.join(ROOT, "usr/share/asterisk")
        for name in os.listdir(share):
            if name != "documentation":
                os.symlink(os.path.join(share, name), os.path.join(run, "var/lib", name))
        shutil.copytree(os.path.join(share, "documentation"), os.path.join(run, "var/lib/documentation"), symlinks=True)
        shutil.copy(os.path.join(HERE, "../app_earwig-en_US.xml"), os.path.join(run, "var/lib/documentation/thirdparty"))
        stock = os.path.join(ROOT, "usr/lib/x86_64-linux-gnu/asterisk/modules")
        for name in os.listdir(stock):
            os.symlink(os.path.join(stock, name), os.path.join(run, "modules", name))
        if OURS in modules:
            built = os.path.join(TARGET, "asterisk")
            shutil.copy(os.path.join(built, f"modules/{OURS}.so"), os.path.join(run, "modules"))
            shutil.copy(library or os.path.join(built, "lib/libearwig.so.0"), os.path.join(run, "lib"))
        for name in os.listdir(os.path.join(ROOT, "etc/asterisk")):
            os.symlink(os.path.join(ROOT, "etc/asterisk", name), os.path.join(run, "etc", name))
        files = {
            "asterisk.conf": f"""
[directories]
astetcdir => {run}/etc
astmoddir => {run}/modules
astvarlibdir => {run}/var/lib
astdbdir => {run}/var/db
astkeydir => {run}/var/lib
astdatadir => {run}/var/lib
astagidir => {run}/var/lib/agi-bin
astspooldir => {run}/var/spool
astrundir => {run}/var/run
astlogdir => {run}/var/log
[options]
documentation_language = en_US
""",
            "modules.conf": "[modules]\nautoload=no\n" + "".join(f"load => {m}.so\n" for m in (*MODULES, *modules)),
            "logger.conf": "[general]\n[logfiles]\nconsole => notice,warning,error\nfull => notice,warning,error\n",
            "extensions.conf": dialplan,
            "pjsip.conf": f"""
[transport]
type=transport
protocol=udp
bind=127.0.0.1:{self.sip_port}
[anonymous]
type=endpoint
context=tests
disallow=all
allow=ulaw,alaw,g722
dtmf_mode=rfc4733
direct_media=no
""",
            "rtp.conf": "[general]\nrtpstart=20000\nrtpend=29999\nstrictrtp=no\n",
            "manager.conf": f"""
[general]
enabled=yes
port={self.manager_port}
bindaddr=127.0.0.1
[tests]
secret=tests
read=all
write=all
""",
        }
        for name, text in files.items():
            path = os.path.join(run, "etc", name)
            if os.path.lexists(path):
                os.unlink(path)
            with open(path, "w") as f:
                f.write(text)

    def cli(self, command):
        completed = subprocess.run([*self.command, "-rx", command], capture_output=True, text=True, timeout=30)
        return completed.stdout + completed.stderr

    def output(self):
        with open(os.path.join(self.run, "console"), errors="replace") as f:
            return f.read()

    def alive(self):
        return self.process.poll() is None

    def close(self):
        try:
            if self.manager:
                self.manager.close()
            if self.process:
                self._stop()
        finally:
            shutil.rmtree(self.run, ignore_errors=True)

    def _stop(self):
        try:
            self.cli("core stop now")
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Manager:
    """A client of the manager interface: actions out, events in."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.rest = b""
        self.events = []
        self._line()
        self.send(Action="Login", Username="tests", Secret="tests")

    def send(self, **headers):
        text = "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
        self.socket.sendall(text.encode())

    def _line(self):
        while b"\r\n" not in self.rest:
            self.rest += self._receive()
        line, self.rest = self.rest.split(b"\r\n", 1)
        return line

    def _receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError("the manager has gone")
        return data

    def read(self, seconds):
        """Reads what arrives within `seconds`. Returns whether anything did."""
        self.socket.settimeout(seconds)
        try:
            while b"\r\n\r\n" not in self.rest:
                self.rest += self._receive()
        except (TimeoutError, EOFError):
            return False
        while b"\r\n\r\n" in self.rest:
            text, self.rest = self.rest.split(b"\r\n\r\n", 1)
            pairs = (line.split(":", 1) for line in text.decode(errors="replace").split("\r\n") if ":" in line)
            self.events.append({k.strip(): v.strip() for k, v in pairs})
        return True

    def find(self, seconds, **wanted):
        """The first event with these headers, past or to come; None after `seconds`."""
        deadline = time.monotonic() + seconds
        seen = 0
        while True:
            for event in self.events[seen:]:
                if all(event.get(k) == v for k, v in wanted.items()):
                    return event
            seen = len(self.events)
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self.read(min(left, 0.5))

    def close(self):
        self.socket.close()
