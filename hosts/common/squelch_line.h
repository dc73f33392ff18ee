/*
 * The delay line that removes in-band DTMF tones from audio before others hear them.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 *
 * A digit is detected about 35 ms after it began, and its event arrives about 10 ms later. The audio is delayed by more than that, so
 * that the digit is muted before it leaves the line.
 */

#ifndef EARWIG_HOSTS_SQUELCH_LINE_H
#define EARWIG_HOSTS_SQUELCH_LINE_H

#include "common/job.h"

/* Room for the delay at 48 kHz. */
#define SQUELCH_LINE_SAMPLES 4096

/* Positions count samples since the reset. */
struct squelch_line {
	int rate_hz;	/* 0 before the first samples */
	int64_t written;
	int64_t mute_from, mute_until;
	int16_t delayed[SQUELCH_LINE_SAMPLES];
};

void squelch_line_reset(struct squelch_line *line, int rate_hz);

/* DIGIT mutes from the start of the tone, DIGIT_END unmutes after its end. */
void squelch_line_on_digit(struct squelch_line *line, const earwig_event *event);

/* Replaces the samples by those of 80 ms ago, with silence for digits. -1 at rates above 48 kHz: they stay as they were. */
int squelch_line_process(struct squelch_line *line, int16_t *samples, size_t count, int rate_hz);

#endif
