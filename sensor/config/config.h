/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/bytes.h"
#include "base/log.h"

/* Plain values, read once, never changed while running. One row of the table in settings.c per value: key,
 * type, default, bounds, one sentence. Sizes are bytes, times microseconds. */

#define CONFIG_MAX_INTERFACES 16
#define CONFIG_MAX_FILES      64 /* of one list of files */
#define CONFIG_MAX_GROUPS     64
#define CONFIG_MAX_PORTS      8 /* of one tunnel */
#define CONFIG_MAX_WORKERS    64

struct config_interface {
    char *name;
    char *bpf_filter;     /* "" for none */
    uint64_t buffer_size; /* kernel ring, of each worker */
    uint64_t snaplen;
    uint64_t cluster_id; /* number of the fanout group; 0: one that is free */
    bool disable_promisc;
};

/* vars.address-groups and vars.port-groups as written: rules/ gives them a meaning and reports mistakes. */
struct config_group {
    char *name, *value;
    char *where; /* file:line:column, or --set: for the report */
};

/* Names of files, or patterns of such. */
struct config_files {
    char *v[CONFIG_MAX_FILES];
    unsigned n;
};

/* UDP ports on which a tunnel is looked for. */
struct config_ports {
    uint16_t v[CONFIG_MAX_PORTS];
    unsigned n;
};

/* AUTO: drop, unless the first packets show that the capture was made where checksums are not yet made. */
enum checksum_checks { CHECKSUM_CHECKS_NO, CHECKSUM_CHECKS_YES, CHECKSUM_CHECKS_AUTO };

struct config {
    struct config_group address_groups[CONFIG_MAX_GROUPS], port_groups[CONFIG_MAX_GROUPS];
    unsigned n_address_groups, n_port_groups;

    char *sensor_name; /* "" = not written */
    char *log_dir;
    bool log_dir_named;        /* default-log-dir was set by somebody: reading files writes there, too */
    char *threshold_file;      /* "" = none */
    char *classification_file; /* "" = none */
    char *rule_path; /* relative rule files are looked for here; "" = the rules that came with the program */
    struct config_files rule_files;
    struct config_files ioc_files, allow_files, never_files; /* relative ones beside the rules */

    char *run_as_user, *run_as_group; /* "" = chosen: process/privileges.h */

    uint64_t workers; /* 0 = auto */
    uint64_t hang_timeout_us;
    uint64_t quarantine_packets; /* 0 = off */
    uint64_t quarantine_files;
    uint64_t channel_memcap; /* of each worker */

    struct config_interface interfaces[CONFIG_MAX_INTERFACES];
    unsigned n_interfaces;

    uint64_t checksums;  /* enum checksum_checks: drop packets with wrong IP, TCP or UDP checksums */
    uint64_t max_layers; /* decoder.max-layers */
    bool mpls, pppoe, gre, erspan, ip_in_ip, vxlan, geneve, gtp, tzsp; /* what is opened */
    bool vlan_tracking, tunnel_tracking;                               /* part of a flow's key */
    struct config_ports vxlan_ports, geneve_ports, gtp_ports, tzsp_ports;

    uint64_t flow_memcap;
    uint64_t flow_new_us, flow_established_us, flow_closed_us, flow_udp_us;

    uint64_t stream_memcap; /* reassembly queues and inspectors' windows, together */
    uint64_t stream_depth;  /* per direction; 0 = unlimited */
    bool stream_midstream;
    uint64_t anomaly_rate; /* events in a second of packet time */

    uint64_t defrag_memcap;
    uint64_t defrag_timeout_us;

    bool http_decompress_responses;
    bool http, http2, websocket, dns, ldap, rmi, giop, raw; /* app-layer.protocols.*.enabled */
    uint64_t http_request_body_limit, http_response_body_limit;
    uint64_t http_decompress_limit, http_decompress_ratio, http_decompress_layers, http_decompress_memcap;
    uint64_t http2_max_streams, http2_max_table_size, http2_memcap, websocket_memcap;
    uint64_t ldap_max_pdu;
    uint64_t tls_max_handshake;
    bool smtp, sip, syslog, gelf, mqtt, redis, minecraft, proxy; /* app-layer.protocols.*.enabled */
    uint64_t app_max_message;  /* of these protocols: a message, a line, a header field */
    uint64_t app_max_inflated; /* what a compressed message of them may become */
    uint64_t rmi_max_object;
    uint64_t giop_max_message;
    uint64_t raw_depth;

    uint64_t sighting_memcap, traffic_memcap, traffic_stream_depth, traffic_body_limit;

    uint64_t lookup_max_depth;  /* nested ${ } */
    uint64_t lookup_max_input;  /* bytes of one text */
    uint64_t lookup_max_steps;  /* work per text, see detect/lookup.h */
    uint64_t lookup_url_decode; /* rounds of removing encodings */

    uint64_t correlate_memcap, threshold_memcap;
    uint64_t correlate_window_us; /* an incident that nothing was heard of for so long is over */
    bool show_secrets;            /* values that leaked are written in full */
    uint64_t fold_window_us;      /* repeats of one sighting are told together; 0: each for itself */
    uint64_t correlate_settle_us; /* a connection has so long to show its first words */

    uint64_t ioc_max_items;
    uint64_t ioc_fold_us; /* one alert for a host and an indicator in so long */
    uint64_t ioc_fold_memcap;

    bool eve;
    char *eve_filename; /* relative to log_dir; "-" = stdout */
    uint64_t eve_filemode;
    bool eve_community_id;
    uint64_t eve_community_id_seed;
    bool eve_pcap_file;
    uint64_t eve_max_event_size;
    bool eve_alert, eve_anomaly, eve_stats;
    bool eve_ldap, eve_dns, eve_tls, eve_fileinfo, eve_flow;
    uint64_t eve_ldap_memcap; /* of operations that wait for their answers */
    bool eve_alert_payload, eve_alert_payload_printable;
    uint64_t eve_payload_buffer_size;
    uint64_t eve_raw_strings; /* longest raw or decoded string in alert.context.jndi */

    bool learned;
    char *learned_filename; /* what the files' names begin with */
    uint64_t learned_filemode;
    uint64_t learned_from; /* 0 attempted, 1 vulnerable, 2 delivered, 3 compromised */
    uint64_t learned_max_items, learned_interval_us;

    bool exposure;
    char *exposure_filename;
    uint64_t exposure_filemode, exposure_max_hosts, exposure_interval_us;

    char *control_socket; /* a path; "auto"; "" or "no": none */
    char *control_group;  /* "" = the process's own */
    uint64_t control_clients;

    uint64_t drop_alarm; /* percent; 0: never */
    bool stats;
    uint64_t stats_interval_us;

    uint64_t log_level; /* enum log_level */

    bool deterministic; /* fixed seeds: the same capture gives the same EVE (--deterministic) */
};

/* Every value at its default. Free with config_free. NULL when memory is short. */
struct config *config_new(void);
void config_free(struct config *c); /* NULL is welcome */

/* Reads a YAML file over what c holds. False with a complaint (file:line:column: what, and the cure) at the
 * first unknown key, bad value or bad unit; c then holds what came before it and is only good for
 * config_free. A list replaces the list before it; the groups of vars are added by name. */
bool config_load(struct config *c, const char *path, struct complaint *why);

/* The same from memory; name stands for the file in complaints. */
bool config_parse(struct config *c, const char *name, struct bytes text, struct complaint *why);

/* "key.path=value", as --set has it. The same checks; the complaint names the key. */
bool config_set(struct config *c, const char *assignment, struct complaint *why);

/* The interfaces become exactly these. One that the settings name keeps what they say of it, another gets the
 * defaults. False with a complaint when there are too many, or one is named twice. */
bool config_use_interfaces(struct config *c, const char *const names[], unsigned n, struct complaint *why);

/* Every key in pipeline order, as a table: key, type, default, bounds, sentence. What --explain prints, and
 * docs/SETTINGS.md holds. */
struct buf;
void config_explain(struct buf *out);

/* Walks the table: for the test that sensor.yaml.example names every key with its default. */
const char *config_key(unsigned i);          /* NULL past the end */
const char *config_default_text(unsigned i); /* the default as the example writes it, without quotes */

#endif
