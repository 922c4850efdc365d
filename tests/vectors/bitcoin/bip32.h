/* The chains of BIP32's test vectors 1 to 4 (BSD-2-Clause), github.com/bitcoin/bips: each key is
 * the child of the one before it, but where its depth is 0. */
#ifndef TESTS_VECTORS_BITCOIN_BIP32_H
#define TESTS_VECTORS_BITCOIN_BIP32_H

typedef struct xpub_vector {
    const char *xpub;
    unsigned depth, hardened;
    unsigned index; /* without the mark of hardening */
} xpub_vector;

static const xpub_vector xpub_vectors[] = {
    {"xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsef"
     "D265TMg7usUDFdp6W1EGMcet8",
     0, 0, 0U},
    {"xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bg"
     "wQ9xv5ski8PX9rL2dZXvgGDnw",
     1, 1, 0U},
    {"xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq52"
     "7Hqck2AxYysAA7xmALppuCkwQ",
     2, 0, 1U},
    {"xpub6D4BDPcP2GT577Vvch3R8wDkScZWzQzMMUm3PWbmWvVJrZwQY4VUNgqFJPMM3No2dFDFGTsxxpG5uJh7n7"
     "epu4trkrX7x7DogT5Uv6fcLW5",
     3, 1, 2U},
    {"xpub6FHa3pjLCk84BayeJxFW2SP4XRrFd1JYnxeLeU8EqN3vDfZmbqBqaGJAyiLjTAwm6ZLRQUMv1ZACTj37sR"
     "62cfN7fe5JnJ7dh8zL4fiyLHV",
     4, 0, 2U},
    {"xpub6H1LXWLaKsWFhvm6RVpEL9P4KfRZSW7abD2ttkWP3SSQvnyA8FSVqNTEcYFgJS2UaFcxupHiYkro49S8yG"
     "asTvXEYBVPamhGW6cFJodrTHy",
     5, 0, 1000000000U},
    {"xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr"
     "8BDzTJY47LJhkJ8UB7WEGuduB",
     0, 0, 0U},
    {"xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznez"
     "pbZb7ap6r1D3tgFxHmwMkQTPH",
     1, 0, 0U},
    {"xpub6ASAVgeehLbnwdqV6UKMHVzgqAG8Gr6riv3Fxxpj8ksbH9ebxaEyBLZ85ySDhKiLDBrQSARLq1uNRts8Ru"
     "JiHjaDMBU4Zn9h8LZNnBC5y4a",
     2, 1, 2147483647U},
    {"xpub6DF8uhdarytz3FWdA8TvFSvvAh8dP3283MY7p2V4SeE2wyWmG5mg5EwVvmdMVCQcoNJxGoWaU9DCWh89Lo"
     "jfZ537wTfunKau47EL2dhHKon",
     3, 0, 1U},
    {"xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2g"
     "rBGRjaDMzQLcgJvLJuZZvRcEL",
     4, 1, 2147483646U},
    {"xpub6FnCn6nSzZAw5Tw7cgR9bi15UV96gLZhjDstkXXxvCLsUXBGXPdSnLFbdpq8p9HmGsApME5hQTZ3emM2rn"
     "Y5agb9rXpVGyy3bdW6EEgAtqt",
     5, 0, 2U},
    {"xpub661MyMwAqRbcEZVB4dScxMAdx6d4nFc9nvyvH3v4gJL378CSRZiYmhRoP7mBy6gSPSCYk6SzXPTf3ND1cZ"
     "AceL7SfJ1Z3GC8vBgp2epUt13",
     0, 0, 0U},
    {"xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo"
     "6oDaPPLPxSb7gwQN3ih19Zm4Y",
     1, 1, 0U},
    {"xpub661MyMwAqRbcGczjuMoRm6dXaLDEhW1u34gKenbeYqAix21mdUKJyuyu5F1rzYGVxyL6tmgBUAEPrEz92m"
     "BXjByMRiJdba9wpnN37RLLAXa",
     0, 0, 0U},
    {"xpub69AUMk3qDBi3uW1sXgjCmVjJ2G6WQoYSnNHyzkmdCHEhSZ4tBok37xfFEqHd2AddP56Tqp4o56AePAgCjY"
     "dvpW2PU2jbUPFKsav5ut6Ch1m",
     1, 1, 0U},
    {"xpub6BJA1jSqiukeaesWfxe6sNK9CCGaujFFSJLomWHprUL9DePQ4JDkM5d88n49sMGJxrhpjazuXYWdMf17C9"
     "T5XnxkopaeS7jGk1GyyVziaMt",
     2, 1, 1U},
};

#endif
