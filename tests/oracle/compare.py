#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare.py SENSOR_HALF BUILD [FILE|FOLDER...]: the evaluator against Log4j itself.

SENSOR_HALF is the program made of resolve.c. The other half is java/, compiled into BUILD over Debian's
liblog4j2-java: Log4j's own substitution, set to behave as 2.14.1 does. Both are given the same texts: the fixed ones of
vectors.tsv and random ones (texts.py), or, when files or folders are named, the content of those files.

The rule. Log4j is run with every answer that only the victim knows withheld (each lookup is asked, for it may throw,
and then says null), as the sensor takes them. In that run these must be the same, both ways:
  - the names handed to JNDI: which, how many different ones, in which order of first call;
  - which of them the first evaluation of the message reaches, and which only a later one;
  - whether the message is given up (a cycle, a lookup that throws);
  - when it is not, the text that would be logged, to the last character.
When nothing was withheld, Log4j run with its real lookups must ask for the same names, too: then no model of ours stands
between. Three exceptions: a text on which a budget was spent, or which Log4j evaluates more than 2000 times, need only
agree as far as both went (counted, printed, and at most one text in a hundred); names beyond the eighth are not looked
at; and small sigma is as good as final sigma where a letter beyond the basic plane stands in the text (java_case.h).

Environment: ORACLE_SEED (default: new each time, and printed), ORACLE_COUNT (default 50000).
Exit: 0 the same, 1 a difference, 77 Java or Log4j is not installed."""
import base64
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys

from texts import Texts

HERE = pathlib.Path(__file__).resolve().parent
JARS = [pathlib.Path("/usr/share/java") / name for name in ("log4j-api.jar", "log4j-core.jar")]
MAX_NAMES = 8 # LOOKUP_MAX_HITS
BATCH = 25000
SHOWN = 5 # differences that are made small and printed
MAX_SPENT = 0.01
MIN_REACHING = 1 / 3


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def unescaped(field):
    return field.encode("latin-1").decode("unicode_escape").encode("latin-1")


def vectors():
    """(note, given up, text, names) of each row of vectors.tsv."""
    for line in (HERE / "vectors.tsv").read_text("ascii").splitlines():
        if line and not line.startswith("#"):
            note, end, text, *names = line.split("\t")
            yield note, end == "lost", unescaped(text), [b"" if name == "-" else unescaped(name) for name in names]


def build(folder):
    """Compiles the Java half when it is older than its sources; gives the command that runs it."""
    java, javac = shutil.which("java"), shutil.which("javac")
    if not java or not javac:
        skip("no JDK (Debian package default-jdk-headless)")
    if not all(jar.exists() for jar in JARS):
        skip("Log4j is not installed (Debian package liblog4j2-java)")
    sources = sorted((HERE / "java").glob("*.java"))
    made = folder / "Oracle.class"
    jars = ":".join(str(jar) for jar in JARS)
    if not made.exists() or made.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([javac, "-nowarn", "-proc:none", "-Xlint:-options", "--release", "11", "-cp", jars, "-d", str(folder),
                        *map(str, sources)], check=True)
    # No environment, a fixed zone and locale: what a lookup answers does not depend on who runs this.
    return ["env", "-i", java, "-Xss16m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Duser.language=en",
            "-Duser.country=US", "-Duser.timezone=UTC", "-Dfile.encoding=UTF-8", "-cp", f"{folder}:{jars}", "Oracle"]


class Halves:
    def __init__(self, sensor, oracle):
        self.sensor, self.oracle = sensor, oracle

    @staticmethod
    def ask(command, request):
        run = subprocess.run(command, input=request, stdout=subprocess.PIPE, check=True)
        return [json.loads(line) for line in run.stdout.splitlines()]

    def answers(self, texts):
        """(text, the sensor's answer, Log4j's answer) of each text."""
        request = b"".join(b'{"id":%d,"b64":"%s"}\n' % (i, base64.b64encode(text)) for i, text in enumerate(texts))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            mine, theirs = pool.map(lambda command: self.ask(command, request), (self.sensor, self.oracle))
        if not len(mine) == len(theirs) == len(texts):
            sys.exit(f"{len(texts)} texts, {len(mine)} and {len(theirs)} answers")
        return zip(texts, mine, theirs)


def comparable(answer, fold):
    """An answer, cut to what is looked at."""
    def plain(text):
        return text.replace("\u03c2", "\u03c3") if fold and text else text

    cut = {key: [plain(name) for name in names][:MAX_NAMES] for key, names in answer.items() if isinstance(names, list)}
    return {**answer, **cut, "rendered": plain(answer["rendered"])}


def difference(text, mine, theirs):
    """None, or what is not the same."""
    fold = b"\xce\xa3" in text and any(byte >= 0xf0 for byte in text)
    mine, theirs = comparable(mine, fold), comparable(theirs, fold)
    if mine["spent"] or theirs["aborted"] == "passes":
        shorter = min(len(mine["lookups"]), len(theirs["lookups"]))
        return None if mine["lookups"][:shorter] == theirs["lookups"][:shorter] else "names, as far as both went"
    if mine["lookups"] != theirs["lookups"]:
        return "names"
    if mine["first_pass"] != [name for name in theirs["first_pass"] if name in mine["first_pass"] or not mine["cut"]]:
        return "names of the first evaluation"
    if mine["aborted"] != bool(theirs["aborted"]):
        return "giving the message up"
    if not mine["aborted"] and mine["rendered"] != theirs["rendered"]:
        return "the message that is logged"
    if not theirs["withheld"] and theirs["real_lookups"] != theirs["lookups"]:
        return "Log4j with its real lookups"
    return None


def smaller(halves, text):
    """The text with everything taken out that the difference does not need."""
    step = max(1, len(text) // 2)
    while step:
        candidates = [text[:at] + text[at + step:] for at in range(len(text) - step + 1)][:4000]
        for candidate, mine, theirs in halves.answers(candidates):
            if difference(candidate, mine, theirs):
                text = candidate
                break
        else:
            step //= 2
        step = min(step, len(text))
    return text


def show(halves, text, what, shown):
    text = smaller(halves, text)
    if text in shown:
        return text
    (_, mine, theirs), = halves.answers([text])
    print(f"DIFFERENT, {what}: {text!r}\n  base64  {base64.b64encode(text).decode()}\n  sensor  {mine}\n  Log4j   {theirs}")
    return text


class Tally:
    def __init__(self):
        self.n = self.reaching = self.spent = self.later = self.given_up = self.withheld = 0
        self.different = []

    def add(self, text, mine, theirs):
        self.n += 1
        self.reaching += bool(theirs["lookups"])
        self.later += theirs["lookups"] != theirs["first_pass"]
        self.given_up += bool(theirs["aborted"])
        self.withheld += theirs["withheld"]
        self.spent += mine["spent"] or theirs["aborted"] == "passes"
        what = difference(text, mine, theirs)
        if what:
            self.different.append((text, what))

    def __str__(self):
        return (f"{self.n} texts, {len(self.different)} differences; {self.reaching} reach JNDI, {self.later} of them only "
                f"by a later evaluation; {self.given_up} are given up, {self.withheld} ask for what only the victim "
                f"knows, {self.spent} spend a budget")


def check_vectors(halves, tally):
    """Both halves must say what the file says."""
    rows = list(vectors())
    wrong = 0
    for (note, lost, _, names), (text, mine, theirs) in zip(rows, halves.answers([row[2] for row in rows])):
        tally.add(text, mine, theirs)
        for who, said in (("sensor", mine), ("Log4j", theirs)):
            if [name.encode() for name in said["lookups"]] != names or bool(said["aborted"]) != lost:
                print(f"vectors.tsv, {note}: {who} says {said}")
                wrong += 1
    return wrong


def batches_of_files(names):
    for name in map(pathlib.Path, names):
        files = sorted(path for path in name.rglob("*") if path.is_file()) if name.is_dir() else [name]
        for at in range(0, len(files), BATCH):
            yield [path.read_bytes()[:65536] for path in files[at:at + BATCH]]


def random_batches(seed, count):
    for at in range(0, count, BATCH):
        texts = Texts(random.Random(f"{seed}/{at}"))
        yield [texts.one() for _ in range(min(BATCH, count - at))]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    halves = Halves([sys.argv[1]], build(pathlib.Path(sys.argv[2]).resolve()))
    tally = Tally()
    wrong = check_vectors(halves, tally)
    fixed = tally.n
    print(f"vectors.tsv: {tally}", flush=True)

    if sys.argv[3:]:
        batches = batches_of_files(sys.argv[3:])
    else:
        seed = os.environ.get("ORACLE_SEED") or str(random.SystemRandom().randrange(1 << 32))
        count = int(os.environ.get("ORACLE_COUNT") or 50000)
        print(f"ORACLE_SEED={seed} ORACLE_COUNT={count}", flush=True)
        batches = random_batches(seed, count)
    for texts in batches:
        for answer in halves.answers(texts):
            tally.add(*answer)
        if tally.n >= 500000 and tally.n // BATCH % 20 == 0:
            print(tally, flush=True)
    print(tally)
    shown = set()
    for text, what in sorted(tally.different, key=lambda different: len(different[0]))[:10 * SHOWN]:
        if len(shown) < SHOWN:
            shown.add(show(halves, text, what, shown))
    if not sys.argv[3:] and tally.n - fixed > 5000:
        # A grammar that has stopped reaching JNDI, or only spends budgets, compares nothing.
        if tally.reaching < MIN_REACHING * tally.n or tally.spent > MAX_SPENT * tally.n:
            sys.exit("the random texts are no longer worth comparing: too few reach JNDI, or too many spend a budget")
    sys.exit(1 if wrong or tally.different else 0)


if __name__ == "__main__":
    main()
