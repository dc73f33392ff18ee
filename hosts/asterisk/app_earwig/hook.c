/*
 * The audiohook of a channel: what is said and played, and the digits that come as frames, on their way to the library.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/translate.h"

#define SOURCE "earwig"

/* What is missing for longer than this is left to the library's wall clock (stall_ms), lest it counts twice. */
#define LONGEST_GAP_MS 480

/* What a frame most often holds. */
#define FRAME_MS 20

/* What is played can come late by this on a busy machine, and catches up; later than this it paused. */
#define PAUSE_MS 100

/* Frames nearly always come as promised; a re-INVITE can change their rate. */
static struct ast_frame *at_rate(struct listener *listener, struct ast_frame *frame, int stream)
{
	if (ast_format_get_sample_rate(frame->subclass.format) == ast_format_get_sample_rate(listener->format)) {
		return frame;
	}
	if (listener->resampled[stream] != frame->subclass.format) {
		ast_translator_free_path(listener->resampler[stream]);
		listener->resampler[stream] = ast_translator_build_path(listener->format, frame->subclass.format);
		ao2_replace(listener->resampled[stream], frame->subclass.format);
	}
	return listener->resampler[stream] ? ast_translate(listener->resampler[stream], frame, 0) : NULL;
}

static void write_gap(struct listener *listener, int stream, long ms)
{
	earwig_channel_write_gap(listener->call, stream, ms * ast_format_get_sample_rate(listener->format) / 1000);
}

/*
 * Lost packets and pauses of what Asterisk plays are missing from what comes: without them the two directions would drift
 * apart. RTP tells what is missing; a jump that no loss can explain is another source's clock. What is played without RTP comes
 * when it is due.
 */
static void note_gap(struct listener *listener, const struct ast_frame *frame, int stream)
{
	struct flow *flow = &listener->flow[stream];
	const int rtp = ast_test_flag(frame, AST_FRFLAG_HAS_TIMING_INFO);
	const long ms = frame->samples * 1000L / ast_format_get_sample_rate(frame->subclass.format);
	const struct timeval now = ast_tvnow();
	const int64_t late = ast_tvdiff_ms(now, flow->at);
	int64_t missing = rtp && flow->rtp_ms >= 0 ? frame->ts - flow->rtp_ms : INT64_MAX;

	if (missing < -LONGEST_GAP_MS || missing > LONGEST_GAP_MS) {
		missing = stream == EARWIG_STREAM_TX && late > PAUSE_MS ? late : 0;
	}
	if (missing > 0 && missing <= LONGEST_GAP_MS) {
		write_gap(listener, stream, missing);
	}
	flow->rtp_ms = rtp ? frame->ts + ms : -1;
	flow->at = ast_tvadd(late > PAUSE_MS ? now : flow->at, ast_samp2tv(ms, 1000));
}

/* Most senders have no audio beside the events of RFC 4733. The press must not take its time from what was said before it. */
static void note_press(struct listener *listener, long ms)
{
	struct flow *flow = &listener->flow[EARWIG_STREAM_RX];

	if (flow->rtp_ms >= 0 && ms <= LONGEST_GAP_MS && ast_tvdiff_ms(ast_tvnow(), flow->at) >= ms - 2 * FRAME_MS) {
		write_gap(listener, EARWIG_STREAM_RX, ms);
		flow->rtp_ms += ms;
	}
}

static void press(struct listener *listener, const struct ast_frame *frame)
{
	const long ms = frame->len > 0 ? frame->len : 0;

	note_press(listener, ms);
	earwig_dtmf_inject(listener->call, frame->subclass.integer, ms);
}

void hook_press(struct listener *listener, const struct ast_frame *frame)
{
	ast_audiohook_lock(&listener->hook);
	press(listener, frame);
	ast_audiohook_unlock(&listener->hook);
}

static int heard(struct ast_audiohook *hook, struct ast_channel *chan, struct ast_frame *frame,
	enum ast_audiohook_direction direction)
{
	struct listener *listener = (struct listener *) hook;
	int stream = direction == AST_AUDIOHOOK_DIRECTION_READ ? EARWIG_STREAM_RX : EARWIG_STREAM_TX;
	int same = -1;	/* the frame is as it was */

	if (hook->status == AST_AUDIOHOOK_STATUS_DONE) {
		return -1;
	}
	if (ast_channel_state(chan) == AST_STATE_UP) {
		listener_answer(listener);
	}
	if (frame->frametype == AST_FRAME_DTMF) {
		if (stream == EARWIG_STREAM_RX) {
			press(listener, frame);
		}
	} else if (frame->frametype == AST_FRAME_VOICE && frame->samples > 0) {
		struct ast_frame *audio = at_rate(listener, frame, stream);

		note_gap(listener, frame, stream);
		if (audio) {
			earwig_channel_write(listener->call, stream, audio->data.ptr, audio->samples);
			if (audio != frame) {
				ast_frfree(audio);
			}
		}
		if (stream == EARWIG_STREAM_RX) {
			same = squelch_frame(listener->desk->squelch, frame);
		}
	}
	return same;
}

void hook_init(struct listener *listener)
{
	listener->flow[EARWIG_STREAM_RX].rtp_ms = listener->flow[EARWIG_STREAM_TX].rtp_ms = -1;
	ast_audiohook_init(&listener->hook, AST_AUDIOHOOK_TYPE_MANIPULATE, SOURCE, 0);
	listener->hook.manipulate_callback = heard;
	ast_set_flag(&listener->hook, AST_AUDIOHOOK_WANTS_DTMF);
}

void hook_free(struct listener *listener)
{
	int i;

	/* The channel has let its hooks go before its datastores. */
	ast_audiohook_lock(&listener->hook);
	ast_audiohook_detach(&listener->hook);
	ast_audiohook_unlock(&listener->hook);
	ast_audiohook_destroy(&listener->hook);
	for (i = 0; i < 2; i++) {
		ast_translator_free_path(listener->resampler[i]);
		ao2_cleanup(listener->resampled[i]);
	}
}

int hook_runs(struct listener *listener)
{
	int runs;

	ast_audiohook_lock(&listener->hook);
	runs = listener->hook.status == AST_AUDIOHOOK_STATUS_RUNNING;
	ast_audiohook_unlock(&listener->hook);
	return runs;
}

void hook_move(struct ast_channel *from, struct ast_channel *to)
{
	ast_audiohook_move_by_source(from, to, SOURCE);
}

void hook_await_tx(struct listener *listener)
{
	struct timeval now = ast_tvnow();

	ast_audiohook_lock(&listener->hook);
	if (ast_tvcmp(listener->flow[EARWIG_STREAM_TX].at, now) < 0) {
		listener->flow[EARWIG_STREAM_TX].at = now;
	}
	ast_audiohook_unlock(&listener->hook);
}
