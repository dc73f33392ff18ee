"""A private FreeSWITCH: folders, configuration, process, event socket. Everything is on 127.0.0.1."""

import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
from xml.sax.saxutils import quoteattr

from process import die_with_parent, free_port

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.path.join(HERE, "..", "..", ".."))
TARGET = os.path.join(TOP, os.environ.get("CARGO_TARGET_DIR", "target"))
PREFIX = os.environ.get("FREESWITCH", "/usr")

MODULES = """
mod_logfile mod_event_socket mod_dialplan_xml mod_commands mod_dptools mod_sndfile mod_native_file mod_tone_stream mod_spandsp
mod_loopback mod_sofia
""".split()
OURS = "mod_earwig"


def stock_modules():
    """The folder of the stock modules."""
    for folder in ("lib/freeswitch/mod", "lib/x86_64-linux-gnu/freeswitch/mod", "mod"):
        if os.path.isdir(os.path.join(PREFIX, folder)):
            return os.path.join(PREFIX, folder)
    raise RuntimeError(f"no modules under {PREFIX}")


def extension(name, *actions, pattern=None):
    """An extension of the XML dialplan. An action is "application data"."""
    lines = []
    for action in actions:
        app, _, data = action.partition(" ")
        lines.append(f"<action application={quoteattr(app)} data={quoteattr(data)}/>")
    return (f"<extension name={quoteattr(name)}><condition field=\"destination_number\" "
            f"expression={quoteattr('^' + (pattern or name) + '$')}>{''.join(lines)}</condition></extension>")


def params(**settings):
    return "<settings>" + "".join(
        f"<param name={quoteattr(name.replace('_', '-'))} value={quoteattr(str(value))}/>" for name, value in settings.items()
    ) + "</settings>"


class Switch:
    """Runs with the given dialplan (XML of extensions) until closed. `earwig` holds settings for earwig.conf. Calls come to the
    context `tests`, unless `sip` names another."""

    def __init__(self, dialplan, earwig=None, library=None, modules=(OURS,), sip=None):
        self.run = tempfile.mkdtemp(prefix="ew-fs-", dir="/tmp")
        self.process = self.events = None
        try:
            self._start(dialplan, earwig, library, modules, sip or {})
        except BaseException:
            self.close()
            raise

    def _start(self, dialplan, earwig, library, modules, sip):
        self.sip_port = free_port(socket.SOCK_DGRAM)
        self.event_port = free_port(socket.SOCK_STREAM)
        # Other runs may use ports at the same time; those of an Asterisk begin at 20000.
        self.rtp_port = random.randrange(10000, 18000, 1000)
        for folder in "conf mod lib log db run rec sounds storage cache scripts tmp".split():
            os.makedirs(os.path.join(self.run, folder))
        stock = stock_modules()
        for name in os.listdir(stock):
            os.symlink(os.path.join(stock, name), os.path.join(self.run, "mod", name))
        if OURS in modules:
            built = os.path.join(TARGET, "freeswitch")
            shutil.copy(os.path.join(built, f"mod/{OURS}.so"), os.path.join(self.run, "mod"))
            shutil.copy(library or os.path.join(built, "lib/libearwig.so.0"), os.path.join(self.run, "lib"))
        self.configure(dialplan, earwig, modules, sip)
        command = [os.path.join(PREFIX, "bin/freeswitch"), "-nf", "-c", "-nonat", "-np"]
        for option, folder in (("conf", "conf"), ("mod", "mod"), ("log", "log"), ("db", "db"), ("run", "run"), ("recordings", "rec"),
                               ("sounds", "sounds"), ("storage", "storage"), ("cache", "cache"), ("scripts", "scripts"),
                               ("temp", "tmp")):
            command += [f"-{option}", os.path.join(self.run, folder)]
        # In a session of its own: Ctrl-C in the test must not stop the server before the test has read its output.
        with open(os.path.join(self.run, "console"), "w") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, preexec_fn=die_with_parent)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.events = EventSocket(self.event_port)
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("FreeSWITCH did not start:\n" + self.output()) from None
                time.sleep(0.1)
        while "is ready" not in self.api("status") or "RUNNING" not in self.api("sofia status"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("FreeSWITCH is not ready:\n" + self.output())
            time.sleep(0.1)

    def configure(self, dialplan, earwig=None, modules=(OURS,), sip=None):
        """Writes the configuration, for the start or `reloadxml`."""
        profile = {
            "sip-ip": "127.0.0.1", "sip-port": self.sip_port, "rtp-ip": "127.0.0.1", "context": "tests", "dialplan": "XML",
            "auth-calls": "false", "accept-blind-auth": "true", "log-auth-failures": "false", "inbound-codec-negotiation": "greedy",
            "inbound-codec-prefs": "PCMU,PCMA,G722,L16@16000h,L16", "outbound-codec-prefs": "PCMU,PCMA,G722,L16@16000h,L16",
            "rtp-timer-name": "soft", "disable-transcoding": "false", "manage-presence": "false", "rtp-timeout-sec": 0,
            "auto-rtp-bugs": "clear", "liberal-dtmf": "true", "inbound-late-negotiation": "true", **(sip or {}),
        }
        profile_xml = "".join(f"<param name={quoteattr(k)} value={quoteattr(str(v))}/>" for k, v in profile.items())
        loads = "".join(f"<load module=\"{name}\"/>" for name in (*MODULES, *modules))
        text = f"""<?xml version="1.0"?>
<document type="freeswitch/xml">
<section name="configuration">
<configuration name="modules.conf"><modules>{loads}</modules></configuration>
<configuration name="switch.conf">{params(max_sessions=3000, sessions_per_second=1000, loglevel="notice", rtp_start_port=self.rtp_port,
                                          rtp_end_port=self.rtp_port + 2000, switchname="tests")}</configuration>
<configuration name="event_socket.conf">{params(listen_ip="127.0.0.1", listen_port=self.event_port, password="tests")}</configuration>
<configuration name="logfile.conf">{params(rotate_on_hup="false")}<profiles><profile name="default"><settings>
<param name="logfile" value="{self.run}/log/freeswitch.log"/></settings><mappings><map name="all" value="warning,notice,err,crit,alert"/>
</mappings></profile></profiles></configuration>
<configuration name="acl.conf"><network-lists/></configuration>
<configuration name="spandsp.conf"><modem-settings/><fax-settings/></configuration>
<configuration name="sofia.conf"><global_settings/><profiles><profile name="tests"><settings>{profile_xml}</settings></profile></profiles>
</configuration>
{f'<configuration name="earwig.conf">{params(**earwig)}</configuration>' if earwig else ''}
</section>
<section name="dialplan"><context name={quoteattr(profile["context"])}>{dialplan}</context></section>
<section name="directory"/>
</document>
"""
        with open(os.path.join(self.run, "conf/freeswitch.xml"), "w") as f:
            f.write(text)

    def api(self, command):
        return self.events.api(command)

    def output(self):
        text = ""
        for name in ("console", "log/freeswitch.log"):
            path = os.path.join(self.run, name)
            if os.path.exists(path):
                with open(path, errors="replace") as f:
                    text += f.read()
        return text

    def alive(self):
        return self.process.poll() is None

    def close(self):
        try:
            if self.process:
                self._stop()
        finally:
            if self.events:
                self.events.close()
            shutil.rmtree(self.run, ignore_errors=True)

    def _stop(self):
        try:
            if self.events and self.alive():
                self.events.send("api fsctl shutdown")
            else:
                self.process.terminate()
            self.process.wait(20)
        except (subprocess.TimeoutExpired, OSError):
            self.process.kill()
            self.process.wait()


class EventSocket:
    """A client of the event socket: commands out, events in. A thread reads them."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.file = self.socket.makefile("rb")
        self.lock, self.asking = threading.Condition(), threading.Lock()
        self.events, self.answers, self.gone = [], [], False
        self._message()
        self.send("auth tests")
        if "+OK" not in self._message()[0].get("Reply-Text", ""):
            raise OSError("the event socket refuses")
        self.send("event plain CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE DTMF MEDIA_BUG_START "
                  "MEDIA_BUG_STOP CUSTOM earwig::digit earwig::dtmf earwig::record earwig::machine earwig::beep tests::checkpoint")
        self._message()
        self.socket.settimeout(None)
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, command):
        self.socket.sendall(f"{command}\n\n".encode())

    @staticmethod
    def _headers(lines):
        pairs = (line.decode(errors="replace").rstrip("\r\n").partition(":") for line in lines)
        return {name.strip(): urllib.parse.unquote(value.strip()) for name, colon, value in pairs if colon}

    def _message(self):
        lines = []
        while (line := self.file.readline()) not in (b"\n", b"\r\n"):
            if not line:
                raise OSError("the event socket has gone")
            lines.append(line)
        headers = self._headers(lines)
        return headers, self.file.read(int(headers.get("Content-Length", 0)))

    def _read(self):
        try:
            while True:
                headers, body = self._message()
                with self.lock:
                    if headers.get("Content-Type") == "text/event-plain":
                        self.events.append(self._headers(body.split(b"\n")))
                    elif headers.get("Content-Type") == "api/response":
                        self.answers.append(body.decode(errors="replace"))
                    self.lock.notify_all()
        except (OSError, ValueError):
            with self.lock:
                self.gone = True
                self.lock.notify_all()

    def api(self, command):
        with self.asking:
            self.send(f"api {command}")
            with self.lock:
                if not self.lock.wait_for(lambda: self.answers or self.gone, 60):
                    raise TimeoutError(command)
                return self.answers.pop(0) if self.answers else ""

    def all(self, **wanted):
        """The events so far with these headers; _ in a name stands for -."""
        names = {name if name.startswith("variable_") else name.replace("_", "-"): value for name, value in wanted.items()}
        with self.lock:
            return [event for event in self.events if all(event.get(name) == value for name, value in names.items())]

    def find(self, seconds, **wanted):
        """The first event with these headers, past or to come; None after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            with self.lock:
                count = len(self.events)
            found = self.all(**wanted)
            left = deadline - time.monotonic()
            if found or left <= 0 or self.gone:
                return found[0] if found else None
            with self.lock:
                if len(self.events) == count:
                    self.lock.wait(min(left, 0.5))

    def close(self):
        self.socket.close()
