/*
 * Arguments of applications that may stand first, or anywhere among the options by their names.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#ifndef EARWIG_HOSTS_ARGS_H
#define EARWIG_HOSTS_ARGS_H

#include <stddef.h>
#include <stdint.h>

/* Whether the text begins with options: JSON, or a name and '='. So a file `a=b.wav` has to be `./a=b.wav`, or named. */
int args_begin_with_option(const char *text);

/*
 * Copies the argument that is `first`, or that `options` hold as `name=value`: there it is cut out, since the library does not know
 * it. A value with a comma stands in double quotes. Empty if there is neither. -1 and an error text if there are both, or if it is
 * too long.
 */
int args_choose(const char *first, char *options, const char *name, char *value, size_t value_size, char *error, size_t size);

/* A wait's seconds, `5` or `seconds_timeout=5`, in ms; `missing` for an empty text. -1: no limit. -2 and an error text. */
int64_t args_wait_ms(const char *text, int64_t missing, char *error, size_t size);

#endif
