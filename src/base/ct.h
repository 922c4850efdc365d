/* Where a value becomes secret and where it stops being one. Under valgrind (CSIG_CT builds) a
 * secret is undefined memory, so every branch and every index that depends on it is reported;
 * elsewhere these marks are nothing. Each csig_ct_public carries its reason in a comment. */
#ifndef CSIG_BASE_CT_H
#define CSIG_BASE_CT_H

#include <stddef.h>

#ifdef CSIG_CT
#include <valgrind/memcheck.h>
static inline void csig_ct_secret(const void *p, size_t len)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(p, len);
}
static inline void csig_ct_public(const void *p, size_t len)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(p, len);
}
#else
static inline void csig_ct_secret(const void *p, size_t len)
{
    (void)p, (void)len;
}
static inline void csig_ct_public(const void *p, size_t len)
{
    (void)p, (void)len;
}
#endif

#endif
