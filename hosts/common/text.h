/*
 * Names and values as text: times, fields of results, counters of the engine.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#ifndef EARWIG_HOSTS_TEXT_H
#define EARWIG_HOSTS_TEXT_H

#include "common/job.h"

/* Seconds, which may have a fraction, in ms; -1 for "None" (no limit), -2 for anything else. */
int64_t seconds_to_ms(const char *text);

/* Whether a job in the background leaves this variable alone: the cause and the error are those of the last application. */
int is_application_variable(const char *name);

/* detect_ms becomes DetectMs, or Detect-Ms with "-" between words. */
void field_to_header(char *header, size_t size, const char *name, const char *between);

/* The library's version and the engine's counters. */
void engine_counters_foreach(earwig_engine *engine, earwig_field_fn function, void *user);

#endif
