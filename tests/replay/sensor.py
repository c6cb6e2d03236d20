# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the sensor over a capture and gives its events. Shared by the replay tests; standard library only."""
import json
import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
SHARED = TOP.parent / "shared"  # reference material that is not ours to copy: tests that need it say so and are skipped
SKIPPED = 77                    # what ctest takes as "skipped"


def replay(sensor, capture, stdin=False, extra=(), expect_rc=0):
    """All lines of EVE that the capture gives, as text. Any complaint of the sensor or a sanitizer ends the test."""
    source = "-" if stdin else str(capture)
    command = [sensor, "-r", source, "-j", "--deterministic", "-S", str(TOP / "rules/jndi.rules"), *extra]
    with open(capture if stdin else os.devnull, "rb") as given:
        run = subprocess.run(command, stdin=given, capture_output=True, timeout=300)
    if run.returncode != expect_rc:
        sys.exit("%s\nexit status %d, expected %d\n%s" % (
            " ".join(command), run.returncode, expect_rc, run.stderr.decode(errors="replace")))
    return run.stdout.decode()


def events(text):
    """The events of EVE text. A line that is no JSON, or a key twice in one object, ends the test."""
    def unique(pairs):
        keys = [key for key, _ in pairs]
        if len(keys) != len(set(keys)):
            raise ValueError("a key twice in one object: %s" % keys)
        return dict(pairs)
    return [json.loads(line, object_pairs_hook=unique) for line in text.splitlines()]


def is_story(alert):
    """About an incident that has come further, not about what a rule saw."""
    return "stages" in facts(alert).get("incident", {})


def alerts(text):
    """Those about findings."""
    return [event for event in events(text) if event["event_type"] == "alert" and not is_story(event)]


def incidents(text):
    """What is known at the end of each incident that was told of: {id: incident}, in the order of their last alert."""
    last = {}
    for event in events(text):
        incident = facts(event).get("incident") if event["event_type"] == "alert" else None
        if incident and (is_story(event) or incident["id"] not in last):
            last.pop(incident["id"], None)
            last[incident["id"]] = dict(incident, lookup=facts(event).get("lookup"))
            last.pop(incident.get("merged"), None)
    return last


def facts(alert):
    """What the alert says of the attack itself: alert.context.jndi."""
    return alert["alert"].get("context", {}).get("jndi", {})


def differences(expected, found, where):
    """Where found does not hold what expected lists: one line each."""
    if isinstance(expected, dict) and set(expected) == {"has"}:
        missing = [x for x in expected["has"] if x not in (found or [])]
        return ["%s: %r lacks %r" % (where, found, missing)] if missing else []
    if isinstance(expected, dict):
        if not isinstance(found, dict):
            return ["%s: expected an object, found %r" % (where, found)]
        return [line for key, value in expected.items() for line in differences(value, found.get(key), where + "." + key)]
    return [] if expected == found else ["%s: expected %r, found %r" % (where, expected, found)]


def skip(reason):
    print("skipped: " + reason)
    sys.exit(SKIPPED)
