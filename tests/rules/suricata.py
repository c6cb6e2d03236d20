# SPDX-License-Identifier: GPL-2.0-or-later
"""Suricata as the judge: settings that hang on nothing outside this file, and a run over one capture.

What is set other than in the file that Suricata ships, and why: memory ceilings raised (at its defaults it drops
segments); chunks of a stream not of random size (two runs agree); as many alerts per packet as there are rules."""
import json
import re
import shutil
import subprocess

VERSION = "7.0.10"
PROTOCOLS = ("tls", "http", "http2", "dns", "ssh", "ftp", "smtp", "imap", "rdp", "sip", "mqtt", "snmp", "dcerpc", "smb", "rfb",
      "tftp")
CLASSES = {"attempted-admin": 1, "attempted-user": 1, "attempted-recon": 2, "bad-unknown": 2, "not-suspicious": 3,
      "misc-activity": 3,
           "misc-attack": 2, "trojan-activity": 1, "web-application-attack": 1, "policy-violation": 1, "domain-c2": 1,
           "command-and-control": 1,
           "protocol-command-decode": 3, "successful-admin": 1, "web-application-activity": 2, "successful-recon-limited": 2, "targeted-activity": 1,
           "exploit-kit": 1, "coin-mining": 1, "unknown": 3, "string-detect": 3, "default-login-attempt": 2,
           "credential-theft": 1,
           "social-engineering": 2, "pup-activity": 2, "external-ip-check": 2, "network-scan": 3, "denial-of-service": 2}
HOME = '"[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12,192.0.2.0/24,2001:db8:1::/48]"'
SETTINGS = """%YAML 1.1
---
vars:
  address-groups:
    HOME_NET: %(home)s
    EXTERNAL_NET: %(external)s
    HTTP_SERVERS: "$HOME_NET"
    NESTED: "[192.0.2.0/24,!192.0.2.80]"
  port-groups:
    HTTP_PORTS: "80"
    FEW: "[7000:7999,!7777]"
outputs:
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
      types: [alert]
packet-alert-max: 255
max-pending-packets: 1024
classification-file: %(folder)s/classification.config
reference-config-file: %(folder)s/reference.config
threshold-file: %(folder)s/threshold.config
flow: {memcap: 512mb, hash-size: 65536, prealloc: 100}
host: {memcap: 64mb, hash-size: 4096, prealloc: 100}
ippair: {memcap: 64mb, hash-size: 4096, prealloc: 100}
defrag: {memcap: 64mb, hash-size: 4096, max-frags: 4096, prealloc: yes}
stream:
  memcap: 1gb
  checksum-validation: no
  inline: no
  prealloc-sessions: 128
  midstream: %(midstream)s
  async-oneside: %(midstream)s
  reassembly: {memcap: 2gb, depth: 1mb, toserver-chunk-size: 2560, toclient-chunk-size: 2560, randomize-chunk-size: no}
app-layer:
  protocols:
%(protocols)s
    http:
      enabled: yes
      libhtp:
        default-config:
          personality: IDS
          request-body-limit: 100kb
          response-body-limit: 100kb
          request-body-minimal-inspect-size: 32kb
          request-body-inspect-window: 4kb
          response-body-minimal-inspect-size: 40kb
          response-body-inspect-window: 16kb
          response-body-decompress-layer-limit: 2
          http-body-inline: auto
          swf-decompression: {enabled: no}
          randomize-inspection-sizes: no
          double-decode-path: no
          double-decode-query: no
"""


def installed():
    if not shutil.which("suricata"):
        return False
    return VERSION in subprocess.run(["suricata", "-V"], capture_output=True, text=True).stdout


def run(folder, rules, capture, thresholds="", midstream=True, home=None):
    """rules, thresholds: texts; capture: a path; home: both HOME_NET and EXTERNAL_NET instead of the kit's. Gives (alerts of eve.json, sids that were refused)."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    protocols = "\n".join("    %s: {enabled: yes}" % p for p in PROTOCOLS if p not in ("http", "dns"))
    protocols += "\n    dns: {tcp: {enabled: yes}, udp: {enabled: yes}}"
    values = {"folder": folder, "protocols": protocols, "midstream": "true" if midstream else "false",
              "home": home or HOME, "external": home or '"!$HOME_NET"'}
    settings = re.sub(r"%\((\w+)\)s", lambda m: str(values[m.group(1)]), SETTINGS)
    (folder / "suricata.yaml").write_text(settings)
    (folder / "classification.config").write_text("".join("config classification: %s,%s,%d\n" % (c, c, p) for c,
          p in sorted(CLASSES.items())))
    (folder / "reference.config").write_text("config reference: url http://\nconfig reference: cve http://cve.example/\nconfig reference: md5 http://md5.example/\n")
    (folder / "threshold.config").write_text(thresholds)
    (folder / "kit.rules").write_text(rules)
    done = subprocess.run(["suricata", "-c", str(folder / "suricata.yaml"), "-S", str(folder / "kit.rules"), "-r",
          str(capture), "-l", str(folder),
                           "-k", "none", "--runmode", "single", "--set", "logging.outputs.0.console.enabled=yes"],
                          capture_output=True, text=True, timeout=300)
    eve = folder / "eve.json"
    if done.returncode or not eve.exists():
        raise SystemExit("suricata, exit status %d:\n%s" % (done.returncode, (done.stdout + done.stderr)[-3000:]))
    refused = {int(s) for line in (done.stdout + done.stderr).splitlines() if "error parsing signature" in line
               for s in re.findall(r"sid:\s*(\d+)", line)}
    events = [json.loads(line) for line in eve.read_text().splitlines()]
    return [e for e in events if e["event_type"] == "alert"], refused
