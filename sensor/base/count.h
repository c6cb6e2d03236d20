/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_COUNT_H
#define BASE_COUNT_H

#include <stdbool.h>
#include <stdint.h>

/* Every counter of the sensor, one row each: symbol, name as published, kind, one sentence.
 * LOSS marks data that was not inspected or not written: the summary lists those that are not zero. */
#define COUNTERS(X) \
    X(CAPTURE_FRAMES, "capture.frames", INFO, "frames read") \
    X(CAPTURE_BYTES, "capture.bytes", INFO, "bytes of those frames") \
    X(CAPTURE_FILES, "capture.files", INFO, "capture files opened") \
    X(CAPTURE_KERNEL_PACKETS, "capture.kernel_packets", INFO, \
      "frames for which the kernel was asked: read, dropped or left behind") \
    X(CAPTURE_KERNEL_DROPS, "capture.kernel_drops", LOSS, "frames the kernel dropped before they were read") \
    X(CAPTURE_LEFT, "capture.left_behind", LOSS, \
      "frames left in a ring by a worker that died, an interface that went away or a stop that took too " \
      "long") \
    X(CAPTURE_INTERFACE_DROPS, "capture.interface_drops", LOSS, "frames the interface dropped") \
    X(CAPTURE_BAD_FILES, "capture.bad_files", LOSS, "files that could not be read, or not to their end") \
    X(CAPTURE_INTERFACE_DOWN, "capture.interface_down", INFO, "times that an interface went down") \
    X(CAPTURE_LOST_INTERFACES, "capture.lost_interfaces", LOSS, "times that an interface went away") \
    X(CAPTURE_SNAPPED, "capture.snapped", LOSS, "frames captured without their tail (snap length)") \
    X(DECODE_LINK_UNKNOWN, "decode.link_unknown", LOSS, \
      "frames of a link type, in a tunnel or of a transport that is not opened") \
    X(DECODE_NOT_IP, "decode.not_ip", INFO, "frames that carry no IP (ARP and the like)") \
    X(DECODE_MALFORMED, "decode.malformed", LOSS, \
      "packets whose headers contradict themselves or end early") \
    X(DECODE_TOO_DEEP, "decode.too_deep", LOSS, "packets with more layers than decoder.max-layers") \
    X(DECODE_IPV4, "decode.ipv4", INFO, "IPv4 packets") \
    X(DECODE_IPV6, "decode.ipv6", INFO, "IPv6 packets") \
    X(DECODE_VLAN, "decode.vlan", INFO, "frames with at least one VLAN tag") \
    X(DECODE_MPLS, "decode.mpls", INFO, "MPLS label stacks") \
    X(DECODE_PPPOE, "decode.pppoe", INFO, "PPPoE session frames") \
    X(DECODE_IP_IN_IP, "decode.ip_in_ip", INFO, "IP packets right inside IP packets") \
    X(DECODE_GRE, "decode.gre", INFO, "GRE headers") \
    X(DECODE_PPTP, "decode.pptp", INFO, "PPTP headers (GRE version 1)") \
    X(DECODE_ERSPAN, "decode.erspan", INFO, "ERSPAN headers") \
    X(DECODE_VXLAN, "decode.vxlan", INFO, "VXLAN headers") \
    X(DECODE_GENEVE, "decode.geneve", INFO, "GENEVE headers") \
    X(DECODE_GTP, "decode.gtp", INFO, "GTP-U headers") \
    X(DECODE_TZSP, "decode.tzsp", INFO, "TZSP headers") \
    X(DECODE_TUNNEL_SHUT, "decode.tunnel_shut", LOSS, \
      "UDP tunnel packets whose inside could not be read, judged as they are") \
    X(DECODE_FRAGMENTS, "decode.fragments", INFO, "IP fragments") \
    X(DECODE_TCP, "decode.tcp", INFO, "TCP segments") \
    X(DECODE_UDP, "decode.udp", INFO, "UDP datagrams") \
    X(DECODE_UNREACHABLE, "decode.unreachable", INFO, \
      "ICMP messages that a segment or datagram could not be delivered") \
    X(DECODE_OTHER, "decode.other_transport", INFO, \
      "packets that carry no data of applications (ICMP and the like)") \
    X(DECODE_BAD_CHECKSUM, "decode.bad_checksum", LOSS, "packets dropped for a wrong checksum (-k all)") \
    X(DECODE_CHECKSUM_TAKEN, "decode.checksum_taken", INFO, \
      "packets taken in spite of a wrong checksum (-k auto)") \
    X(DECODE_CHECKSUMS_OFF, "decode.checksums_off", INFO, \
      "1 when too many checksums were wrong to mean anything (-k auto)") \
    X(DEFRAG_DATAGRAMS, "defrag.datagrams", INFO, "datagrams put together from fragments") \
    X(DEFRAG_OVERLAPS, "defrag.overlaps", LOSS, \
      "fragmented datagrams thrown away because fragments overlap") \
    X(DEFRAG_COPIES, "defrag.differing_copies", INFO, \
      "fragments that came again with other bytes; the first copy is what Linux takes, both are judged") \
    X(DEFRAG_EVICTED, "defrag.evicted", LOSS, "fragmented datagrams given up for age or for room") \
    X(DEFRAG_LOST_BYTES, "defrag.lost_bytes", LOSS, "bytes of the fragments of both") \
    X(FLOW_TCP, "flow.tcp", INFO, "TCP flows") \
    X(FLOW_UDP, "flow.udp", INFO, "UDP flows") \
    X(FLOW_EVICTED, "flow.evicted", LOSS, "flows closed early because the flow table was full") \
    X(FLOW_HALF_OPEN, "flow.half_open_evicted", INFO, \
      "flows without a byte that made room for others: SYNs never answered, and the like") \
    X(FLOW_REFUSED, "flow.refused", INFO, "TCP connections that the server refused") \
    X(FLOW_UNREACHABLE, "flow.unreachable", INFO, \
      "flows whose server, or its network, an ICMP message calls unreachable") \
    X(FLOW_UNANSWERED, "flow.unanswered", INFO, "TCP connections that nobody answered") \
    X(FLOW_TIMEOUT, "flow.timeout", INFO, "flows closed after a time without packets") \
    X(STREAM_PAYLOAD_BYTES, "stream.payload_bytes", INFO, \
      "captured payload bytes of TCP and UDP: the sum of the rows that name it") \
    X(STREAM_BYTES, "stream.bytes", INFO, "of payload_bytes: given to the inspectors") \
    X(STREAM_ASIDE_BYTES, "stream.aside_bytes", INFO, \
      "of payload_bytes: judged beside the stream, as another version of it or as urgent") \
    X(STREAM_RETRANSMITTED_BYTES, "stream.retransmitted_bytes", INFO, "of payload_bytes: nothing new") \
    X(STREAM_BAD_BYTES, "stream.bad_bytes", INFO, \
      "of payload_bytes: in segments that a Linux host ignores, or after the end") \
    X(STREAM_OUT_OF_WINDOW_BYTES, "stream.out_of_window_bytes", LOSS, \
      "of payload_bytes: beyond anything the receiver would take") \
    X(STREAM_MIDSTREAM_OFF_BYTES, "stream.midstream_ignored_bytes", LOSS, \
      "of payload_bytes: of flows without a handshake, ignored as set") \
    X(STREAM_UNREAD_BYTES, "stream.unread_bytes", INFO, \
      "of payload_bytes: what inspectors wanted no more of (TLS, bodies beyond their limit ...)") \
    X(STREAM_MIDSTREAM, "stream.midstream", INFO, "TCP flows picked up without a handshake") \
    X(STREAM_GAPS, "stream.gaps", LOSS, "holes in TCP streams") \
    X(STREAM_GAP_BYTES, "stream.gap_bytes", LOSS, "bytes missing in those holes") \
    X(STREAM_MIDSTREAM_OFF, "stream.midstream_ignored", LOSS, \
      "segments of flows without a handshake, ignored as set") \
    X(STREAM_OUT_OF_WINDOW, "stream.out_of_window", LOSS, \
      "segments beyond anything the receiver would take") \
    X(STREAM_BAD_SEGMENTS, "stream.bad_segments", INFO, \
      "segments that a Linux host ignores (flags, header length)") \
    X(STREAM_RETRANSMITTED, "stream.retransmitted", INFO, "segments that bring nothing new") \
    X(STREAM_RST_IGNORED, "stream.rst_ignored", INFO, "resets with an inexact sequence number, ignored") \
    X(STREAM_DEPTH_BYTES, "stream.depth_bytes", LOSS, "of payload_bytes: beyond stream.depth") \
    X(STREAM_OUT_OF_ORDER, "stream.out_of_order", INFO, "segments that arrived before an earlier one") \
    X(STREAM_QUEUE_FULL, "stream.queue_full", LOSS, \
      "holes given up early because too much waited behind them") \
    X(STREAM_ANOMALIES, "stream.anomalies", INFO, "packets that an ordinary host does not send") \
    X(STREAM_ANOMALIES_UNTOLD, "stream.anomalies_untold", INFO, \
      "of those, without an event, as there were too many") \
    X(INSPECT_HTTP, "inspect.http", INFO, "flows recognised as HTTP/1") \
    X(INSPECT_HTTP2, "inspect.http2", INFO, "flows recognised as HTTP/2") \
    X(INSPECT_WEBSOCKET, "inspect.websocket", INFO, "flows recognised as WebSocket") \
    X(INSPECT_DNS, "inspect.dns", INFO, "flows recognised as DNS") \
    X(INSPECT_LDAP, "inspect.ldap", INFO, "flows recognised as LDAP") \
    X(INSPECT_RMI, "inspect.rmi", INFO, "flows recognised as RMI (JRMP)") \
    X(INSPECT_GIOP, "inspect.giop", INFO, "flows recognised as GIOP (CORBA, IIOP)") \
    X(INSPECT_SMTP, "inspect.smtp", INFO, "flows recognised as SMTP and the mails in it") \
    X(INSPECT_SIP, "inspect.sip", INFO, "flows recognised as SIP") \
    X(INSPECT_SYSLOG, "inspect.syslog", INFO, "flows recognised as syslog") \
    X(INSPECT_GELF, "inspect.gelf", INFO, "flows recognised as GELF over UDP") \
    X(INSPECT_MQTT, "inspect.mqtt", INFO, "flows recognised as MQTT") \
    X(INSPECT_PROXY, "inspect.proxy", INFO, "flows that begin with the PROXY protocol or SOCKS") \
    X(INSPECT_REDIS, "inspect.redis", INFO, "flows recognised as Redis commands") \
    X(INSPECT_MINECRAFT, "inspect.minecraft", INFO, "flows recognised as Minecraft") \
    X(INSPECT_TLS, "inspect.tls", INFO, "flows recognised as TLS, whose content cannot be read") \
    X(INSPECT_TLS_BYTES, "inspect.tls_bytes", LOSS, "payload bytes inside TLS") \
    X(INSPECT_SSH_BYTES, "inspect.ssh_bytes", LOSS, "payload bytes inside SSH, behind its key exchange") \
    X(INSPECT_RAW, "inspect.raw", INFO, "flows of no known protocol") \
    X(INSPECT_GAVE_UP, "inspect.gave_up", INFO, "directions that a parser left to the raw window") \
    X(INSPECT_SKIPPED_BYTES, "inspect.skipped_bytes", LOSS, "payload bytes beyond a body or raw depth") \
    X(INSPECT_BOMB, "inspect.bomb", LOSS, "compressed messages outside HTTP cut at their ceiling") \
    X(INSPECT_UNPACKED, "inspect.unpacked", INFO, "compressed texts found in streams of no known protocol") \
    X(INSPECT_PACKED_LEFT, "inspect.packed_left", INFO, \
      "what began like compressed text, left for what did later") \
    X(INSPECT_MEMORY, "inspect.memory", LOSS, "pieces not kept because memory was short") \
    X(HTTP_REQUESTS, "http.requests", INFO, "HTTP requests") \
    X(HTTP_RESPONSES, "http.responses", INFO, "HTTP responses") \
    X(HTTP_HEAD_CUT, "http.head_cut", INFO, "heads above 64 KB, judged in pieces") \
    X(HTTP_AMBIGUOUS, "http.ambiguous", INFO, "messages with contradictory framing, also scanned raw") \
    X(HTTP_BODY_CUT, "http.body_cut", INFO, "request bodies above the limit, judged in windows") \
    X(HTTP_RESPONSE_SKIPPED, "http.response_skipped_bytes", INFO, \
      "response body bytes beyond the limit, not judged") \
    X(HTTP_BAD_CODING, "http.bad_coding", INFO, \
      "bodies whose content coding could not be undone, scanned as sent") \
    X(HTTP_BOMB, "http.bomb", LOSS, "compressed bodies cut at the decompression ceiling") \
    X(HTTP2_FRAMES, "http2.frames", INFO, "HTTP/2 frames") \
    X(HTTP2_RESETS, "http2.resets", INFO, "HTTP/2 streams reset by either side") \
    X(HTTP2_STREAMS_EVICTED, "http2.streams_evicted", LOSS, \
      "HTTP/2 streams under way that made room for others: what came of them later was judged raw") \
    X(HTTP2_UNKNOWN_HEADERS, "http2.unknown_headers", LOSS, \
      "HTTP/2 headers that refer to what was sent before the capture began, or in a gap") \
    X(HTTP2_REPEATED_HEADERS, "http2.repeated_headers", INFO, \
      "HTTP/2 headers that only repeat what was judged before, left out because there were too many") \
    X(HTTP2_GAVE_UP, "http2.gave_up", LOSS, \
      "HTTP/2 directions left to the raw window, which cannot read Huffman's code") \
    X(WEBSOCKET_MESSAGES, "websocket.messages", INFO, "WebSocket messages") \
    X(WEBSOCKET_BOMB, "websocket.bomb", LOSS, \
      "compressed WebSocket messages cut at the decompression ceiling") \
    X(WEBSOCKET_BAD_CODING, "websocket.bad_coding", INFO, \
      "WebSocket messages called compressed that are not, judged as sent") \
    X(WEBSOCKET_CONTEXTS_EVICTED, "websocket.contexts_evicted", LOSS, \
      "compression contexts of WebSockets that made room for others: text that repeats earlier messages is " \
      "not seen") \
    X(DNS_MALFORMED, "dns.malformed", INFO, "DNS messages that could not be read to their end") \
    X(TLS_MALFORMED, "tls.malformed", INFO, \
      "TLS handshakes and certificates that could not be read to their end") \
    X(LDAP_LONG, "ldap.long", INFO, \
      "LDAP answers above app-layer.protocols.ldap.max-pdu, read with long values cut") \
    X(LDAP_MALFORMED, "ldap.malformed", INFO, "LDAP directions given up as malformed") \
    X(RMI_MALFORMED, "rmi.malformed", INFO, "RMI directions given up as malformed") \
    X(GIOP_MALFORMED, "giop.malformed", INFO, \
      "GIOP messages that could not be read, and directions given up") \
    X(DETECT_FIELDS, "detect.fields", INFO, "fields scanned") \
    X(DETECT_BYTES, "detect.bytes", INFO, "bytes scanned") \
    X(DETECT_TRIGGERS, "detect.triggers", INFO, "fields that the trigger marked for the resolver") \
    X(DETECT_LOOKUPS, "detect.lookups", INFO, "JNDI lookups resolved") \
    X(DETECT_BUDGET, "detect.budget", LOSS, "texts on which a resolver budget was spent") \
    X(DETECT_SCAN_FAILED, "detect.scan_failed", LOSS, "scans that the pattern matcher could not finish") \
    X(TRAFFIC_ASKED, "traffic.asked", INFO, "times that a rule over plain traffic was asked about contents") \
    X(TRAFFIC_MATCHED, "traffic.matched", INFO, "times that one matched") \
    X(TRAFFIC_DEPTH_BYTES, "traffic.depth_bytes", INFO, \
      "bytes behind traffic-rules.stream-depth: no rule over plain traffic was asked about them") \
    X(TRAFFIC_BODY_BYTES, "traffic.body_bytes", INFO, "bytes of bodies behind traffic-rules.body-limit") \
    X(DETECT_MESSAGES_LOST, "detect.messages_lost", LOSS, \
      "HTTP messages that rules over sightings could not ask for, because memory was short " \
      "(sighting-rules.memcap)") \
    X(TRAFFIC_MEMORY, "traffic.memory", LOSS, \
      "pieces that rules over plain traffic saw alone, or state they could not keep, because memory was " \
      "short " \
      "(traffic-rules.memcap)") \
    X(DETECT_REPEATS, "detect.repeats", INFO, "lookups seen again in the same request, not alerted twice") \
    X(CHANNEL_RECORDS, "channel.records", INFO, "records handed from detection to correlation") \
    X(CHANNEL_DROPPED, "channel.dropped", LOSS, "findings that found the channel full") \
    X(CHANNEL_DROPPED_ANOMALIES, "channel.dropped_anomalies", LOSS, "anomalies that found the channel full") \
    X(CHANNEL_DROPPED_LINES, "channel.dropped_lines", LOSS, \
      "finished log lines that found the channel full") \
    X(CHANNEL_DROPPED_FACTS, "channel.dropped_facts", LOSS, "facts that found the channel full") \
    X(CHANNEL_BAD, "channel.bad", LOSS, "records that could not be read back, or that name no rule") \
    X(CORRELATE_INCIDENTS, "correlate.incidents", INFO, "incidents that were told of") \
    X(CORRELATE_PROMOTED, "correlate.promoted", INFO, "alerts about an incident that has come further") \
    X(CORRELATE_UNRELATED, "correlate.unrelated", INFO, \
      "connections and questions to a payload's server that prove nothing: habit, a popular place, a scan, " \
      "other " \
      "words") \
    X(CORRELATE_EVICTED, "correlate.evicted", LOSS, \
      "incidents forgotten early because correlate.memcap was full: what came of them later was not joined") \
    X(CORRELATE_FORGOTTEN, "correlate.forgotten", INFO, \
      "connections and names forgotten because correlate.memcap was full") \
    X(LIMITS_FORGOTTEN, "threshold.forgotten", INFO, \
      "counts of a threshold begun anew because correlate.threshold-memcap was full: some rules spoke too " \
      "often") \
    X(ALERTS_LIMITED, "alerts.limited", INFO, \
      "alerts not written because of a threshold or detection_filter, of the rule or of threshold-file") \
    X(ALERTS_SUPPRESSED, "alerts.suppressed", INFO, \
      "alerts not written because threshold-file suppresses them") \
    X(IOC_ITEMS, "ioc.items", INFO, "items of iocs.files in use") \
    X(IOC_HITS, "ioc.hits", INFO, "names, calls and visits without a finding that are on one of them") \
    X(IOC_EARLY, "ioc.folds_cut", INFO, "folded hits told early because iocs.fold-memcap was full") \
    X(IOC_ALERTS, "ioc.alerts", INFO, "alerts with something that is on one of iocs.files") \
    X(LEARNED_SPARED, "learned.spared", INFO, \
      "addresses and domains that were not learned because iocs.never-files or an allow list names them") \
    X(LEARNED_SPARED_FORGOTTEN, "learned.spared_forgotten", INFO, \
      "addresses of such names forgotten because there were too many") \
    X(LEARNED_FORGOTTEN, "learned.forgotten", INFO, \
      "learned indicators forgotten because outputs.learned.max-items was reached") \
    X(EXPOSURE_FORGOTTEN, "exposure.forgotten", INFO, \
      "home hosts forgotten because outputs.exposure.max-hosts was reached") \
    X(SNAPSHOTS_FAILED, "output.snapshots_failed", LOSS, \
      "files of learned indicators and of exposure that could not be written") \
    X(ALERTS_LOWERED, "alerts.lowered", INFO, \
      "alerts made less severe because an allow list, SCANNERS or LDAP_ALLOWED explains them") \
    X(ALERTS_FOLDED, "alerts.folded", INFO, \
      "alerts not written because the same was told within correlate.fold-window: they are in its count") \
    X(CORRELATE_FOLDS_EARLY, "correlate.folds_early", INFO, \
      "sightings whose repeats were told, or begun to be counted anew, early because correlate.memcap was " \
      "full") \
    X(RELOADS, "reload.done", INFO, "times that rules and lists were read again and taken into use") \
    X(RELOADS_REFUSED, "reload.refused", INFO, "times that they were not, for a mistake in them") \
    X(WORKER_DEATHS, "worker.deaths", INFO, \
      "workers that died or were killed for a hang, and were replaced") \
    X(WORKER_LOST_FLOWS, "worker.lost_flows", LOSS, "flows that those workers were following") \
    X(WORKER_LOST_FRAMES, "worker.lost_frames", LOSS, "frames that they died on, or had not yet worked on") \
    X(ALERTS, "output.alerts", INFO, "alerts written") \
    X(OUTPUT_ANOMALIES, "output.anomalies", INFO, "anomaly events: each kind once or twice a flow") \
    X(OUTPUT_LINES, "output.lines", INFO, "EVE lines written") \
    X(OUTPUT_FAILED, "output.failed", LOSS, "EVE lines that could not be written") \
    X(OUTPUT_CUT, "output.cut", INFO, \
      "EVE lines whose payload was shortened to max-event-size, and parts of ldap records left out for it") \
    X(OUTPUT_LDAP_EARLY, "output.ldap_early", INFO, \
      "ldap records written before their last answer, to make room") \
    X(CONTROL_REQUESTS, "control.requests", INFO, "commands that came over the control socket") \
    X(CONTROL_REFUSED, "control.refused", INFO, \
      "things said there that were no command: no JSON, too long, an unknown word") \
    X(CONTROL_DROPPED, "control.dropped", INFO, \
      "clients sent away: they did not greet, did not take their answer, or made room for the next")

enum counter {
#define X(symbol, name, kind, help) COUNT_##symbol,
    COUNTERS(X)
#undef X
        COUNT_N
};

enum counter_kind { COUNTER_INFO, COUNTER_LOSS };

struct counter_row {
    const char *name;
    enum counter_kind kind;
    const char *help;
};

/* The table, in the order above; COUNT_N rows. */
extern const struct counter_row counter_rows[COUNT_N];

#define COUNT_ROOM 512 /* fills a page: process/ lays one that it shares with its parent over the array */

_Static_assert(COUNT_N <= COUNT_ROOM, "the counters fit into their page");

/* One pipeline per process (libnids decides so), hence one set of counters per process; COUNT_N are in use.
 */
extern uint64_t counters[COUNT_ROOM];

static inline void count_add(enum counter c, uint64_t n)
{
    counters[c] += n;
}

static inline void count(enum counter c)
{
    counters[c]++;
}

/* True when any LOSS counter is not zero. */
bool count_lost(void);

/* For tests. */
void count_reset(void);

#endif
