/*
 * DTMF tones that the other leg of a bridge is not to hear.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 *
 * A digit is sure some 35 ms after it began, and on_event some 10 ms later. So what goes on to the other leg is late by more than
 * that, and the digit is silence before it is there.
 */

#include "mod_earwig.h"

/* How late what goes on is. */
#define DELAY_MS 80

/* What may have come since the library heard of a digit: a worker looks every 10 ms, and a frame has most often 20. */
#define SLACK_MS 25

/* No key is held for longer; its end may not have been on_event. */
#define LONGEST_MS 30000

void squelch_init(struct channel_state *state, switch_memory_pool_t *pool)
{
	switch_mutex_init(&state->squelch.mutex, SWITCH_MUTEX_NESTED, pool);
}

int squelch_is_on(struct channel_state *state)
{
	return __atomic_load_n(&state->squelch.on, __ATOMIC_ACQUIRE);
}

void squelch_set(struct channel_state *state, int on)
{
	struct squelch *squelch = &state->squelch;

	switch_mutex_lock(squelch->mutex);
	if (on && !squelch->on) {
		memset(squelch->line, 0, sizeof(squelch->line));
		squelch->came = squelch->until = 0;
		squelch->from = INT64_MAX;
	}
	__atomic_store_n(&squelch->on, on, __ATOMIC_RELEASE);
	switch_mutex_unlock(squelch->mutex);
}

/* On a thread of the library's. */
void squelch_on_digit(struct channel_state *state, const earwig_event *event)
{
	struct squelch *squelch = &state->squelch;
	const int64_t per_ms = squelch->rate / 1000;

	switch_mutex_lock(squelch->mutex);
	if (event->type == EARWIG_EVENT_TYPE_DIGIT) {
		squelch->from = squelch->came - (event->at_ms - event->start_ms + SLACK_MS) * per_ms;
		squelch->until = squelch->came + LONGEST_MS * per_ms;
	} else {
		squelch->until = squelch->came - (event->at_ms - event->end_ms - SLACK_MS) * per_ms;
	}
	switch_mutex_unlock(squelch->mutex);
}

void squelch_frame(struct channel_state *state, int16_t *samples, size_t count, uint32_t rate)
{
	struct squelch *squelch = &state->squelch;
	const int64_t delay = DELAY_MS * (int64_t) rate / 1000;
	size_t i;

	if (delay > (int64_t) (sizeof(squelch->line) / sizeof(*squelch->line))) {
		return;
	}
	switch_mutex_lock(squelch->mutex);
	squelch->rate = rate;
	for (i = 0; i < count; i++) {
		/* What came the delay ago leaves its place in the line to what comes. */
		const int64_t place = squelch->came % delay, old = squelch->came - delay;
		const int16_t sample = squelch->line[place];

		squelch->line[place] = samples[i];
		samples[i] = old >= squelch->from && old < squelch->until ? 0 : sample;
		squelch->came++;
	}
	switch_mutex_unlock(squelch->mutex);
}
