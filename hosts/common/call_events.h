/*
 * The library's events of a call, on their way to the host.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#ifndef EARWIG_HOSTS_CALL_EVENTS_H
#define EARWIG_HOSTS_CALL_EVENTS_H

#include "common/job.h"

struct call_context;	/* the host's */

/* The callback of a call. `context` is its call_context. */
void call_events_dispatch(void *context, earwig_channel *call, const earwig_event *event);

/* ---- the host's; each runs on a thread of the library ---- */

void job_ended(struct call_context *context, earwig_channel *call, const earwig_event *event);

/* A key is pressed, or let go. */
void squelch_digit(struct call_context *context, const earwig_event *event);

/* Queues a digit, the progress of a detection, or a beep after it. */
void event_progress(struct call_context *context, const earwig_event *event);

#endif
