/* The texts of the table in labels.h. */
#include "crypto/labels.h"

#include <stddef.h>

const char *csig_label_text(csig_label label)
{
    switch (label) {
#define CSIG_LABEL_CASE(name, text)                                                                \
    case CSIG_LABEL_##name:                                                                        \
        return text;
        CSIG_LABELS(CSIG_LABEL_CASE)
#undef CSIG_LABEL_CASE
    }
    return NULL;
}
