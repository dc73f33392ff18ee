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
static struct ast_frame *at_rate(struct channel_state *state, struct ast_frame *frame, int stream)
{
	if (ast_format_get_sample_rate(frame->subclass.format) == ast_format_get_sample_rate(state->format)) {
		return frame;
	}
	if (state->resampled[stream] != frame->subclass.format) {
		ast_translator_free_path(state->resampler[stream]);
		state->resampler[stream] = ast_translator_build_path(state->format, frame->subclass.format);
		ao2_replace(state->resampled[stream], frame->subclass.format);
	}
	return state->resampler[stream] ? ast_translate(state->resampler[stream], frame, 0) : NULL;
}

static void write_gap(struct channel_state *state, int stream, long ms)
{
	earwig_channel_write_gap(state->call, stream, ms * ast_format_get_sample_rate(state->format) / 1000);
}

/*
 * Lost packets and pauses of what Asterisk plays are missing from what comes: without them the two directions would drift
 * apart. RTP tells what is missing; a jump that no loss can explain is another source's clock. What is played without RTP comes
 * when it is due.
 */
static void note_gap(struct channel_state *state, const struct ast_frame *frame, int stream)
{
	struct flow *flow = &state->flow[stream];
	const int rtp = ast_test_flag(frame, AST_FRFLAG_HAS_TIMING_INFO);
	const long ms = frame->samples * 1000L / ast_format_get_sample_rate(frame->subclass.format);
	const struct timeval now = ast_tvnow();
	const int64_t late = ast_tvdiff_ms(now, flow->at);
	int64_t missing = rtp && flow->rtp_ms >= 0 ? frame->ts - flow->rtp_ms : INT64_MAX;

	if (missing < -LONGEST_GAP_MS || missing > LONGEST_GAP_MS) {
		missing = stream == EARWIG_STREAM_TX && late > PAUSE_MS ? late : 0;
	}
	if (missing > 0 && missing <= LONGEST_GAP_MS) {
		write_gap(state, stream, missing);
	}
	flow->rtp_ms = rtp ? frame->ts + ms : -1;
	flow->at = ast_tvadd(late > PAUSE_MS ? now : flow->at, ast_samp2tv(ms, 1000));
}

/* Most senders have no audio beside the events of RFC 4733. The press must not take its time from what was said before it. */
static void note_press(struct channel_state *state, long ms)
{
	struct flow *flow = &state->flow[EARWIG_STREAM_RX];

	if (flow->rtp_ms >= 0 && ms <= LONGEST_GAP_MS && ast_tvdiff_ms(ast_tvnow(), flow->at) >= ms - 2 * FRAME_MS) {
		write_gap(state, EARWIG_STREAM_RX, ms);
		flow->rtp_ms += ms;
	}
}

static void press(struct channel_state *state, const struct ast_frame *frame)
{
	const long ms = frame->len > 0 ? frame->len : 0;

	note_press(state, ms);
	earwig_dtmf_inject(state->call, frame->subclass.integer, ms);
}

void media_signalled_digit(struct channel_state *state, const struct ast_frame *frame)
{
	ast_audiohook_lock(&state->hook);
	press(state, frame);
	ast_audiohook_unlock(&state->hook);
}

static int heard(struct ast_audiohook *hook, struct ast_channel *chan, struct ast_frame *frame,
	enum ast_audiohook_direction direction)
{
	struct channel_state *state = (struct channel_state *) hook;
	int stream = direction == AST_AUDIOHOOK_DIRECTION_READ ? EARWIG_STREAM_RX : EARWIG_STREAM_TX;
	int same = -1;	/* the frame is as it was */

	if (hook->status == AST_AUDIOHOOK_STATUS_DONE) {
		return -1;
	}
	if (ast_channel_state(chan) == AST_STATE_UP) {
		channel_state_answer(state);
	}
	if (frame->frametype == AST_FRAME_DTMF) {
		if (stream == EARWIG_STREAM_RX) {
			press(state, frame);
		}
	} else if (frame->frametype == AST_FRAME_VOICE && frame->samples > 0) {
		struct ast_frame *audio = at_rate(state, frame, stream);

		note_gap(state, frame, stream);
		if (audio) {
			earwig_channel_write(state->call, stream, audio->data.ptr, audio->samples);
			if (audio != frame) {
				ast_frfree(audio);
			}
		}
		if (stream == EARWIG_STREAM_RX) {
			same = squelch_frame(state->context->squelch, frame);
		}
	}
	return same;
}

void media_init(struct channel_state *state)
{
	state->flow[EARWIG_STREAM_RX].rtp_ms = state->flow[EARWIG_STREAM_TX].rtp_ms = -1;
	ast_audiohook_init(&state->hook, AST_AUDIOHOOK_TYPE_MANIPULATE, SOURCE, 0);
	state->hook.manipulate_callback = heard;
	ast_set_flag(&state->hook, AST_AUDIOHOOK_WANTS_DTMF);
}

void media_free(struct channel_state *state)
{
	int i;

	/* The channel has let its hooks go before its datastores. */
	ast_audiohook_lock(&state->hook);
	ast_audiohook_detach(&state->hook);
	ast_audiohook_unlock(&state->hook);
	ast_audiohook_destroy(&state->hook);
	for (i = 0; i < 2; i++) {
		ast_translator_free_path(state->resampler[i]);
		ao2_cleanup(state->resampled[i]);
	}
}

int media_is_attached(struct channel_state *state)
{
	int runs;

	ast_audiohook_lock(&state->hook);
	runs = state->hook.status == AST_AUDIOHOOK_STATUS_RUNNING;
	ast_audiohook_unlock(&state->hook);
	return runs;
}

void media_move(struct ast_channel *from, struct ast_channel *to)
{
	ast_audiohook_move_by_source(from, to, SOURCE);
}

void media_expect_tx(struct channel_state *state)
{
	struct timeval now = ast_tvnow();

	ast_audiohook_lock(&state->hook);
	if (ast_tvcmp(state->flow[EARWIG_STREAM_TX].at, now) < 0) {
		state->flow[EARWIG_STREAM_TX].at = now;
	}
	ast_audiohook_unlock(&state->hook);
}
