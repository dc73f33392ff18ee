/* What the tests of collections share. */
#ifndef DTMF_H
#define DTMF_H

#include "test.h"

/* The defaults. */
earwig_dtmf_options dtmf_options(void);
/* So many digits, however long they take. */
earwig_dtmf_options dtmf_count(int32_t count);
/* How the collection ended; waits for that. */
earwig_dtmf_result dtmf_result(earwig_channel *channel);
/* Collects, and waits until that ends. */
earwig_dtmf_result dtmf_collect(earwig_channel *channel, const earwig_dtmf_options *options);
void check_collected(earwig_dtmf_result result, int32_t cause, const char *digits);

#endif
