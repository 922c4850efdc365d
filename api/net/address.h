/* Whom this service calls: nobody tricks it into asking what answers to this machine alone, such as
 * the services that hand out a cloud machine's own keys. */
#ifndef CSIGD_NET_ADDRESS_H
#define CSIGD_NET_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* Is it of this machine, 127.0.0.0/8 or ::1? */
bool csigd_address_is_loopback(const struct sockaddr *address);
/* Is it link-local, of a metadata service, multicast, unspecified or reserved; also as IPv6 carries
 * those of IPv4? */
bool csigd_address_is_odd(const struct sockaddr *address);

#endif
