/* A key of the tests' own, and a search for it through all memory of this process. */
#ifndef SECRET_H
#define SECRET_H

#include "test.h"

enum { SECRET_BYTES = 32 };

/* Writes its bytes. */
void write_secret(void *bytes);
/* Writes it as hexadecimal digits and a NUL; answers where that is. */
char *write_secret_digits(char *text);
void wipe_bytes(void *bytes, size_t count);
/* Whether a search makes sense here. */
int memory_is_clear(void);
/* How often a half of it, in bytes or as digits, is in the memory that this process can write. */
int found_in_memory(void);

#endif
