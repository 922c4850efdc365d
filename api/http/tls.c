#include "http/tls.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/jobs.h"
#include "service/secret.h"

#define CHAIN_MAX 8

/* What was read from the files, all of one time. */
typedef struct pages {
    gnutls_x509_crt_t *chain;
    unsigned n_chain;
    gnutls_x509_privkey_t key;
    gnutls_x509_trust_list_t clients; /* NULL: nobody is asked */
} pages;

struct csigd_tls {
    csigd_tls_files files;
    csigd_mutex *lock;
    pages now;
};

/* Handshakes ask for it. */
static csigd_tls *open_one;

/* --- reading --- */

static void pages_free(pages *p)
{
    for (unsigned i = 0; i < p->n_chain; i++)
        gnutls_x509_crt_deinit(p->chain[i]);
    gnutls_free(p->chain);
    if (p->key != NULL) gnutls_x509_privkey_deinit(p->key);
    if (p->clients != NULL) gnutls_x509_trust_list_deinit(p->clients, 1);
    *p = (pages){.n_chain = 0};
}

static bool file_is_no_good(const char *name, int error, char *why, size_t why_len)
{
    snprintf(why, why_len, "cannot use %s: %s", name, gnutls_strerror(error));
    return false;
}

static bool chain_is_read(pages *p, const char *name, char *why, size_t why_len)
{
    gnutls_datum_t pem;
    int error = gnutls_load_file(name, &pem);

    if (error < 0) return file_is_no_good(name, error, why, why_len);
    error = gnutls_x509_crt_list_import2(&p->chain, &p->n_chain, &pem, GNUTLS_X509_FMT_PEM,
                                         GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED);
    gnutls_free(pem.data);
    if (error < 0) return file_is_no_good(name, error, why, why_len);
    if (p->n_chain <= CHAIN_MAX) return true;
    snprintf(why, why_len, "%s has more than %d certificates", name, CHAIN_MAX);
    return false;
}

static bool key_is_read(pages *p, const char *name, char *why, size_t why_len)
{
    csigd_secret pem;
    gnutls_datum_t datum;
    int error;

    if (!csigd_secret_is_from_pem(&pem, name, why, why_len)) return false;
    datum = (gnutls_datum_t){.data = pem.bytes, .size = (unsigned)pem.len};
    error = gnutls_x509_privkey_init(&p->key);
    if (error == 0)
        error = gnutls_x509_privkey_import2(p->key, &datum, GNUTLS_X509_FMT_PEM, NULL, 0);
    csigd_secret_free(&pem);
    return error == 0 || file_is_no_good(name, error, why, why_len);
}

/* A renewal that swapped one file and not yet the other is no pair. */
static bool key_is_of_certificate(const pages *p)
{
    uint8_t ours[64], its[64];
    size_t n = sizeof ours, m = sizeof its;

    return gnutls_x509_privkey_get_key_id(p->key, GNUTLS_KEYID_USE_SHA256, ours, &n) == 0 &&
           gnutls_x509_crt_get_key_id(p->chain[0], GNUTLS_KEYID_USE_SHA256, its, &m) == 0 &&
           n == m && memcmp(ours, its, n) == 0;
}

static bool clients_are_read(pages *p, const char *name, char *why, size_t why_len)
{
    int n;

    if (name == NULL) return true;
    n = gnutls_x509_trust_list_init(&p->clients, 0);
    if (n == 0)
        n = gnutls_x509_trust_list_add_trust_file(p->clients, name, NULL, GNUTLS_X509_FMT_PEM, 0,
                                                  0);
    if (n > 0) return true;
    return file_is_no_good(name, n < 0 ? n : GNUTLS_E_NO_CERTIFICATE_FOUND, why, why_len);
}

static bool pages_are_read(pages *p, const csigd_tls_files *f, char *why, size_t why_len)
{
    bool good;

    *p = (pages){.n_chain = 0};
    good = chain_is_read(p, f->cert, why, why_len) && key_is_read(p, f->key, why, why_len);
    if (good && !key_is_of_certificate(p)) {
        snprintf(why, why_len, "the key in %s is not that of the certificate in %s", f->key,
                 f->cert);
        good = false;
    }
    good = good && clients_are_read(p, f->client_ca, why, why_len);
    if (!good) pages_free(p);
    return good;
}

/* --- handshakes --- */

/* A chain and a key of the session's own: what is reloaded meanwhile frees nothing of it. */
static int copy_out(const pages *p, gnutls_pcert_st **chain, unsigned *n, gnutls_privkey_t *key)
{
    gnutls_pcert_st *list = gnutls_calloc(p->n_chain, sizeof *list);
    unsigned done = 0;
    int error = list == NULL ? GNUTLS_E_MEMORY_ERROR : gnutls_privkey_init(key);

    if (error == 0) {
        error = gnutls_privkey_import_x509(*key, p->key, GNUTLS_PRIVKEY_IMPORT_COPY);
        for (; error == 0 && done < p->n_chain; done++)
            error = gnutls_pcert_import_x509(&list[done], p->chain[done], 0);
        if (error == 0) {
            *chain = list;
            *n = p->n_chain;
            return 0;
        }
        gnutls_privkey_deinit(*key);
        for (unsigned i = 0; i + 1 < done; i++)
            gnutls_pcert_deinit(&list[i]);
    }
    gnutls_free(list);
    return -1;
}

static int retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                    gnutls_pcert_st **chain, unsigned *n, gnutls_ocsp_data_st **ocsp,
                    unsigned *n_ocsp, gnutls_privkey_t *key, unsigned *flags)
{
    csigd_tls *tls = open_one;
    int error;

    (void)info;
    csigd_mutex_lock(tls->lock);
    error = copy_out(&tls->now, chain, n, key);
    /* Asked for here, and looked at in csigd_tls_peer_is_admitted. */
    if (tls->now.clients != NULL)
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
    csigd_mutex_unlock(tls->lock);
    *ocsp = NULL;
    *n_ocsp = 0;
    *flags = GNUTLS_CERT_RETR_DEINIT_ALL;
    return error;
}

void *csigd_tls_callback(void)
{
    gnutls_certificate_retrieve_function3 *const function = retrieve;
    void *pointer;

    _Static_assert(sizeof function == sizeof pointer, "libmicrohttpd takes it as a pointer");
    memcpy(&pointer, &function, sizeof pointer);
    return pointer;
}

static bool chain_is_vouched_for(gnutls_x509_trust_list_t trust, const gnutls_datum_t *shown,
                                 unsigned n)
{
    char purpose[] = GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st for_clients = {
        .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)purpose, .size = 0};
    gnutls_x509_crt_t chain[CHAIN_MAX];
    unsigned have = 0, wrong = GNUTLS_CERT_INVALID;
    int error = 0;

    for (; have < n && have < CHAIN_MAX; have++) {
        error = gnutls_x509_crt_init(&chain[have]);
        if (error < 0) break;
        error = gnutls_x509_crt_import(chain[have], &shown[have], GNUTLS_X509_FMT_DER);
        if (error < 0) {
            gnutls_x509_crt_deinit(chain[have]);
            break;
        }
    }
    if (error == 0 && have == n)
        error = gnutls_x509_trust_list_verify_crt2(trust, chain, have, &for_clients, 1, 0, &wrong,
                                                   NULL);
    while (have > 0)
        gnutls_x509_crt_deinit(chain[--have]);
    return error == 0 && wrong == 0;
}

bool csigd_tls_peer_is_admitted(csigd_tls *tls, void *session)
{
    unsigned n = 0;
    const gnutls_datum_t *shown;
    bool good;

    if (!csigd_tls_has_client_ca(tls)) return true;
    shown = gnutls_certificate_get_peers(session, &n);
    if (shown == NULL || n == 0) return false;
    csigd_mutex_lock(tls->lock);
    good = chain_is_vouched_for(tls->now.clients, shown, n);
    csigd_mutex_unlock(tls->lock);
    return good;
}

/* --- life --- */

bool csigd_tls_has_client_ca(const csigd_tls *tls)
{
    return tls->files.client_ca != NULL;
}

csigd_tls *csigd_tls_open(const csigd_tls_files *files, char *why, size_t why_len)
{
    csigd_tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL || (tls->lock = csigd_mutex_new()) == NULL) {
        snprintf(why, why_len, "out of memory");
        free(tls);
        return NULL;
    }
    tls->files = *files;
    if (pages_are_read(&tls->now, files, why, why_len)) {
        open_one = tls;
        return tls;
    }
    csigd_mutex_free(tls->lock);
    free(tls);
    return NULL;
}

bool csigd_tls_is_reloaded(csigd_tls *tls, char *why, size_t why_len)
{
    pages fresh, old;

    if (!pages_are_read(&fresh, &tls->files, why, why_len)) return false;
    csigd_mutex_lock(tls->lock);
    old = tls->now;
    tls->now = fresh;
    csigd_mutex_unlock(tls->lock);
    pages_free(&old);
    return true;
}

void csigd_tls_close(csigd_tls *tls)
{
    if (tls == NULL) return;
    open_one = NULL;
    pages_free(&tls->now);
    csigd_mutex_free(tls->lock);
    free(tls);
}
