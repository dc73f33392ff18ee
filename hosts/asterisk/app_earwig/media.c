/*
 * The audiohook of a channel: passes audio in both directions and DTMF frames to the library.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/translate.h"

#define SOURCE "earwig"

/* Longer gaps are left to the library's wall clock (stall_ms): counted here too, they would count twice. */
#define LONGEST_GAP_MS 480

/* Length of most frames. */
#define FRAME_MS 20

/* Played frames that are late by less than this catch up, on a busy machine; later ones follow a pause. */
#define PAUSE_MS 100

/* Nearly all frames have the promised rate; a re-INVITE can change it. */
static struct ast_frame *resample(struct channel_state *state, struct ast_frame *frame, int stream)
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
 * Fills in lost packets, and pauses in what Asterisk plays: without them the two directions would drift apart. RTP timestamps tell
 * what is missing; a jump that no loss can explain comes from the clock of another source. Played frames without RTP timing are
 * compared with the time at which they were due.
 */
static void fill_gap(struct channel_state *state, const struct ast_frame *frame, int stream)
{
	struct frame_clock *clock = &state->clock[stream];
	const int rtp = ast_test_flag(frame, AST_FRFLAG_HAS_TIMING_INFO);
	const long ms = frame->samples * 1000L / ast_format_get_sample_rate(frame->subclass.format);
	const struct timeval now = ast_tvnow();
	const int64_t late = ast_tvdiff_ms(now, clock->next_due);
	int64_t missing = rtp && clock->next_rtp_ms >= 0 ? frame->ts - clock->next_rtp_ms : INT64_MAX;

	if (missing < -LONGEST_GAP_MS || missing > LONGEST_GAP_MS) {
		missing = stream == EARWIG_STREAM_TX && late > PAUSE_MS ? late : 0;
	}
	if (missing > 0 && missing <= LONGEST_GAP_MS) {
		write_gap(state, stream, missing);
	}
	clock->next_rtp_ms = rtp ? frame->ts + ms : -1;
	clock->next_due = ast_tvadd(late > PAUSE_MS ? now : clock->next_due, ast_samp2tv(ms, 1000));
}

/* Most senders pause their audio during an RFC 4733 event. The digit's time must not come out of the audio before it. */
static void fill_digit_gap(struct channel_state *state, long ms)
{
	struct frame_clock *clock = &state->clock[EARWIG_STREAM_RX];

	if (clock->next_rtp_ms >= 0 && ms <= LONGEST_GAP_MS
			&& ast_tvdiff_ms(ast_tvnow(), clock->next_due) >= ms - 2 * FRAME_MS) {
		write_gap(state, EARWIG_STREAM_RX, ms);
		clock->next_rtp_ms += ms;
	}
}

/* The audiohook is locked. */
static void inject_digit(struct channel_state *state, const struct ast_frame *frame)
{
	const long ms = frame->len > 0 ? frame->len : 0;

	fill_digit_gap(state, ms);
	earwig_dtmf_inject(state->call, frame->subclass.integer, ms);
}

void media_signalled_digit(struct channel_state *state, const struct ast_frame *frame)
{
	ast_audiohook_lock(&state->hook);
	inject_digit(state, frame);
	ast_audiohook_unlock(&state->hook);
}

/* 0 if the frame has changed. */
static int on_voice(struct channel_state *state, struct ast_frame *frame, int stream)
{
	struct ast_frame *audio = resample(state, frame, stream);

	fill_gap(state, frame, stream);
	if (audio) {
		earwig_channel_write(state->call, stream, audio->data.ptr, audio->samples);
		if (audio != frame) {
			ast_frfree(audio);
		}
	}
	return stream == EARWIG_STREAM_RX ? squelch_frame(state->context->squelch, frame) : -1;
}

static int on_audiohook(struct ast_audiohook *hook, struct ast_channel *chan, struct ast_frame *frame,
	enum ast_audiohook_direction direction)
{
	struct channel_state *state = (struct channel_state *) hook;
	int stream = direction == AST_AUDIOHOOK_DIRECTION_READ ? EARWIG_STREAM_RX : EARWIG_STREAM_TX;

	if (hook->status == AST_AUDIOHOOK_STATUS_DONE) {
		return -1;
	}
	if (ast_channel_state(chan) == AST_STATE_UP) {
		channel_state_answer(state);
	}
	if (frame->frametype == AST_FRAME_DTMF && stream == EARWIG_STREAM_RX) {
		inject_digit(state, frame);
	} else if (frame->frametype == AST_FRAME_VOICE && frame->samples > 0) {
		return on_voice(state, frame, stream);
	}
	return -1;
}

void media_init(struct channel_state *state)
{
	state->clock[EARWIG_STREAM_RX].next_rtp_ms = state->clock[EARWIG_STREAM_TX].next_rtp_ms = -1;
	ast_audiohook_init(&state->hook, AST_AUDIOHOOK_TYPE_MANIPULATE, SOURCE, 0);
	state->hook.manipulate_callback = on_audiohook;
	ast_set_flag(&state->hook, AST_AUDIOHOOK_WANTS_DTMF);
}

void media_free(struct channel_state *state)
{
	int i;

	/* The channel detaches its audiohooks before it destroys its datastores. */
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
	int attached;

	ast_audiohook_lock(&state->hook);
	attached = state->hook.status == AST_AUDIOHOOK_STATUS_RUNNING;
	ast_audiohook_unlock(&state->hook);
	return attached;
}

void media_detach(struct channel_state *state, struct ast_channel *chan)
{
	ast_audiohook_remove(chan, &state->hook);
}

void media_move(struct ast_channel *from, struct ast_channel *to)
{
	ast_audiohook_move_by_source(from, to, SOURCE);
}

void media_expect_tx(struct channel_state *state)
{
	struct timeval now = ast_tvnow();

	ast_audiohook_lock(&state->hook);
	if (ast_tvcmp(state->clock[EARWIG_STREAM_TX].next_due, now) < 0) {
		state->clock[EARWIG_STREAM_TX].next_due = now;
	}
	ast_audiohook_unlock(&state->hook);
}
