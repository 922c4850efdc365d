/* Test vectors of BIP322 (CC0-1.0), github.com/bitcoin/bips: the hashes, and the simple signatures
 * of P2WPKH. */
#ifndef TESTS_VECTORS_BITCOIN_BIP322_H
#define TESTS_VECTORS_BITCOIN_BIP322_H

typedef struct bip322_hashes {
    const char *message, *address, *message_hash, *to_spend, *to_sign; /* txids */
} bip322_hashes;

static const bip322_hashes bip322_hash_vectors[] = {
    {"", "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l",
     "c90c269c4f8fcbe6880f72a721ddfbf1914268a794cbb21cfafee13770ae19f1",
     "c5680aa69bb8d860bf82d4e9cd3504b55dde018de765a91bb566283c545a99a7",
     "1e9654e951a5ba44c8604c4de6c67fd78a27e81dcadcfe1edf638ba3aaebaed6"},
    {"Hello World", "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l",
     "f0eb03b1a75ac6d9847f55c624a99169b5dccba2a31f5b23bea77ba270de0a7a",
     "b79d196740ad5217771c1098fc4a4b51e0535c32236c71f1ea4d61a2d603352b",
     "88737ae86f2077145f93cc4b153ae9a1cb8d56afa511988c149c5c8c9d93bddf"},
    {"UTF-8 support: \303\266\303\244\303\274\303\251\303\240\303\250 \346\265\213\350\257"
     "\225\346\226\207\346\234\254 \360\237\230\204",
     "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l",
     "43936b237ea38c7794eb5d755e0d220b6db92ebfc5c8f482759d22b1286376d7",
     "c8f4f525fe8afb1bc09b44175bd2096f079c98425e8a1be676b712add1fb62f0",
     "8f488e06b89eafd019ec528109eafaf7f1d1811fd617aa1eeb9658f1c1be6586"},
};

typedef struct bip322_signature {
    const char *message, *address, *signature;
} bip322_signature;

static const bip322_signature bip322_simple_vectors[] = {
    {"", "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l",
     "smpAkcwRAIgM2gBAQqvZX15ZiysmKmQpDrG83avLIT492QBzLnQIxYCIBaTpOaD20qRlEylyxFSeEA2ba9YOix"
     "pX8z46TSDtS40ASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI="},
    {"", "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l",
     "smpAkgwRQIhAPkJ1Q4oYS0htvyuSFHLxRQpFAY56b70UvE7Dxazen0ZAiAtZfFz1S6T6I23MWI2lK/pcNTWncu"
     "yL8UL+oMdydVgzAEhAsfxIAMZZEKUPYWI4BruhAQjzFT8FSFSajuFwrDL1Yhy"},
    {"Hello World", "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l",
     "smpAkcwRAIgZRfIY3p7/DoVTty6YZbWS71bc5Vct9p9Fia83eRmw2QCICK/ENGfwLtptFluMGs2KsqoNSk89pO"
     "7F29zJLUx9a/sASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI="},
    {"Hello World", "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l",
     "smpAkgwRQIhAOzyynlqt93lOKJr+wmmxIens//zPzl9tqIOua93wO6MAiBi5n5EyAcPScOjf1lAqIUIQtr3zKN"
     "eavYabHyR8eGhowEhAsfxIAMZZEKUPYWI4BruhAQjzFT8FSFSajuFwrDL1Yhy"},
    {"2V6TUTMSH4VQ3Z7WZWKYD7DFNH", "bc1qqthe0hz8klx90e7stf6shclhsvqd5ly96pn53v",
     "smpAkgwRQIhALC6hdfxNy1n45d7UXSskRBdfZW0Al259E1kDMpipdYkAiAJPfZqb+WurZuf1apU5xeE6Igui9d"
     "vt5tihQLDvxlY1AEhAqbnruyo677ktQjio7XOchO3w51Dh9AbRVngha5jtNfT"},
};

#endif
