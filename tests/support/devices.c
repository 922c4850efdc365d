#include "support/devices.h"

#include <stdlib.h>

#include "base/ct.h"
#include "support/oracle.h"

void devices_prime(csig_sec *p, int i)
{
    mpz_t z;

    mpz_init(z);
    oracle_prime(z, i);
    oracle_to_sec(p, z, CSIG_P_BITS);
    csig_ct_secret(p->d, sizeof p->d);
    mpz_clear(z);
}

csig_primes *devices_primes(int i)
{
    csig_primes *p;

    CSIG_ASSERT(csig_primes_new(&p) == CSIG_OK);
    for (int k = 0; k < CSIG_DEVICE_PRIMES; k++)
        devices_prime(&p->prime[k], 4 * i + k);
    p->found = CSIG_DEVICE_PRIMES;
    return p;
}

csig_aux *devices_aux(int i, const csig_identity *id, uint64_t generation)
{
    csig_aux *aux;

    CSIG_ASSERT(csig_aux_new(&aux, devices_primes(i), id, generation, NULL) == CSIG_OK);
    return aux;
}
