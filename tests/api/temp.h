/* Temporary folders, and a store or a service in one. */
#ifndef TESTS_API_TEMP_H
#define TESTS_API_TEMP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/service.h"
#include "store/store.h"

/* A fresh private folder; static text. Made anew by each call; removed with all that is in it by
 * temp_remove. */
const char *temp_folder(void);
void temp_remove(void);
/* folder/name; static text. */
const char *temp_path(const char *name);
/* Writes a file with this mode. */
void temp_write(const char *name, const void *octets, size_t len, unsigned mode);

/* A store in the folder. */
csigd_store *temp_store(void);
/* A service on a store in the folder, under a passphrase-free key file of this octet. */
void temp_service(csigd_service *service, uint8_t key);

/* Log lines, which go to descriptor 2, go nowhere from here on; cmocka's words still go out. */
void temp_quiet(void);

#endif
