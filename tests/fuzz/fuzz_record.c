/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A shim's record, whatever became of the file: it is read or refused, and what was read prints to
 * what reads the same. */
#include <string.h>

#include "agent/shim/shim_record.h"
#include "base/check.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct shim_record record, again;
    char text[3 * SHIM_RECORD_BYTES];
    memset(&record, 0, sizeof record);
    memset(&again, 0, sizeof again);
    if (shim_record_parse((const char *)data, size, &record) != 0)
        return 0;
    size_t n = shim_record_print_claim(text, &record);
    if (record.training)
        n += shim_record_print_training(text + n, record.training);
    if (record.has_end)
        n += shim_record_print_end(text + n, &record.end);
    check(shim_record_parse(text, n, &again) == 0);
    check(again.pid == record.pid && again.start == record.start);
    check(strcmp(again.boot, record.boot) == 0 && again.training == record.training);
    check(again.has_end == record.has_end && again.end.code == record.end.code);
    check(again.end.signal == record.end.signal && again.end.cause == record.end.cause);
    check(strcmp(again.end.error, record.end.error) == 0);
    return 0;
}
