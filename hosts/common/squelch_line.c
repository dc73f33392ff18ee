/*
 * The delay line that removes in-band DTMF tones from audio before others hear them.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "common/squelch_line.h"

#include <string.h>

#define DELAY_MS 80

/* Audio that may have arrived since the library saw a digit: a worker looks every 10 ms, and most frames hold 20 ms. */
#define SLACK_MS 25

/* Longest mute, in case DIGIT_END is lost: nobody holds a key for longer. */
#define LONGEST_DIGIT_MS 30000

void squelch_line_reset(struct squelch_line *line, int rate_hz)
{
	line->rate_hz = rate_hz;
	line->written = line->mute_until = 0;
	line->mute_from = INT64_MAX;
	memset(line->delayed, 0, sizeof(line->delayed));
}

void squelch_line_on_digit(struct squelch_line *line, const earwig_event *event)
{
	const int64_t per_ms = line->rate_hz / 1000;

	if (event->type == EARWIG_EVENT_TYPE_DIGIT) {
		line->mute_from = line->written - (event->at_ms - event->start_ms + SLACK_MS) * per_ms;
		line->mute_until = line->written + LONGEST_DIGIT_MS * per_ms;
	} else {
		line->mute_until = line->written - (event->at_ms - event->end_ms - SLACK_MS) * per_ms;
	}
}

int squelch_line_process(struct squelch_line *line, int16_t *samples, size_t count, int rate_hz)
{
	const int64_t delay = DELAY_MS * (int64_t) rate_hz / 1000;
	size_t i;

	if (delay > SQUELCH_LINE_SAMPLES) {
		return -1;
	}
	if (rate_hz != line->rate_hz) {
		squelch_line_reset(line, rate_hz);
	}
	for (i = 0; i < count; i++) {
		/* The oldest sample gives its place to the newest. */
		const int64_t place = line->written % delay, age = line->written - delay;
		const int16_t oldest = line->delayed[place];

		line->delayed[place] = samples[i];
		samples[i] = age >= line->mute_from && age < line->mute_until ? 0 : oldest;
		line->written++;
	}
	return 0;
}
