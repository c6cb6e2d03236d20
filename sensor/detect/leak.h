/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_LEAK_H
#define DETECT_LEAK_H

#include "inspect/attr.h"

/* What only the victim knows stands in a JNDI name as the expression it came from, and would travel in the
 * callback: adds each ("env:AWS_SECRET_ACCESS_KEY", "sys:java.version", "hostName") to attrs as
 * ATTR_JNDI_LEAK. Views into name. */
void leak_each(struct bytes name, struct attrs *attrs);

#endif
