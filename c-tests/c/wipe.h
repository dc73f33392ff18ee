/* A test key, and a search for it in the memory of this process. */
#ifndef WIPE_H
#define WIPE_H

#include "test.h"

enum { KEY_BYTES = 32 };

/* Writes its bytes. */
void write_key(void *bytes);
/* Writes it as hexadecimal digits and a NUL. Returns the address of the NUL. */
char *write_key_digits(char *text);
void wipe_bytes(void *bytes, size_t count);
/* Whether the search works in this program: not under valgrind or a sanitizer. */
int can_search_memory(void);
/* Occurrences of a half of the key, as bytes or digits, in the writable memory of this process. */
int key_occurrences(void);

#endif
