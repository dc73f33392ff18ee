/*
 * Digits that others are not to hear: the far side of a bridge, or an application.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 *
 * A digit is sure some 35 ms after it began, and on_event some 10 ms later. So what goes on is late by more than that, and the digit
 * is silence before it is there. Digits that are signalled do not go on at all: a framehook takes them, and tells the library.
 */

#include "app_earwig.h"

#include "asterisk/astobj2.h"
#include "asterisk/framehook.h"
#include "asterisk/module.h"

/* How late what goes on is. */
#define DELAY_MS 80

/* What may have come since the library heard of a digit: a worker looks every 10 ms, and a frame has most often 20. */
#define SLACK_MS 25

/* No key is held for longer; its end may not have been on_event. */
#define LONGEST_MS 30000

/* Room for the delay at 48 kHz. */
#define LINE_SAMPLES 4096

/* What was said, on its late way. Times are samples since it began. An ao2 object. */
struct squelch {
	int on;
	int hooked;	/* the framehook is there, and stays */
	int rate;	/* 0 before the first frame */
	int64_t came;
	int64_t from, until;	/* what is silence */
	int16_t line[LINE_SAMPLES];
};

struct squelch *squelch_alloc(void)
{
	return ao2_alloc(sizeof(struct squelch), NULL);
}

static void begin(struct squelch *squelch, int rate)
{
	squelch->rate = rate;
	squelch->came = squelch->until = 0;
	squelch->from = INT64_MAX;
	memset(squelch->line, 0, sizeof(squelch->line));
}

static int is_on(struct squelch *squelch)
{
	int on;

	ao2_lock(squelch);
	on = squelch->on;
	ao2_unlock(squelch);
	return on;
}

/* The channel is locked. */
static struct ast_frame *passes(struct ast_channel *chan, struct ast_frame *frame, enum ast_framehook_event event, void *data)
{
	struct channel_state *state;

	if (event != AST_FRAMEHOOK_EVENT_READ || !frame
			|| (frame->frametype != AST_FRAME_DTMF_BEGIN && frame->frametype != AST_FRAME_DTMF_END)) {
		return frame;
	}
	state = channel_state_find(chan);
	if (!state || !is_on(data)) {
		return frame;
	}
	if (frame->frametype == AST_FRAME_DTMF_END) {
		media_signalled_digit(state, frame);
	}
	ast_frfree(frame);
	return &ast_null_frame;
}

static int consumes(void *data, enum ast_frame_type type)
{
	return type == AST_FRAME_DTMF_BEGIN || type == AST_FRAME_DTMF_END;
}

static void unhooked(void *data)
{
	ao2_ref(data, -1);
	ast_module_unref(AST_MODULE_SELF);
}

static void take_frames(struct squelch *squelch, struct ast_channel *chan)
{
	struct ast_framehook_interface hook = {
		.version = AST_FRAMEHOOK_INTERFACE_VERSION,
		.event_cb = passes,
		.consume_cb = consumes,
		.destroy_cb = unhooked,
		.data = ao2_bump(squelch),
	};

	ast_module_ref(AST_MODULE_SELF);
	squelch->hooked = ast_framehook_attach(chan, &hook) >= 0;
	if (!squelch->hooked) {
		ast_log(LOG_WARNING, "%s: signalled digits go on\n", ast_channel_name(chan));
		unhooked(squelch);
	}
}

void squelch_set(struct squelch *squelch, struct ast_channel *chan, int on)
{
	if (on && !squelch->hooked) {
		take_frames(squelch, chan);
	}
	ao2_lock(squelch);
	if (on && !squelch->on) {
		begin(squelch, 0);
	}
	squelch->on = on;
	ao2_unlock(squelch);
}

void squelch_on_digit(struct squelch *squelch, const earwig_event *event)
{
	int64_t per_ms;

	ao2_lock(squelch);
	per_ms = squelch->rate / 1000;
	if (event->type == EARWIG_EVENT_TYPE_DIGIT) {
		squelch->from = squelch->came - (event->at_ms - event->start_ms + SLACK_MS) * per_ms;
		squelch->until = squelch->came + LONGEST_MS * per_ms;
	} else {
		squelch->until = squelch->came - (event->at_ms - event->end_ms - SLACK_MS) * per_ms;
	}
	ao2_unlock(squelch);
}

int squelch_frame(struct squelch *squelch, struct ast_frame *frame)
{
	const int rate = ast_format_get_sample_rate(frame->subclass.format);
	const int64_t delay = DELAY_MS * (int64_t) rate / 1000;
	int16_t *samples = frame->data.ptr;
	int i, on;

	ao2_lock(squelch);
	on = squelch->on && delay <= LINE_SAMPLES;
	if (on && rate != squelch->rate) {
		begin(squelch, rate);
	}
	for (i = 0; on && i < frame->samples; i++) {
		/* What came the delay ago leaves its place in the line to what comes. */
		const int64_t place = squelch->came % delay, old = squelch->came - delay;
		const int16_t sample = squelch->line[place];

		squelch->line[place] = samples[i];
		samples[i] = old >= squelch->from && old < squelch->until ? 0 : sample;
		squelch->came++;
	}
	ao2_unlock(squelch);
	return on ? 0 : -1;
}
