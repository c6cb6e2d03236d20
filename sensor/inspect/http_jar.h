/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP_JAR_H
#define INSPECT_HTTP_JAR_H

#include "inspect/attr.h"

/* The beginning of a JAR: a ZIP archive (PKWARE's APPNOTE, section 4.3.7) that has a manifest or class files.
 * Nothing in it is unpacked. */

/* True for a ZIP archive, or a prefix of its magic. */
bool jar_starts(struct bytes head);

/* True when one of the entries that lie in head makes it a JAR. */
bool jar_is(struct bytes head);

/* JAVA_CLASS for each class file among the entries that lie in head: its path, without ".class". Linear. */
void jar_add_attrs(struct bytes head, struct attrs *a);

#endif
