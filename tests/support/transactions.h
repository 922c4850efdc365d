/* Ethereum transactions of every kind, unsigned, as ethers serialises them. */
#ifndef TESTS_SUPPORT_TRANSACTIONS_H
#define TESTS_SUPPORT_TRANSACTIONS_H

/* The example of EIP-155. */
#define LEGACY                                                                                     \
    "0xec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764"             \
    "000080018080"
#define ACCESS                                                                                     \
    "0x01f86a01098504a817c800825208943535353535353535353535353535353535353535880de0b6"             \
    "b3a76400008612345678abcdf838f794aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaae1a00101"             \
    "010101010101010101010101010101010101010101010101010101010101"
#define CREATE "0x02ce01800102830186a08001826000c0"
#define TRANSFER                                                                                   \
    "0x02f86d0107843b9aca008506fc23ac0082ea609470707070707070707070707070707070707070"             \
    "7080b844a9059cbb000000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"             \
    "00000000000000000000000000000000000000000000000000000000000f4240c0"
#define TRANSFER_FROM                                                                              \
    "0x02f88d0107843b9aca008506fc23ac0082ea609470707070707070707070707070707070707070"             \
    "7080b86423b872dd0000000000000000000000003535353535353535353535353535353535353535"             \
    "000000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0000000000000000"             \
    "000000000000000000000000000000000000000000000005c0"
#define APPROVE                                                                                    \
    "0x02f86d0107843b9aca008506fc23ac0082ea609470707070707070707070707070707070707070"             \
    "7080b844095ea7b3000000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"             \
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc0"
#define REVOKE                                                                                     \
    "0x02f86d0107843b9aca008506fc23ac0082ea609470707070707070707070707070707070707070"             \
    "7080b844095ea7b3000000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"             \
    "0000000000000000000000000000000000000000000000000000000000000000c0"
#define MORE                                                                                       \
    "0x02f86d0107843b9aca008506fc23ac0082ea609470707070707070707070707070707070707070"             \
    "7080b84439509351000000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"             \
    "0000000000000000000000000000000000000000000000000000000000000007c0"
#define BLOB                                                                                       \
    "0x03f8640101010a8252089435353535353535353535353535353535353535358080c003f842a001"             \
    "22222222222222222222222222222222222222222222222222222222222222a00133333333333333"             \
    "333333333333333333333333333333333333333333333333"
#define SET_CODE                                                                                   \
    "0x04f8da0101010a830186a09435353535353535353535353535353535353535358080c0f8b8f85a"             \
    "0194aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0501a0ff25c1436dac56a0daec6455ac818a"             \
    "1ffd03893fe8bf6eaa7585b35083af3a78a00a0009b5a839c377685df290af2fd5f84cfba4ae35ed"             \
    "66e6355479b53aad8e2df85a8094aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa8001a01c4313"             \
    "0623ec84bcdf9c1d4592577e9dc221c022da32df6319867dddff560a41a02f35e05725dce9acd9b2"             \
    "1b3a6ffbc9e4ee18f84a6fd24eb8188003cd29fba450"
#define SELF                                                                                       \
    "0x02e701098001825208949d8a62f656a8d1615c1294fd71e9cfb3e4855a4f880de0b6b3a7640000"             \
    "80c0"
#define ETH_TX(transaction) "{\"type\":\"eth_tx\",\"transaction\":\"" transaction "\"}"

#endif
