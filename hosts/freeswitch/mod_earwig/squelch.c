/*
 * DTMF tones that the other leg of a bridge must not hear.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

void squelch_init(struct squelch *squelch, switch_memory_pool_t *pool)
{
	switch_mutex_init(&squelch->mutex, SWITCH_MUTEX_NESTED, pool);
}

int squelch_is_on(struct squelch *squelch)
{
	return __atomic_load_n(&squelch->on, __ATOMIC_ACQUIRE);
}

void squelch_set(struct squelch *squelch, int on)
{
	switch_mutex_lock(squelch->mutex);
	if (on && !squelch->on) {
		squelch_line_reset(&squelch->line, 0);
	}
	__atomic_store_n(&squelch->on, on, __ATOMIC_RELEASE);
	switch_mutex_unlock(squelch->mutex);
}

void squelch_on_digit(struct squelch *squelch, const earwig_event *event)
{
	switch_mutex_lock(squelch->mutex);
	squelch_line_on_digit(&squelch->line, event);
	switch_mutex_unlock(squelch->mutex);
}

void squelch_frame(struct squelch *squelch, int16_t *samples, size_t count, uint32_t rate)
{
	switch_mutex_lock(squelch->mutex);
	squelch_line_process(&squelch->line, samples, count, (int) rate);
	switch_mutex_unlock(squelch->mutex);
}
