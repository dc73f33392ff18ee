/* Helpers of the tests of collections. */
#ifndef DTMF_H
#define DTMF_H

#include "test.h"

/* The defaults. */
earwig_dtmf_options dtmf_options(void);
/* `count` digits, without a timeout. */
earwig_dtmf_options dtmf_count(int32_t count);
/* Waits for the end of the collection and returns its result. */
earwig_dtmf_result dtmf_result(earwig_channel *channel);
/* Collects digits and returns the result. */
earwig_dtmf_result dtmf_collect(earwig_channel *channel, const earwig_dtmf_options *options);
void check_collected(earwig_dtmf_result result, int32_t cause, const char *digits);

#endif
