#include "api/visitor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* --- certificates --- */

static void write_file(const char *path, const void *octets, size_t len)
{
    FILE *f = fopen(path, "we");

    assert_non_null(f);
    assert_int_equal(fwrite(octets, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

#define GOOD(call) assert_int_equal((call), 0)

void visitor_certificate(const char *cert, const char *key)
{
    const uint8_t serial = 1, home[4] = {127, 0, 0, 1};
    gnutls_x509_privkey_t secret;
    gnutls_x509_crt_t crt;
    char pem[4096];
    size_t len = sizeof pem;

    GOOD(gnutls_x509_privkey_init(&secret));
    GOOD(gnutls_x509_privkey_generate(secret, GNUTLS_PK_ECDSA,
                                      GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    GOOD(gnutls_x509_crt_init(&crt));
    GOOD(gnutls_x509_crt_set_version(crt, 3));
    GOOD(gnutls_x509_crt_set_serial(crt, &serial, 1));
    GOOD(gnutls_x509_crt_set_activation_time(crt, time(NULL) - 60));
    GOOD(gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 86400));
    GOOD(gnutls_x509_crt_set_dn(crt, "CN=here", NULL));
    GOOD(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, home, sizeof home,
                                              GNUTLS_FSAN_SET));
    GOOD(gnutls_x509_crt_set_key(crt, secret));
    GOOD(gnutls_x509_crt_sign2(crt, crt, secret, GNUTLS_DIG_SHA256, 0));
    GOOD(gnutls_x509_crt_export(crt, GNUTLS_X509_FMT_PEM, pem, &len));
    write_file(cert, pem, len);
    len = sizeof pem;
    GOOD(gnutls_x509_privkey_export(secret, GNUTLS_X509_FMT_PEM, pem, &len));
    write_file(key, pem, len);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(secret);
}

uint16_t visitor_free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    close(fd);
    return ntohs(at.sin_port);
}

/* --- connections --- */

void visitor_begin(visitor *v, const char *path, uint16_t port, const char *ca)
{
    *v = (visitor){.path = path, .port = port, .fd = -1};
    if (path != NULL) return;
    GOOD(gnutls_certificate_allocate_credentials(&v->trust));
    assert_true(gnutls_certificate_set_x509_trust_file(v->trust, ca, GNUTLS_X509_FMT_PEM) > 0);
}

void visitor_hang_up(visitor *v)
{
    if (v->fd < 0) return;
    if (v->tls != NULL) gnutls_deinit(v->tls);
    close(v->fd);
    v->tls = NULL;
    v->fd = -1;
}

void visitor_end(visitor *v)
{
    visitor_hang_up(v);
    if (v->trust != NULL) gnutls_certificate_free_credentials(v->trust);
}

static void connect_to(visitor *v)
{
    struct sockaddr_in tcp = {.sin_family = AF_INET,
                              .sin_port = htons(v->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    int error;

    if (v->path != NULL) {
        snprintf(local.sun_path, sizeof local.sun_path, "%s", v->path);
        v->fd = socket(AF_UNIX, SOCK_STREAM, 0);
        assert_int_equal(connect(v->fd, (struct sockaddr *)&local, sizeof local), 0);
        return;
    }
    v->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(v->fd, (struct sockaddr *)&tcp, sizeof tcp), 0);
    GOOD(gnutls_init(&v->tls, GNUTLS_CLIENT));
    GOOD(gnutls_priority_set_direct(v->tls, "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL));
    GOOD(gnutls_credentials_set(v->tls, GNUTLS_CRD_CERTIFICATE, v->trust));
    gnutls_session_set_verify_cert(v->tls, "127.0.0.1", 0);
    gnutls_transport_set_int(v->tls, v->fd);
    do
        error = gnutls_handshake(v->tls);
    while (error < 0 && gnutls_error_is_fatal(error) == 0);
    if (error != 0) fail_msg("handshake: %s", gnutls_strerror(error));
}

static ssize_t put(const visitor *v, const void *octets, size_t len)
{
    if (v->tls == NULL) return send(v->fd, octets, len, MSG_NOSIGNAL);
    return gnutls_record_send(v->tls, octets, len);
}

static ssize_t get(const visitor *v, void *octets, size_t len)
{
    ssize_t n;

    if (v->tls == NULL) return recv(v->fd, octets, len, 0);
    do
        n = gnutls_record_recv(v->tls, octets, len);
    while (n == GNUTLS_E_INTERRUPTED || n == GNUTLS_E_AGAIN);
    return n;
}

/* --- answers --- */

const char *answer_field(const answer *a, const char *name)
{
    for (size_t i = 0; i < a->n_fields; i++) {
        if (strcasecmp(a->fields[i].name, name) == 0) return a->fields[i].value;
    }
    return NULL;
}

/* Lines become fields in place. */
static void split(answer *a)
{
    assert_int_equal(sscanf(a->head, "HTTP/1.1 %u ", &a->status), 1);
    for (char *line = strstr(a->head, "\r\n"); line != NULL && line[2] != '\0';) {
        char *const name = line + 2, *const end = strstr(name, "\r\n");
        char *const colon = strchr(name, ':');

        if (end != NULL) *end = '\0';
        assert_true(colon != NULL && a->n_fields < VISITOR_FIELDS);
        *colon = '\0';
        a->fields[a->n_fields++] = (csigd_field){name, colon + 1 + strspn(colon + 1, " ")};
        line = end;
    }
}

/* *rest: what was read of the body along with the head. false: nothing came at all. */
static bool head_is_read(const visitor *v, answer *a, size_t *rest)
{
    size_t len = 0;
    char *end = NULL;

    while (end == NULL) {
        const ssize_t n = get(v, a->head + len, sizeof a->head - 1 - len);

        if (n <= 0 && len == 0) return false;
        assert_true(n > 0);
        len += (size_t)n;
        a->head[len] = '\0';
        end = strstr(a->head, "\r\n\r\n");
    }
    *rest = len - (size_t)(end + 4 - a->head);
    assert_true(*rest < sizeof a->body);
    memcpy(a->body, end + 4, *rest);
    *end = '\0';
    return true;
}

static bool all_is_sent(const visitor *v, const void *octets, size_t len)
{
    for (size_t sent = 0; sent < len;) {
        const ssize_t n = put(v, (const char *)octets + sent, len - sent);

        if (n <= 0) return false;
        sent += (size_t)n;
    }
    return true;
}

/* The server ends a connection that was idle for too long: then over a new one. */
static size_t exchange_heads(visitor *v, const void *octets, size_t len, answer *a)
{
    const bool is_old = v->fd >= 0;
    size_t rest = 0;

    if (!is_old) connect_to(v);
    a->n_fields = 0;
    if (all_is_sent(v, octets, len) && head_is_read(v, a, &rest)) return rest;
    if (!is_old) fail_msg("no answer");
    visitor_hang_up(v);
    connect_to(v);
    if (!all_is_sent(v, octets, len) || !head_is_read(v, a, &rest)) fail_msg("no answer");
    return rest;
}

void visitor_ask(visitor *v, const void *octets, size_t len, answer *a)
{
    size_t got = exchange_heads(v, octets, len, a);
    const char *length, *connection;

    split(a);
    length = answer_field(a, "Content-Length");
    a->len = length != NULL ? strtoul(length, NULL, 10) : 0;
    assert_true(a->len < sizeof a->body);
    while (got < a->len) {
        const ssize_t n = get(v, a->body + got, a->len - got);

        assert_true(n > 0);
        got += (size_t)n;
    }
    a->body[a->len] = '\0';
    connection = answer_field(a, "Connection");
    if (connection != NULL && strcasecmp(connection, "close") == 0) visitor_hang_up(v);
}
