/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP_JVM_H
#define INSPECT_HTTP_JVM_H

#include "base/bytes.h"

/* What a JVM's HTTP clients say of themselves, and what they do with an answer. */

enum http_jvm {
    HTTP_JVM_NONE,
    HTTP_JVM_URL,   /* URLConnection, which class loaders use: "Java/1.8.0_181", also behind the words of
                       -Dhttp.agent */
    HTTP_JVM_CLIENT /* java.net.http.HttpClient: "Java-http-client/17.0.15" */
};

enum http_jvm http_jvm_of(struct bytes user_agent);

/* What becomes of the body of an answer. As tried with JDK 17; sun.net.www.protocol.http.HttpURLConnection
 * has been so since JDK 1.4. */
enum http_jvm_use {
    HTTP_JVM_READ,   /* it is given to whoever asked */
    HTTP_JVM_MOVED,  /* it is left, and Location is asked */
    HTTP_JVM_FAILED, /* it is left: whoever asked is told of an error */
};

/* Of an answer to URLConnection by HTTP in clear. location: the header's value; empty for none. */
enum http_jvm_use http_jvm_use(unsigned status, struct bytes location);

#endif
