/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DECODE_STATE_H
#define DECODE_STATE_H

/* Inside this folder only: what a decoder remembers from one frame to the next. */

#include "decode/layers.h"

struct decode {
    struct opened opened;
    uint32_t max_layers;
    enum checks checks;
    uint32_t n_checked, n_wrong; /* while undecided: CHECKS_NOTE */
    bool common;                 /* nothing in the settings forbids the short way */
};

#endif
