/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_SNAPSHOT_H
#define OUTPUT_SNAPSHOT_H

#include "base/jsonw.h"
#include "correlate/exposure.h"
#include "correlate/learned.h"

/* Files that hold all that is known now, each replaced as a whole: a reader sees the old or the new one,
 * never a part. In config->log_dir. docs/IOCS.md shows them. */

/* Writes beside dir/name and renames. False, and said in the log, when it cannot. */
bool snapshot_replace(const char *dir, const char *name, unsigned mode, struct bytes text);

/* config->learned_filename with .jsonl, .nft, .ipset, and -KIND.list for addresses, domains, URLs and hashes.
 */
bool snapshot_learned(const struct config *config, const struct learned *l);

/* config->exposure_filename: one JSON object a line and host. */
bool snapshot_exposure(const struct config *config, const struct exposure *e);

/* One such object. */
void exposure_object(struct jsonw *w, const struct config *config, const struct exposure_host *h);

#endif
