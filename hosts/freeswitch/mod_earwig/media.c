/*
 * The media bug of a channel: what is said and played, on its way to the library.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 *
 * The bug streams rather than replaces: so the frames that go on are those that came, and nothing is coded once more. What is
 * played is streamed only while a job wants it. Reading and writing may be on two threads, and the core reads both buffers of a
 * bug at once; so whichever thread comes first moves what there is, and the other goes on its way.
 */

#include "mod_earwig.h"

/* What is missing for longer than this is left to the library's wall clock, lest it counts twice. */
#define LONGEST_GAP_MS 480

/* stall_ms of the library: when nothing has come for so long, all of that becomes a gap there. */
#define STALL_MS 500

/* What is played can come late by this on a busy machine, and catches up; later than this it paused. */
#define PAUSE_MS 100

/* The core's filler for what did not come, comfort noise too, is a frame of samples of -1. */
static int is_filler(const int16_t *samples, size_t count)
{
	return samples[0] == -1 && !memcmp(samples, samples + 1, (count - 1) * sizeof(*samples));
}

/* Frames nearly always come at the rate that was promised; a re-INVITE can change it. */
static void write_resampled(struct channel_state *state, int stream, int16_t *samples, size_t count, uint32_t rate)
{
	struct flow *flow = &state->flow[stream];

	if (flow->rate != rate) {
		if (flow->resampler) {
			switch_resample_destroy(&flow->resampler);
		}
		flow->rate = 0;
		if (switch_resample_create(&flow->resampler, rate, state->rate, (uint32_t) (count * sizeof(*samples)),
				SWITCH_RESAMPLE_QUALITY, 1) != SWITCH_STATUS_SUCCESS) {
			return;
		}
		flow->rate = rate;
	}
	switch_resample_process(flow->resampler, samples, (uint32_t) count);
	earwig_channel_write(state->call, stream, flow->resampler->to, flow->resampler->to_len);
}

static void move(struct channel_state *state, int stream, int16_t *samples, size_t count, uint32_t rate)
{
	if (is_filler(samples, count)) {
		earwig_channel_write_gap(state->call, stream, count * state->rate / rate);
	} else if (rate == state->rate) {
		earwig_channel_write(state->call, stream, samples, count);
	} else {
		write_resampled(state, stream, samples, count, rate);
	}
}

/* Nothing comes while nothing is played: without the gap the two directions would drift apart. */
static void note_tx_gap(struct channel_state *state, size_t count, uint32_t rate)
{
	struct flow *flow = &state->flow[EARWIG_STREAM_TX];
	const switch_time_t now = switch_micro_time_now();
	const int64_t late = (now - flow->due) / 1000;

	if (late > PAUSE_MS) {
		if (late <= LONGEST_GAP_MS) {
			earwig_channel_write_gap(state->call, EARWIG_STREAM_TX, late * state->rate / 1000);
		}
		flow->due = now;
	}
	flow->due += count * 1000000 / rate;
}

/*
 * Without a timer the core does not fill what is lost, and audio that comes behind the events of RFC 2833 jumps as well: the time
 * of what was said would be lost with it, and so would a hold's, in which fillers come now and then and what is said meanwhile
 * late. A jump that neither a loss nor the time that has passed can explain is another source's clock.
 */
void media_note_rtp_time(struct channel_state *state, const switch_frame_t *frame)
{
	const switch_codec_implementation_t *codec = frame->codec ? frame->codec->implementation : NULL;
	const switch_time_t now = switch_micro_time_now();
	struct clock *clock = &state->clock;
	int64_t ms, missing, passed;

	if (!codec || !codec->samples_per_second || !codec->encoded_bytes_per_packet) {
		return;
	}
	if (clock->seen && now - clock->seen >= STALL_MS * 1000) {
		clock->filled_ms += (now - clock->seen) / 1000;
	}
	clock->seen = now;
	ms = codec->microseconds_per_packet / 1000;
	if (switch_test_flag(frame, SFF_CNG) || !frame->timestamp) {
		clock->filled_ms += ms;
		return;
	}
	ms = ms * frame->datalen / codec->encoded_bytes_per_packet;
	missing = (int64_t) (int32_t) (frame->timestamp - clock->stamp) * 1000 / codec->samples_per_second - clock->packet_ms
		- clock->filled_ms;
	if (!clock->packet_ms || clock->source != frame->ssrc) {
		missing = clock->ahead_ms = 0;
	} else if (missing < 0) {
		clock->ahead_ms -= missing;
	} else if (missing > LONGEST_GAP_MS) {
		missing -= clock->ahead_ms;
		clock->ahead_ms = 0;
	}
	passed = (now - clock->heard) / 1000 - clock->filled_ms;
	if (missing > 0 && (missing <= LONGEST_GAP_MS || missing <= passed)) {
		__atomic_add_fetch(&clock->lost_ms, missing, __ATOMIC_RELAXED);
	}
	clock->source = frame->ssrc;
	clock->stamp = frame->timestamp;
	clock->packet_ms = ms;
	clock->filled_ms = 0;
	clock->heard = now;
}

static void note_rx_gap(struct channel_state *state)
{
	const int64_t lost = __atomic_exchange_n(&state->clock.lost_ms, 0, __ATOMIC_RELAXED);

	if (lost) {
		earwig_channel_write_gap(state->call, EARWIG_STREAM_RX, lost * state->rate / 1000);
	}
}

/* The mean of the channels of a codec that has two; how many samples that makes. */
static size_t mixed(int16_t *samples, size_t count, int channels)
{
	size_t i;

	if (channels == 2) {
		count /= 2;
		for (i = 0; i < count; i++) {
			samples[i] = (int16_t) ((samples[2 * i] + samples[2 * i + 1]) / 2);
		}
	}
	return count;
}

static void carry(struct channel_state *state, switch_media_bug_t *bug)
{
	switch_codec_implementation_t codec = { 0 };

	if (switch_mutex_trylock(state->media) != SWITCH_STATUS_SUCCESS) {
		return;
	}
	switch_core_session_get_read_impl(state->session, &codec);
	for (;;) {
		switch_frame_t frame = { 0 };
		const int streams[2] = { 1, switch_core_media_bug_test_flag(bug, SMBF_WRITE_STREAM) };
		switch_size_t held[2] = { 0, 0 };
		size_t count, i;
		int stream;

		frame.data = state->both;
		frame.buflen = sizeof(state->both);
		switch_core_media_bug_inuse(bug, &held[EARWIG_STREAM_RX], &held[EARWIG_STREAM_TX]);
		if ((!held[0] && !held[1]) || switch_core_media_bug_read(bug, &frame, SWITCH_FALSE) != SWITCH_STATUS_SUCCESS) {
			break;
		}
		count = frame.datalen / (2 * sizeof(int16_t));
		if (!count || !frame.rate) {
			break;
		}
		for (stream = 0; stream < 2; stream++) {
			int16_t *samples = state->one[stream];

			for (i = 0; i < count; i++) {
				samples[i] = state->both[2 * i + stream];
			}
			/* A buffer that held nothing is filled up, unless its frame has come just now. */
			if (stream == EARWIG_STREAM_RX && squelch_is_on(state)) {
				/* It was taken before it was squelched. */
				continue;
			}
			if (held[stream] || (streams[stream] && !is_filler(samples, count))) {
				const size_t moved = mixed(samples, count, codec.number_of_channels);

				if (stream == EARWIG_STREAM_TX) {
					note_tx_gap(state, moved, frame.rate);
				} else {
					note_rx_gap(state);
				}
				move(state, stream, samples, moved, frame.rate);
			}
		}
	}
	switch_mutex_unlock(state->media);
}

/*
 * The core reads a bug in frames as long as those that are read from the channel: it tosses what is written in frames more than
 * twice as long, and reads nothing while a shorter one is left over. Frames of another length are coded anew in any case, so
 * they may as well be taken one by one.
 */
static void take_odd_frames(struct channel_state *state, switch_media_bug_t *bug)
{
	switch_codec_implementation_t codec = { 0 };
	switch_size_t rx = 0, tx = 0;

	switch_core_session_get_read_impl(state->session, &codec);
	switch_core_media_bug_inuse(bug, &rx, &tx);
	if (codec.decoded_bytes_per_packet
			&& (tx % codec.decoded_bytes_per_packet || (tx > rx && tx > 2 * codec.decoded_bytes_per_packet))) {
		switch_core_media_bug_clear_flag(bug, SMBF_WRITE_STREAM);
		switch_core_media_bug_set_flag(bug, SMBF_WRITE_REPLACE);
	}
}

static void take_written(struct channel_state *state, switch_media_bug_t *bug)
{
	switch_frame_t *frame = switch_core_media_bug_get_write_replace_frame(bug);
	switch_codec_implementation_t codec = { 0 };
	size_t count = frame ? frame->datalen / sizeof(int16_t) : 0;
	int16_t *samples = state->one[EARWIG_STREAM_TX];

	switch_core_session_get_write_impl(state->session, &codec);
	if (!count || count > sizeof(state->one[0]) / sizeof(int16_t) || !codec.actual_samples_per_second) {
		return;
	}
	switch_mutex_lock(state->media);
	memcpy(samples, frame->data, frame->datalen);
	count = mixed(samples, count, codec.number_of_channels);
	note_tx_gap(state, count, codec.actual_samples_per_second);
	move(state, EARWIG_STREAM_TX, samples, count, codec.actual_samples_per_second);
	switch_mutex_unlock(state->media);
}

/* The frame goes on as the squelch leaves it. */
static void take_read(struct channel_state *state, switch_media_bug_t *bug)
{
	switch_frame_t *frame = switch_core_media_bug_get_read_replace_frame(bug);
	switch_codec_implementation_t codec = { 0 };
	size_t count = frame ? frame->datalen / sizeof(int16_t) : 0;
	int16_t *samples = state->one[EARWIG_STREAM_RX];

	switch_core_session_get_read_impl(state->session, &codec);
	if (!squelch_is_on(state) || !count || count > sizeof(state->one[0]) / sizeof(int16_t)
			|| !codec.actual_samples_per_second) {
		return;
	}
	switch_mutex_lock(state->media);
	memcpy(samples, frame->data, frame->datalen);
	note_rx_gap(state);
	move(state, EARWIG_STREAM_RX, samples, mixed(samples, count, codec.number_of_channels),
		codec.actual_samples_per_second);
	switch_mutex_unlock(state->media);
	squelch_frame(state, frame->data, count, codec.actual_samples_per_second * codec.number_of_channels);
}

static switch_bool_t on_media_bug(switch_media_bug_t *bug, void *user, switch_abc_type_t type)
{
	struct channel_state *state = user;

	if (!state->answered && switch_channel_test_flag(state->channel, CF_ANSWERED)) {
		channel_state_answer(state);
	}
	switch (type) {
	case SWITCH_ABC_TYPE_READ:
		carry(state, bug);
		break;
	case SWITCH_ABC_TYPE_WRITE:
		take_odd_frames(state, bug);
		carry(state, bug);
		break;
	case SWITCH_ABC_TYPE_READ_REPLACE:
		take_read(state, bug);
		break;
	case SWITCH_ABC_TYPE_WRITE_REPLACE:
		take_written(state, bug);
		break;
	case SWITCH_ABC_TYPE_CLOSE:
		__atomic_store_n(&state->bug, NULL, __ATOMIC_RELEASE);
		if (switch_channel_down_nosig(state->channel)) {
			earwig_channel_hangup(state->call);
		}
		break;
	default:
		break;
	}
	return SWITCH_TRUE;
}

int media_attach(struct channel_state *state)
{
	/* Without WRITE_STREAM here there would be no buffer for it later. */
	const switch_media_bug_flag_t flags = SMBF_READ_STREAM | SMBF_WRITE_STREAM | SMBF_STEREO;
	switch_media_bug_t *bug = NULL;

	if (switch_core_media_bug_add(state->session, "earwig", switch_core_session_get_uuid(state->session), on_media_bug, state,
			0, flags, &bug) != SWITCH_STATUS_SUCCESS) {
		return -1;
	}
	if (!state->tx_jobs) {
		switch_core_media_bug_clear_flag(bug, SMBF_WRITE_STREAM);
	}
	if (squelch_is_on(state)) {
		switch_core_media_bug_set_flag(bug, SMBF_READ_REPLACE);
	}
	__atomic_store_n(&state->bug, bug, __ATOMIC_RELEASE);
	return 0;
}

void media_set_squelch(struct channel_state *state, int on)
{
	switch_media_bug_t *bug;

	switch_mutex_lock(state->mutex);
	bug = __atomic_load_n(&state->bug, __ATOMIC_ACQUIRE);
	squelch_set(state, on);
	if (bug && on) {
		switch_core_media_bug_set_flag(bug, SMBF_READ_REPLACE);
	} else if (bug) {
		switch_core_media_bug_clear_flag(bug, SMBF_READ_REPLACE);
	}
	switch_mutex_unlock(state->mutex);
}

void media_tx_enable(struct channel_state *state)
{
	switch_media_bug_t *bug;

	switch_mutex_lock(state->mutex);
	bug = __atomic_load_n(&state->bug, __ATOMIC_ACQUIRE);
	if (!state->tx_jobs++) {
		switch_mutex_lock(state->media);
		state->flow[EARWIG_STREAM_TX].due = switch_micro_time_now();
		if (bug) {
			switch_core_media_bug_flush(bug);
		}
		switch_mutex_unlock(state->media);
		if (bug) {
			switch_core_media_bug_set_flag(bug, SMBF_WRITE_STREAM);
		}
	}
	switch_mutex_unlock(state->mutex);
}

void media_tx_disable(struct channel_state *state)
{
	switch_media_bug_t *bug;

	switch_mutex_lock(state->mutex);
	bug = __atomic_load_n(&state->bug, __ATOMIC_ACQUIRE);
	if (!--state->tx_jobs && bug) {
		switch_core_media_bug_clear_flag(bug, SMBF_WRITE_STREAM);
		switch_core_media_bug_clear_flag(bug, SMBF_WRITE_REPLACE);
	}
	switch_mutex_unlock(state->mutex);
}

void media_free(struct channel_state *state)
{
	int stream;

	for (stream = 0; stream < 2; stream++) {
		if (state->flow[stream].resampler) {
			switch_resample_destroy(&state->flow[stream].resampler);
		}
	}
}
