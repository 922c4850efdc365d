/* Typed data in tests, written with single quotes for double ones. */
#ifndef TESTS_SUPPORT_TYPED_H
#define TESTS_SUPPORT_TYPED_H

#include "payload/typed.h"
#include "support/payloads.h"

/* A payload of these parts; NUL-terminated, freed by free. */
char *typed_payload(const char *types, const char *primary, const char *domain,
                    const char *message);
/* The same, read and bound. */
csig_payload *typed_bound(const char *types, const char *primary, const char *domain,
                          const char *message);
/* The same, refused with this in the reason. */
void typed_refused(const char *types, const char *primary, const char *domain, const char *message,
                   const char *in_why);
/* JSON with single quotes; freed by csig_json_free. */
csig_json *typed_json(const char *quoted);

/* The example of EIP-712. */
#define TYPED_MAIL                                                                                 \
    "{'EIP712Domain':[{'name':'name','type':'string'},{'name':'version','type':'string'},"         \
    "{'name':'chainId','type':'uint256'},{'name':'verifyingContract','type':'address'}],"          \
    "'Person':[{'name':'name','type':'string'},{'name':'wallet','type':'address'}],"               \
    "'Mail':[{'name':'from','type':'Person'},{'name':'to','type':'Person'},"                       \
    "{'name':'contents','type':'string'}]}"
#define TYPED_MAIL_DOMAIN                                                                          \
    "{'name':'Ether Mail','version':'1','chainId':1,"                                              \
    "'verifyingContract':'0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC'}"
#define TYPED_MAIL_MESSAGE                                                                         \
    "{'from':{'name':'Cow','wallet':'0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826'},"                \
    "'to':{'name':'Bob','wallet':'0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB'},"                   \
    "'contents':'Hello, Bob!'}"

#endif
