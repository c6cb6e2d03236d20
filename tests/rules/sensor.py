# SPDX-License-Identifier: GPL-2.0-or-later
"""A run of the sensor over one family, with the settings that the judge has."""
import json
import re
import subprocess

import family
import suricata
import table

SETTINGS = """vars:
  address-groups:
    HOME_NET: %(home)s
    EXTERNAL_NET: %(external)s
    HTTP_SERVERS: "$HOME_NET"
    NESTED: "[192.0.2.0/24,!192.0.2.80]"
  port-groups:
    HTTP_PORTS: "80"
    FEW: "[7000:7999,!7777]"
threshold-file: "%(thresholds)s"
stream:
  midstream: %(midstream)s
"""


def run(program, rules, captures, folder, thresholds="", midstream=True, home=None):
    """rules: a text. Gives (alerts, sids that were refused)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "threshold.config").write_text(thresholds)
    values = {"home": home or suricata.HOME, "external": home or '"!$HOME_NET"', "midstream": "yes" if midstream else "no",
              "thresholds": folder / "threshold.config" if thresholds else ""}
    (folder / "sensor.yaml").write_text(SETTINGS % values)
    (folder / "kit.rules").write_text(rules)
    command = [program, "-c", str(folder / "sensor.yaml"), "-S", str(folder / "kit.rules"), "-j", "-k", "none",
          "--deterministic", "--skip-bad-rules"]
    for capture in captures:
        command += ["-r", str(capture)]
    done = subprocess.run(command, capture_output=True, timeout=300)
    errors = done.stderr.decode(errors="replace")
    if done.returncode:
        raise SystemExit("%s\nexit status %d\n%s" % (" ".join(command), done.returncode, errors[-4000:]))
    refused = {int(s) for s in re.findall(r"kit\.rules:\d+: sid (\d+): (?!no classtype)", errors)}
    events = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return [e for e in events if e["event_type"] == "alert"], refused


def ask(program, fam, folder):
    folder.mkdir(parents=True, exist_ok=True)
    capture = folder / "capture.pcap"
    capture.write_bytes(fam.capture())
    alerts, refused = run(program, fam.file(), [capture], folder, fam.thresholds)
    return table.counted(alerts, fam), {family.number(sid) for sid in refused}
