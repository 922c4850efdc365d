/* The texts and classes of the error table in include/countersign/error.h. */
#include "countersign/error.h"

csig_class csig_err_class(csig_err err)
{
    switch (err) {
#define CSIG_ERROR_CLASS(name, number, class, text)                                                \
    case CSIG_##name:                                                                              \
        return CSIG_CLASS_##class;
        CSIG_ERRORS(CSIG_ERROR_CLASS)
#undef CSIG_ERROR_CLASS
    }
    return CSIG_CLASS_CALLER;
}

const char *csig_err_text(csig_err err)
{
    switch (err) {
#define CSIG_ERROR_TEXT(name, number, class, text)                                                 \
    case CSIG_##name:                                                                              \
        return text;
        CSIG_ERRORS(CSIG_ERROR_TEXT)
#undef CSIG_ERROR_TEXT
    }
    return "an error number this version does not know";
}

const char *csig_err_name(csig_err err)
{
    switch (err) {
#define CSIG_ERROR_NAME(name, number, class, text)                                                 \
    case CSIG_##name:                                                                              \
        return #name;
        CSIG_ERRORS(CSIG_ERROR_NAME)
#undef CSIG_ERROR_NAME
    }
    return "E_UNKNOWN";
}
