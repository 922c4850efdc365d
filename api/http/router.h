/* From a method and a path to a handler. Knows no socket: tests and fuzzers call it directly. */
#ifndef CSIGD_HTTP_ROUTER_H
#define CSIGD_HTTP_ROUTER_H

#include "auth/key.h"
#include "auth/role.h"
#include "http/problem.h"
#include "service/jobs.h"
#include "store/look.h"
#include "store/request.h"

typedef struct csigd_service csigd_service;
typedef struct csigd_caller csigd_caller;

/* What the id in a path is of. */
typedef enum csigd_about {
    CSIGD_ABOUT_NOTHING = 0, /* the service, or a list whose entries are asked for one by one */
    CSIGD_ABOUT_DEVICE,
    CSIGD_ABOUT_WALLET,
    CSIGD_ABOUT_EPOCH, /* of a wallet: also for who was to join it, or has left it */
    CSIGD_ABOUT_REQUEST,
    CSIGD_ABOUT_SESSION,
    CSIGD_ABOUT_MAILBOX,
    CSIGD_ABOUT_CHANGE /* of a policy: as its subject, a wallet or all of them */
} csigd_about;

typedef enum csigd_body {
    CSIGD_NO_BODY = 0,
    CSIGD_PAGE_QUERY, /* none either: which part of a list is in the query, after and limit */
    CSIGD_JSON_BODY,
    CSIGD_PAYLOAD_BODY, /* JSON too, with a payload in it */
    CSIGD_OCTETS_BODY
} csigd_body;

#define CSIGD_JSON_MAX    (64u << 10)
#define CSIGD_PAYLOAD_MAX (1u << 20)
#define CSIGD_OCTETS_MAX  (8u << 20)
#define CSIGD_ROUND_MAX   999u
#define CSIGD_INDEX_MAX   16u
/* Own generations, of which one is added at a time. */
#define CSIGD_GENERATION_MAX 999999999u
/* Numbers and positions of messages and mailboxes. */
#define CSIGD_NUMBER_MAX 999999999u

/* Numbers of events: exact in every JSON reader. */
#define CSIGD_POSITION_MAX 9007199254740991u

/* Pages of a list. */
#define CSIGD_PAGE_MAX 999999u

/* A request, taken apart. */
typedef struct csigd_call {
    csigd_service *service;
    uint8_t id[32]; /* from the path: a device, request or key, or the first 16: the others */
    uint8_t epoch_state[32];                     /* from the path */
    uint32_t round;                              /* from the path */
    uint32_t index;                              /* from the path: 1 .. 16 */
    uint32_t generation;                         /* from the path */
    uint8_t member[32];                          /* from the path: a device, besides id */
    uint32_t number, after;                      /* from the path */
    uint32_t page;                               /* from the path */
    uint32_t before;                             /* from the path */
    char kind[16], network[16], derivation[128]; /* from the path: words of letters, digits, . - */
    /* Idempotency-Key: what is between the quotes; "": not given. */
    char known_as[CSIGD_IDEMPOTENCY_BYTES];
    bool known_as_wrong; /* it is there twice, or is no such thing */
    uint64_t position;   /* from the path: of an event */
    /* From the query: a row's id, hexadecimal ("": from the beginning), and how many. */
    char after_id[65];
    uint32_t limit;
    const uint8_t *body;
    size_t len;
    bool again;                 /* after waiting: not the first look */
    bool unix_socket;           /* where the call came in */
    const csigd_caller *caller; /* NULL over the Unix socket: the operator, who may do everything */
} csigd_call;

/* What is sent back; body is allocated and may be NULL. */
typedef struct csigd_reply {
    unsigned status;
    csigd_code code;     /* of a problem; else CSIGD_OK */
    const char *type;    /* content type; NULL: no body */
    const char *session; /* Countersign-Session; NULL: none */
    const char *allow;   /* Allow; NULL: none */
    uint32_t retry_after;
    uint8_t *body;
    size_t len;
    /* Of a question that can wait for its answer: the id of the path is what is told of. */
    bool waits;
    bool is_nothing; /* nothing to answer yet: this is the reply when the time is up */
    int64_t until;   /* when it ends at the latest, seconds since 1970; 0: never */
    uint32_t waited; /* Preference-Applied: wait; 0: none */
} csigd_reply;

/* Whose requests a route takes over TCP. */
typedef enum csigd_who {
    CSIGD_FOR_KEYS = 0,  /* of those that may do what it does */
    CSIGD_FOR_STRANGERS, /* whose key is in the body, too; the handler decides */
    CSIGD_FOR_ALL        /* nothing needs to be signed */
} csigd_who;

typedef struct csigd_route {
    const char *method;
    const char *path; /* parts that start with ':' are parameters: those in router.c */
    csigd_body body;
    bool unix_only;
    csigd_lane lane;
    csigd_reply (*handler)(const csigd_call *call);
    csigd_act act;
    csigd_about about;
    csigd_who who;
    bool (*key_is_read)(const csigd_call *call, csigd_key *key); /* for strangers */
} csigd_route;

/* THE table. */
extern const csigd_route csigd_routes[];
extern const size_t csigd_routes_count;

/* The route, and the path's parameters in call. CSIGD_NOT_FOUND; CSIGD_METHOD_NOT_ALLOWED with the
 * methods there are in *allow (static). */
csigd_code csigd_route_find(const csigd_route **route, csigd_call *call, const char **allow,
                            const char *method, const char *path);
/* Everything that can be refused before the body is read: the socket, the content type (NULL: none
 * given), the announced length (0: not known). */
csigd_code csigd_route_admit(const csigd_route *route, const csigd_call *call, const char *type,
                             uint64_t announced);
/* The query of a target, which is there only where the route takes one: at most once each,
 * after=ID and limit=N, 1 to CSIGD_PAGE_ROWS. BAD_REQUEST with the field. */
csigd_code csigd_query_read(csigd_call *call, const csigd_route *route, const char *target,
                            csigd_problem *why);
/* The octets of after_id; false: it is no id of this length. after is NULL where there is none. */
bool csigd_call_has_look(const csigd_call *call, csigd_look *look, uint8_t *id, size_t id_len);
bool csigd_route_has_body(const csigd_route *route);
size_t csigd_route_body_max(const csigd_route *route);

/* Replies. A body that cannot be made becomes 500. */
csigd_reply csigd_reply_problem(const csigd_problem *problem);
csigd_reply csigd_reply_code(csigd_code code);
/* Takes the text. */
csigd_reply csigd_reply_json(unsigned status, char *text, size_t len);
void csigd_reply_free(csigd_reply *reply);

#endif
