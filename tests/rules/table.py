# SPDX-License-Identifier: GPL-2.0-or-later
"""All families, and their recorded answers."""
import collections
import importlib
import pathlib

import family

HERE = pathlib.Path(__file__).resolve().parent
ANSWERS = HERE / "answers.tsv"
REFUSED = "(refused)"


def load():
    for path in sorted(HERE.glob("f_*.py")):
        importlib.import_module(path.stem)
    return family.FAMILIES


def counted(alerts, fam):
    """Alerts as EVE events to Counter of (rule's number, flow's name)."""
    out = collections.Counter()
    for event in alerts:
        out[family.number(event["alert"]["signature_id"]), fam.flow_of(event)] += 1
    return out


def one_line(text):
    return text.replace("\\\n", "\\n ").replace("\n", "\\n")


def write(recorded):
    """recorded: family's name to (fingerprint, Counter, numbers of refused rules)."""
    lines = ["# What Suricata answered (record.py). A family and its fingerprint; then each rule and the flows that it spoke in, with how often."]
    for name, fam in family.FAMILIES.items():
        fingerprint, found, refused = recorded[name]
        lines.append("= %s %s" % (name, fingerprint))
        for number, rule in enumerate(fam.rules):
            words = [flow.name + ("*%d" % found[number, flow.name] if found[number,
                  flow.name] > 1 else "") for flow in fam.flows if found[number, flow.name]]
            lines.append("%s\t%s" % (one_line(rule), REFUSED if number in refused else " ".join(words)))
    ANSWERS.write_text("\n".join(lines) + "\n")


def read():
    recorded, number = {}, 0
    for line in ANSWERS.read_text().splitlines():
        if line.startswith("#"):
            continue
        if line.startswith("= "):
            _, name, fingerprint = line.split(" ")
            recorded[name], number = (fingerprint, collections.Counter(), set()), 0
            continue
        _, words = line.rsplit("\t", 1)
        if words == REFUSED:
            recorded[name][2].add(number)
        else:
            for word in words.split():
                flow, _, count = word.partition("*")
                recorded[name][1][number, flow] = int(count or 1)
        number += 1
    return recorded
