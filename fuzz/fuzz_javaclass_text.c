/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the judge of strings in Java code: any text has one answer, which its bytes behind the ceiling do
 * not change. */
#include "inspect/javaclass_text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_of(data, size);

    for (unsigned known = 0; known < 4; known++) {
        struct java_text_context context = {.runs_programs = known & 1, .connects = known & 2};
        enum java_text found = java_text_judge(text, context);

        assert(found <= JAVA_TEXT_COMMAND);
        assert(found == java_text_judge(bytes_slice(text, 0, JAVA_TEXT_SHOWN), context) ||
               size > JAVA_TEXT_SHOWN);
    }
    return 0;
}
