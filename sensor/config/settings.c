/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/settings.h"

#define KB UINT64_C(1024)
#define MB (1024 * KB)
#define GB (1024 * MB)
#define TB (1024 * GB)
#define MS UINT64_C(1000)
#define S  (1000 * MS)
#define H  (3600 * S)
#define D  (24 * H)

#define AT(field)      .at = offsetof(struct config, field)
#define AT_CARD(field) .at = offsetof(struct config_interface, field)

/* In the order a packet meets them; sensor.yaml.example, --explain and docs/SETTINGS.md keep it. */
const struct setting settings[] = {
    {"vars.address-groups", SET_GROUPS, .text = "", AT(address_groups),
     .help =
         "names for networks that rules use: addresses, CIDR, lists, ! and $OTHER; added to the ones below"},
    {"vars.address-groups.HOME_NET", SET_GROUP, .text = "[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12,fc00::/7]",
     AT(address_groups), .help = "the networks that are watched over"},
    {"vars.address-groups.EXTERNAL_NET", SET_GROUP, .text = "!$HOME_NET", AT(address_groups),
     .help = "everybody else; any, when attackers may sit inside"},
    {"vars.address-groups.LDAP_ALLOWED", SET_GROUP, .text = "[]", AT(address_groups),
     .help = "directory servers that home hosts may ask as they like: the asking is told once in an hour, "
             "lowered; none by default"},
    {"vars.address-groups.SCANNERS", SET_GROUP, .text = "[]", AT(address_groups),
     .help = "your own scanners: alerts about what they send are lowered and labelled, none is left out"},
    {"vars.address-groups.HTTP_SERVERS", SET_GROUP, .text = "$HOME_NET", AT(address_groups),
     .help = "targets of rules that were written for web servers"},
    {"vars.port-groups", SET_GROUPS, .text = "", AT(port_groups),
     .help = "names for ports that rules use; added to the ones below"},
    {"vars.port-groups.HTTP_PORTS", SET_GROUP, .text = "any", AT(port_groups),
     .help = "any: protocols are recognised by content on every port"},

    {"sensor-name", SET_TEXT, .text = "", AT(sensor_name), .help = "EVE's host; empty: not written"},
    {"default-log-dir", SET_PATH, .text = "/var/log/jndi-sensor/", AT(log_dir),
     .help = "where outputs are written; must exist"},
    {"default-rule-path", SET_TEXT, .text = "", AT(rule_path),
     .help = "where relative rule-files are looked for; empty: the rules that came with the program"},
    {"rule-files", SET_FILES, .text = "*.rules", AT(rule_files),
     .help = "rule files, * and ? allowed; -S replaces them, -s adds to them"},
    {"threshold-file", SET_TEXT, .text = "", AT(threshold_file),
     .help = "how often rules may speak, and of whom they never do: threshold and suppress as in Suricata's "
             "threshold.config; empty: none"},
    {"classification-file", SET_TEXT, .text = "", AT(classification_file),
     .help = "classtypes of your own, in the words of Suricata's classification.config; they go before those "
             "built in; empty: none"},
    {"run-as.user", SET_TEXT, .text = "", AT(run_as_user),
     .help = "who a sensor that root started becomes, also for its files; empty: jndi-sensor or nobody, "
             "with files of the log directory's owner"},
    {"run-as.group", SET_TEXT, .text = "", AT(run_as_group), .help = "with which group; empty: the user's"},

    {"workers", SET_WORKERS, .def = 0, .min = 0, .max = CONFIG_MAX_WORKERS, AT(workers),
     .help = "processes that share the packets; auto: one for each core; one for captures below 1 GB. "
             "flow.memcap and "
             "stream.memcap are divided among them"},
    {"supervision.hang-timeout", SET_TIME, 10 * S, 1 * S, H, AT(hang_timeout_us),
     .help = "a worker that works on one frame for so long is killed and replaced"},
    {"supervision.quarantine-packets", SET_COUNT, 0, 0, 4096, AT(quarantine_packets),
     .help = "frames kept for each worker, at most 64 KB of each, and written to default-log-dir when it "
             "dies; 0: none"},
    {"supervision.quarantine-files", SET_COUNT, 16, 1, 10000, AT(quarantine_files),
     .help = "files of such frames; after that the first is replaced"},
    {"channel.memcap", SET_SIZE, 16 * MB, 1 * MB, 1 * GB, AT(channel_memcap),
     .help = "what each worker keeps for a collector that is busy, live; beyond it records are dropped, "
             "alerts last"},

    {"af-packet", SET_INTERFACES, .text = "[]", AT(interfaces),
     .help = "interfaces to watch when neither -i nor -r is given"},
    {"af-packet.interface", SET_PATH, .text = "", AT_CARD(name), .help = "its name; each entry needs one"},
    {"af-packet.bpf-filter", SET_TEXT, .text = "", AT_CARD(bpf_filter),
     .help = "capture filter of this interface"},
    {"af-packet.buffer-size", SET_SIZE, 64 * MB, 64 * KB, 2 * GB - 1, AT_CARD(buffer_size),
     .help = "the kernel's ring for this interface, of each worker"},
    {"af-packet.snaplen", SET_COUNT, 262144, 256, 262144, AT_CARD(snaplen),
     .help = "bytes kept of each frame; what is cut off is not inspected"},
    {"af-packet.disable-promisc", SET_BOOL, .def = false, AT_CARD(disable_promisc),
     .help = "see only frames addressed to this host"},
    {"af-packet.cluster-id", SET_COUNT, 0, 0, 65535, AT_CARD(cluster_id),
     .help =
         "number of the group in which the workers share this interface; no other program may use it. 0: the "
         "kernel picks one"},
    {"pcap-file.checksum-checks", SET_CHECKS, .def = CHECKSUM_CHECKS_NO, AT(checksums),
     .help =
         "drop packets with a wrong IP, TCP or UDP checksum, live as well; captures made on one of the two "
         "hosts have them. auto: unless the first packets are full of them"},

    {"decoder.mpls", SET_BOOL, .def = true, AT(mpls), .help = "look below MPLS labels"},
    {"decoder.pppoe", SET_BOOL, .def = true, AT(pppoe), .help = "look into PPPoE sessions"},
    {"decoder.gre", SET_BOOL, .def = true, AT(gre), .help = "open GRE"},
    {"decoder.erspan", SET_BOOL, .def = true, AT(erspan),
     .help = "open ERSPAN (I to III), which comes in GRE"},
    {"decoder.ip-in-ip", SET_BOOL, .def = true, AT(ip_in_ip), .help = "open IPv4 and IPv6 in either of them"},
    {"decoder.vxlan.enabled", SET_BOOL, .def = true, AT(vxlan), .help = "open VXLAN"},
    {"decoder.vxlan.ports", SET_PORTS, .text = "4789, 4790, 8472", AT(vxlan_ports),
     .help = "UDP ports it is looked for on; 4790 is for VXLAN-GPE, 8472 Linux's of before a number was "
             "assigned"},
    {"decoder.geneve.enabled", SET_BOOL, .def = true, AT(geneve), .help = "open GENEVE"},
    {"decoder.geneve.ports", SET_PORTS, .text = "6081", AT(geneve_ports),
     .help = "UDP ports it is looked for on"},
    {"decoder.gtp.enabled", SET_BOOL, .def = true, AT(gtp),
     .help = "open GTP-U (mobile networks' user data)"},
    {"decoder.gtp.ports", SET_PORTS, .text = "2152", AT(gtp_ports), .help = "UDP ports it is looked for on"},
    {"decoder.tzsp.enabled", SET_BOOL, .def = true, AT(tzsp), .help = "open TZSP (what routers mirror)"},
    {"decoder.tzsp.ports", SET_PORTS, .text = "37008", AT(tzsp_ports),
     .help = "UDP ports it is looked for on"},
    {"decoder.max-layers", SET_COUNT, 8, 1, 64, AT(max_layers),
     .help = "tags, labels, tunnels and IP headers around one packet"},
    {"decoder.tunnel-tracking", SET_BOOL, .def = true, AT(tunnel_tracking),
     .help =
         "tell flows of the same addresses apart by the network that their tunnel names (VNI, key, label)"},
    {"vlan.use-for-tracking", SET_BOOL, .def = true, AT(vlan_tracking),
     .help = "tell flows of the same addresses apart by their VLANs; no: where VLANs change on the way"},
    {"flow.memcap", SET_SIZE, 128 * MB, 1 * MB, 64 * GB, AT(flow_memcap),
     .help = "the flow table; full, it closes the flow least recently seen"},
    {"flow.timeouts.new", SET_TIME, 30 * S, 1 * S, D, AT(flow_new_us),
     .help = "a TCP flow before its handshake is over"},
    {"flow.timeouts.established", SET_TIME, 300 * S, 1 * S, D, AT(flow_established_us),
     .help = "a TCP flow without packets"},
    {"flow.timeouts.closed", SET_TIME, 10 * S, 1 * S, D, AT(flow_closed_us),
     .help = "a TCP flow after FIN or RST"},
    {"flow.timeouts.udp", SET_TIME, 30 * S, 1 * S, D, AT(flow_udp_us), .help = "a UDP flow without packets"},
    {"stream.memcap", SET_SIZE, 256 * MB, 4 * MB, 64 * GB, AT(stream_memcap),
     .help = "reassembly queues and inspectors' windows together"},
    {"stream.depth", SET_SIZE, 0, 0, 1 * GB, AT(stream_depth),
     .help = "bytes inspected of each direction; 0: all"},
    {"stream.midstream", SET_BOOL, .def = true, AT(stream_midstream),
     .help = "follow TCP flows whose handshake was not seen"},
    {"stream.anomaly-rate", SET_COUNT, 1000, 1, 1000000, AT(anomaly_rate),
     .help =
         "anomaly events in one second, of all flows; each flow shows a kind once, and once more its count"},
    {"defrag.memcap", SET_SIZE, 32 * MB, 256 * KB, 4 * GB, AT(defrag_memcap),
     .help = "fragments that wait for others"},
    {"defrag.timeout", SET_TIME, 60 * S, 1 * S, 600 * S, AT(defrag_timeout_us),
     .help = "how long a fragment waits for the others"},

    {"app-layer.protocols.http.enabled", SET_BOOL, .def = true, AT(http),
     .help = "read HTTP/1; no: scanned as raw"},
    {"app-layer.protocols.http.request-body-limit", SET_SIZE, 256 * KB, 1 * KB, 64 * MB,
     AT(http_request_body_limit),
     .help = "bytes of a request body kept together; beyond it a window moves along"},
    {"app-layer.protocols.http.response-body-limit", SET_SIZE, 4 * KB, 0, 64 * MB,
     AT(http_response_body_limit), .help = "bytes scanned of a response body"},
    {"app-layer.protocols.http.decompress-limit", SET_SIZE, 1 * MB, 4 * KB, 64 * MB,
     AT(http_decompress_limit), .help = "bytes that one compressed body may become"},
    {"app-layer.protocols.http.decompress-ratio", SET_COUNT, 100, 1, 10000, AT(http_decompress_ratio),
     .help = "how many times its size a compressed body may become"},
    {"app-layer.protocols.http.decompress-layers", SET_COUNT, 4, 1, 8, AT(http_decompress_layers),
     .help = "codings that are undone, one inside the other"},
    {"app-layer.protocols.http.decompress-responses", SET_BOOL, .def = true, AT(http_decompress_responses),
     .help = "undo codings of responses, too, as far as response-body-limit wants"},
    {"app-layer.protocols.http.decompress-memcap", SET_SIZE, 48 * MB, 1 * MB, 1 * GB,
     AT(http_decompress_memcap),
     .help = "memory of all decompressors together; without room a body is judged as sent"},
    {"app-layer.protocols.http2.enabled", SET_BOOL, .def = true, AT(http2),
     .help = "read HTTP/2 in clear; no: scanned as raw"},
    {"app-layer.protocols.http2.max-streams", SET_COUNT, 128, 1, 4096, AT(http2_max_streams),
     .help = "streams of one connection followed at once"},
    {"app-layer.protocols.http2.max-table-size", SET_SIZE, 64 * KB, 4 * KB, 1 * MB, AT(http2_max_table_size),
     .help = "largest header compression table of one direction"},
    {"app-layer.protocols.http2.memcap", SET_SIZE, 32 * MB, 256 * KB, 4 * GB, AT(http2_memcap),
     .help = "memory for the streams and header compression tables of all connections"},
    {"app-layer.protocols.websocket.enabled", SET_BOOL, .def = true, AT(websocket),
     .help = "read WebSocket; no: scanned as raw"},
    {"app-layer.protocols.websocket.memcap", SET_SIZE, 32 * MB, 256 * KB, 4 * GB, AT(websocket_memcap),
     .help = "memory for the compression contexts of all connections"},
    {"app-layer.protocols.dns.enabled", SET_BOOL, .def = true, AT(dns),
     .help = "read DNS; no: scanned as raw"},
    {"app-layer.protocols.ldap.enabled", SET_BOOL, .def = true, AT(ldap),
     .help = "read LDAP; no: scanned as raw"},
    {"app-layer.protocols.ldap.max-pdu", SET_SIZE, 1 * MB, 1 * KB, 64 * MB, AT(ldap_max_pdu),
     .help = "the largest LDAP message that is waited for; of longer answers values are cut to a quarter, 64 KB at most"},
    {"app-layer.protocols.rmi.enabled", SET_BOOL, .def = true, AT(rmi),
     .help = "read RMI (JRMP); no: scanned as raw"},
    {"app-layer.protocols.rmi.max-object", SET_SIZE, 256 * KB, 1 * KB, 16 * MB, AT(rmi_max_object),
     .help = "the largest serialized object that is waited for"},
    {"app-layer.protocols.giop.enabled", SET_BOOL, .def = true, AT(giop),
     .help = "read GIOP (CORBA, IIOP); no: scanned as raw"},
    {"app-layer.protocols.giop.max-message", SET_SIZE, 256 * KB, 1 * KB, 16 * MB, AT(giop_max_message),
     .help = "the largest GIOP message, its fragments together, that is waited for"},
    {"app-layer.protocols.tls.max-handshake", SET_SIZE, 64 * KB, 1 * KB, 16 * MB, AT(tls_max_handshake),
     .help = "the largest message of a TLS handshake (a chain of certificates) that is waited for"},
    {"app-layer.protocols.smtp.enabled", SET_BOOL, .def = true, AT(smtp),
     .help = "read SMTP and the mails in it; no: scanned as raw"},
    {"app-layer.protocols.sip.enabled", SET_BOOL, .def = true, AT(sip),
     .help = "read SIP; no: scanned as raw"},
    {"app-layer.protocols.syslog.enabled", SET_BOOL, .def = true, AT(syslog),
     .help = "read syslog; no: scanned as raw"},
    {"app-layer.protocols.gelf.enabled", SET_BOOL, .def = true, AT(gelf),
     .help = "read GELF over UDP; no: scanned as raw"},
    {"app-layer.protocols.mqtt.enabled", SET_BOOL, .def = true, AT(mqtt),
     .help = "read MQTT; no: scanned as raw"},
    {"app-layer.protocols.proxy.enabled", SET_BOOL, .def = true, AT(proxy),
     .help = "look behind the PROXY protocol and SOCKS; no: scanned as raw"},
    {"app-layer.protocols.redis.enabled", SET_BOOL, .def = true, AT(redis),
     .help = "read Redis commands; no: scanned as raw"},
    {"app-layer.protocols.minecraft.enabled", SET_BOOL, .def = true, AT(minecraft),
     .help = "read Minecraft; no: scanned as raw"},
    {"app-layer.protocols.raw.enabled", SET_BOOL, .def = true, AT(raw),
     .help = "look for lookups in payload of no known protocol"},
    {"app-layer.protocols.raw.depth", SET_SIZE, 0, 0, 1 * GB, AT(raw_depth),
     .help = "bytes of each direction looked at in that way; 0: all"},

    {"app-layer.max-message", SET_SIZE, 64 * KB, 1 * KB, 16 * MB, AT(app_max_message),
     .help =
         "the largest message, line or header field that protocols without a setting of their own wait for"},
    {"app-layer.max-inflated", SET_SIZE, 256 * KB, 4 * KB, 64 * MB, AT(app_max_inflated),
     .help = "bytes that a compressed log or chat message may become, and at most 100 times its size"},

    {"sighting-rules.memcap", SET_SIZE, 16 * MB, 256 * KB, 16 * GB, AT(sighting_memcap),
     .help =
         "memory for HTTP messages of which rules over sightings ask for more than the sighting has; full, "
         "the oldest goes"},
    {"traffic-rules.memcap", SET_SIZE, 64 * MB, 1 * MB, 16 * GB, AT(traffic_memcap),
     .help =
         "memory for what rules over plain traffic still need of streams and transactions; full, they see "
         "each piece alone"},
    {"traffic-rules.stream-depth", SET_SIZE, 1 * MB, 0, 1 * TB, AT(traffic_stream_depth),
     .help = "bytes of each direction of a connection that such rules are asked about; 0: all"},
    {"traffic-rules.body-limit", SET_SIZE, 100 * KB, 1 * KB, 16 * MB, AT(traffic_body_limit),
     .help = "bytes of one body or file that such rules are asked about"},

    {"lookup.max-depth", SET_COUNT, 32, 1, 128, AT(lookup_max_depth),
     .help = "${ inside ${ that are worked out"},
    {"lookup.max-input", SET_SIZE, 64 * KB, 256, 1 * MB, AT(lookup_max_input), .help = "bytes of one text"},
    {"lookup.max-steps", SET_COUNT, 20000, 100, 10000000, AT(lookup_max_steps),
     .help = "work for one text; spending it all is an alert of its own"},
    {"lookup.url-decode", SET_COUNT, 3, 0, 12, AT(lookup_url_decode),
     .help = "encodings removed one after the other"},

    {"correlate.memcap", SET_SIZE, 64 * MB, 1 * MB, 16 * GB, AT(correlate_memcap),
     .help = "memory for incidents and what is remembered to join them; full, attempts that led nowhere go "
             "first"},
    {"correlate.window", SET_TIME, 6 * H, 1 * S, 30 * D, AT(correlate_window_us),
     .help = "an incident that nothing was heard of for so long is over"},
    {"correlate.settle", SET_TIME, 3 * S, 100 * MS, 60 * S, AT(correlate_settle_us),
     .help = "how long a connection to a payload's server may take to show its first words before it is "
             "judged"},
    {"correlate.fold-window", SET_TIME, 300 * S, 0, 24 * H, AT(fold_window_us),
     .help = "the same from the same source to the same victim is told once, and once more at the end of so "
             "long with how often; 0s: each time"},
    {"correlate.threshold-memcap", SET_SIZE, 8 * MB, 64 * KB, 1 * GB, AT(threshold_memcap),
     .help = "memory for the counts of thresholds; full, the one asked for least recently begins anew"},
    {"correlate.show-secrets", SET_BOOL, .def = false, AT(show_secrets),
     .help =
         "write values that came back in a callback in full; no: first and last character, length, SHA-256"},

    {"iocs.files", SET_FILES, .text = "iocs/*.list", AT(ioc_files),
     .help = "lists of indicators (docs/IOCS.md), * and ? allowed; relative ones lie beside the rules"},
    {"iocs.allow-files", SET_FILES, .text = "[]", AT(allow_files),
     .help = "lists of the same form: what they name is yours, alerts about it are lowered and labelled"},
    {"iocs.never-files", SET_FILES, .text = "never-block.list", AT(never_files),
     .help = "lists of the same form: shared places, which outputs.learned never writes for a firewall to "
             "block; no labels"},
    {"iocs.max-items", SET_COUNT, 500000, 0, 10000000, AT(ioc_max_items),
     .help = "items of all lists of one kind together; more is an error"},
    {"iocs.fold", SET_TIME, H, 1 * S, 7 * D, AT(ioc_fold_us),
     .help = "further hits of one host on one indicator are told once, with their number, when so long is "
             "over"},
    {"iocs.fold-memcap", SET_SIZE, 4 * MB, 64 * KB, 1 * GB, AT(ioc_fold_memcap),
     .help = "memory for that; full, the eldest is told early"},

    {"outputs", SET_ENTRIES, .text = "eve-log, learned, exposure",
     .help = "the outputs; those not listed are off"},
    {"outputs.eve-log.enabled", SET_BOOL, .def = true, AT(eve), .help = "write EVE JSON lines to a file"},
    {"outputs.eve-log.filename", SET_NAME, .text = "eve.json", AT(eve_filename),
     .help = "its name in default-log-dir; -: standard output"},
    {"outputs.eve-log.filemode", SET_MODE, 0640, 0400, 0777, AT(eve_filemode),
     .help = "its mode when it is created"},
    {"outputs.eve-log.community-id", SET_BOOL, .def = true, AT(eve_community_id),
     .help = "the flow's hash that other tools know it by"},
    {"outputs.eve-log.community-id-seed", SET_COUNT, 0, 0, 65535, AT(eve_community_id_seed),
     .help = "the seed that the other tools use"},
    {"outputs.eve-log.pcap-file", SET_BOOL, .def = false, AT(eve_pcap_file),
     .help = "add pcap_filename when files are read"},
    {"outputs.eve-log.max-event-size", SET_SIZE, 8 * KB, 2 * KB, 1 * MB, AT(eve_max_event_size),
     .help = "longest line; payloads are shortened first (rsyslog cuts at 8 KiB)"},
    {"outputs.eve-log.types", SET_ENTRIES, .text = "alert, anomaly, stats, dns, tls, ldap, fileinfo, flow",
     .help = "kinds of lines; those not listed are off"},
    {"outputs.eve-log.types.alert.enabled", SET_BOOL, .def = true, AT(eve_alert),
     .help = "a line for each alert"},
    {"outputs.eve-log.types.alert.payload", SET_BOOL, .def = true, AT(eve_alert_payload),
     .help = "with the payload in base64"},
    {"outputs.eve-log.types.alert.payload-printable", SET_BOOL, .def = true, AT(eve_alert_payload_printable),
     .help = "with the payload as text"},
    {"outputs.eve-log.types.alert.payload-buffer-size", SET_SIZE, 2 * KB, 0, 64 * KB,
     AT(eve_payload_buffer_size), .help = "bytes of payload in an alert"},
    {"outputs.eve-log.types.alert.raw-strings", SET_SIZE, 1 * KB, 64, 64 * KB, AT(eve_raw_strings),
     .help = "longest raw or decoded text in alert.context.jndi"},
    {"outputs.eve-log.types.anomaly.enabled", SET_BOOL, .def = true, AT(eve_anomaly),
     .help = "a line for what ordinary hosts do not send: overlaps that differ, gaps, false resets ..."},
    {"outputs.eve-log.types.stats.enabled", SET_BOOL, .def = true, AT(eve_stats),
     .help = "a line of counters now and then"},
    {"outputs.eve-log.types.dns.enabled", SET_BOOL, .def = false, AT(eve_dns),
     .help = "a line for each DNS query and answer"},
    {"outputs.eve-log.types.tls.enabled", SET_BOOL, .def = false, AT(eve_tls),
     .help = "a line for each TLS hello, with its fingerprints"},
    {"outputs.eve-log.types.ldap.enabled", SET_BOOL, .def = false, AT(eve_ldap),
     .help = "a line for each LDAP request with its answers"},
    {"outputs.eve-log.types.ldap.memcap", SET_SIZE, 4 * MB, 64 * KB, 1 * GB, AT(eve_ldap_memcap),
     .help = "memory for requests that wait for their answers"},
    {"outputs.eve-log.types.fileinfo.enabled", SET_BOOL, .def = false, AT(eve_fileinfo),
     .help = "a line for each class file, JAR or serialized object that came by HTTP, LDAP or RMI"},
    {"outputs.eve-log.types.flow.enabled", SET_BOOL, .def = false, AT(eve_flow),
     .help = "a line for each flow when it ends"},

    {"outputs.learned.enabled", SET_BOOL, .def = false, AT(learned),
     .help = "write what incidents taught of attackers: files for nft, ipset and a SIEM (docs/IOCS.md)"},
    {"outputs.learned.filename", SET_NAME, .text = "learned", AT(learned_filename),
     .help = "what their names begin with, in default-log-dir"},
    {"outputs.learned.filemode", SET_MODE, 0640, 0400, 0777, AT(learned_filemode), .help = "their mode"},
    {"outputs.learned.from", SET_VERDICT, .def = 1, AT(learned_from),
     .help = "how far an incident must have come; attempted: whoever sends lookups decides what is blocked"},
    {"outputs.learned.max-items", SET_COUNT, 10000, 16, 1000000, AT(learned_max_items),
     .help = "indicators kept; full, the one least recently met goes"},
    {"outputs.learned.interval", SET_TIME, 60 * S, 1 * S, D, AT(learned_interval_us),
     .help = "how often they are written when something changed, in packet time; and at the end"},
    {"outputs.exposure.enabled", SET_BOOL, .def = false, AT(exposure),
     .help = "write what was learned about each home host: Java versions, JNDI, callbacks"},
    {"outputs.exposure.filename", SET_NAME, .text = "exposure.jsonl", AT(exposure_filename),
     .help = "its name in default-log-dir"},
    {"outputs.exposure.filemode", SET_MODE, 0640, 0400, 0777, AT(exposure_filemode), .help = "its mode"},
    {"outputs.exposure.max-hosts", SET_COUNT, 10000, 16, 1000000, AT(exposure_max_hosts),
     .help = "hosts kept; full, the one least recently heard of goes"},
    {"outputs.exposure.interval", SET_TIME, H, 1 * S, 30 * D, AT(exposure_interval_us),
     .help = "how often it is written, in packet time; and at the end"},

    {"control.socket", SET_TEXT, .text = "auto", AT(control_socket),
     .help =
         "where jndi-sensor ctl and suricatasc may ask and command; auto: /run/jndi-sensor/control.socket "
         "while interfaces are watched, when that directory is there; no: nowhere"},
    {"control.group", SET_TEXT, .text = "", AT(control_group),
     .help = "whose members may connect, beside root and the sensor's own user; empty: its own group"},
    {"control.clients", SET_COUNT, 8, 1, 64, AT(control_clients),
     .help = "connected at once; the next one takes the place of whoever has been silent longest"},

    {"stats.enabled", SET_BOOL, .def = true, AT(stats), .help = "publish the counters"},
    {"stats.interval", SET_TIME, 30 * S, 1 * S, D, AT(stats_interval_us),
     .help = "how often, in packet time"},
    {"stats.drop-alarm", SET_COUNT, 1, 0, 100, AT(drop_alarm),
     .help = "percent of an interval's frames; when the kernel drops more, a warning and an engine event say "
             "so. 0: never"},
    {"logging.default-log-level", SET_LEVEL, .def = LOG_LEVEL_NOTICE, AT(log_level),
     .help = "messages on standard error: error, warning, notice, info or debug; -q and -v go first"},
};
const unsigned n_settings = sizeof settings / sizeof *settings;

const struct setting *setting_find(const char *key)
{
    for (unsigned i = 0; i < n_settings; i++)
        if (strcmp(settings[i].key, key) == 0)
            return &settings[i];
    return NULL;
}

/* What follows "section." in key, or NULL when key is not below it. */
static const char *below(const char *key, const char *section)
{
    size_t len = strlen(section);

    if (len == 0)
        return key;
    return strncmp(key, section, len) == 0 && key[len] == '.' ? key + len + 1 : NULL;
}

bool setting_is_section(const char *key)
{
    for (unsigned i = 0; i < n_settings; i++)
        if (below(settings[i].key, key))
            return true;
    return false;
}

const struct setting *setting_switch(const char *key)
{
    for (unsigned i = 0; i < n_settings; i++) {
        const char *rest = below(settings[i].key, key);

        if (rest && strcmp(rest, "enabled") == 0)
            return &settings[i];
    }
    return NULL;
}

#define MAX_WORDS  32
#define WORD_SPACE 32

/* The words that may follow section, each once: rows of one section stand together. */
static unsigned words_below(const char *section, char words[MAX_WORDS][WORD_SPACE])
{
    unsigned n = 0;

    for (unsigned i = 0; i < n_settings && n < MAX_WORDS; i++) {
        const char *rest = below(settings[i].key, section);
        size_t len = rest ? strcspn(rest, ".") : 0;

        if (len == 0 || len >= WORD_SPACE)
            continue;
        memcpy(words[n], rest, len);
        words[n][len] = '\0';
        if (n == 0 || strcmp(words[n], words[n - 1]) != 0)
            n++;
    }
    return n;
}

bool setting_complain_unknown(const char *section, const char *word, const struct spot *at)
{
    char words[MAX_WORDS][WORD_SPACE];
    const char *candidates[MAX_WORDS], *meant;
    unsigned n = words_below(section, words);

    for (unsigned i = 0; i < n; i++)
        candidates[i] = words[i];
    meant = nearest_word(word, candidates, n);
    return spot_complain(at, "unknown key '%.64s'%s%.64s%s%s%s", word, *section ? " in " : "", section,
                         meant ? ", did you mean '" : "; --explain lists all keys", meant ? meant : "",
                         meant ? "'?" : "");
}
