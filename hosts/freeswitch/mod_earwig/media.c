/*
 * The media bug of a channel: passes audio in both directions to the library.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 *
 * The bug streams audio and does not replace it: frames pass through as they came, and nothing is encoded again. TX is streamed only
 * while a job uses it. Two threads may read and write the channel, but the core reads both buffers of a bug at once: the thread
 * that takes `media_mutex` first moves all that there is, and the other one skips.
 */

#include "mod_earwig.h"

/* Longer gaps are left to the library's wall clock (stall_ms): counted here too, they would count twice. */
#define LONGEST_GAP_MS 480

/* Played frames that are late by less than this catch up, on a busy machine; later ones follow a pause. */
#define PAUSE_MS 100

/* The core fills in missing audio and comfort noise with samples of -1. */
static int is_filler(const int16_t *samples, size_t count)
{
	return samples[0] == -1 && !memcmp(samples, samples + 1, (count - 1) * sizeof(*samples));
}

/* The same for one stream of an interleaved frame. */
static int is_stream_filler(const struct channel_state *state, int stream, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (state->interleaved[2 * i + stream] != -1) {
			return 0;
		}
	}
	return 1;
}

/* Nearly all frames have the promised rate; a re-INVITE can change it. */
static void write_resampled(struct channel_state *state, int stream, int16_t *samples, size_t count, uint32_t rate)
{
	struct media_stream *media = &state->stream[stream];

	if (media->resampler_rate != rate) {
		if (media->resampler) {
			switch_resample_destroy(&media->resampler);
		}
		media->resampler_rate = 0;
		if (switch_resample_create(&media->resampler, rate, state->rate, (uint32_t) (count * sizeof(*samples)),
				SWITCH_RESAMPLE_QUALITY, 1) != SWITCH_STATUS_SUCCESS) {
			return;
		}
		media->resampler_rate = rate;
	}
	switch_resample_process(media->resampler, samples, (uint32_t) count);
	earwig_channel_write(state->call, stream, media->resampler->to, media->resampler->to_len);
}

static void write_samples(struct channel_state *state, int stream, int16_t *samples, size_t count, uint32_t rate)
{
	if (is_filler(samples, count)) {
		earwig_channel_write_gap(state->call, stream, count * state->rate / rate);
	} else if (rate == state->rate) {
		earwig_channel_write(state->call, stream, samples, count);
	} else {
		write_resampled(state, stream, samples, count, rate);
	}
}

/* The core delivers nothing while nothing is played: without the gap the two directions would drift apart. */
static void fill_tx_gap(struct channel_state *state, size_t count, uint32_t rate)
{
	struct media_stream *media = &state->stream[EARWIG_STREAM_TX];
	const switch_time_t now = switch_micro_time_now();
	const int64_t late = (now - media->next_due) / 1000;

	if (late > PAUSE_MS) {
		if (late <= LONGEST_GAP_MS) {
			earwig_channel_write_gap(state->call, EARWIG_STREAM_TX, late * state->rate / 1000);
		}
		media->next_due = now;
	}
	media->next_due += count * 1000000 / rate;
}

/*
 * Measures gaps by RTP timestamps. Without a timer the core does not fill in lost packets, and timestamps also jump after the events of
 * RFC 2833; during a hold it delivers a filler now and then, and held packets late. A jump that neither a loss nor the time that has
 * passed can explain comes from the clock of another source.
 */
void media_note_rtp_time(struct channel_state *state, const switch_frame_t *frame)
{
	const switch_codec_implementation_t *codec = frame->codec ? frame->codec->implementation : NULL;
	const switch_time_t now = switch_micro_time_now();
	struct rtp_clock *clock = &state->clock;
	int64_t ms, missing, passed;

	if (!codec || !codec->samples_per_second || !codec->encoded_bytes_per_packet) {
		return;
	}
	if (clock->last_frame && now - clock->last_frame >= STALL_MS * 1000) {
		clock->filled_ms += (now - clock->last_frame) / 1000;
	}
	clock->last_frame = now;
	ms = codec->microseconds_per_packet / 1000;
	if (switch_test_flag(frame, SFF_CNG) || !frame->timestamp) {
		clock->filled_ms += ms;
		return;
	}
	ms = ms * frame->datalen / codec->encoded_bytes_per_packet;
	missing = (int64_t) (int32_t) (frame->timestamp - clock->timestamp) * 1000 / codec->samples_per_second - clock->packet_ms
		- clock->filled_ms;
	if (!clock->packet_ms || clock->ssrc != frame->ssrc) {
		missing = clock->ahead_ms = 0;
	} else if (missing < 0) {
		clock->ahead_ms -= missing;
	} else if (missing > LONGEST_GAP_MS) {
		missing -= clock->ahead_ms;
		clock->ahead_ms = 0;
	}
	passed = (now - clock->last_packet) / 1000 - clock->filled_ms;
	if (missing > 0 && (missing <= LONGEST_GAP_MS || missing <= passed)) {
		__atomic_add_fetch(&clock->lost_ms, missing, __ATOMIC_RELAXED);
	}
	clock->ssrc = frame->ssrc;
	clock->timestamp = frame->timestamp;
	clock->packet_ms = ms;
	clock->filled_ms = 0;
	clock->last_packet = now;
}

static void fill_rx_gap(struct channel_state *state)
{
	const int64_t lost = __atomic_exchange_n(&state->clock.lost_ms, 0, __ATOMIC_RELAXED);

	if (lost) {
		earwig_channel_write_gap(state->call, EARWIG_STREAM_RX, lost * state->rate / 1000);
	}
}

/* Averages the channels of a stereo codec. Returns the number of samples. */
static size_t mix_channels(int16_t *samples, size_t count, int channels)
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

/* Passes one stream of an interleaved frame to the library. */
static void read_stream(struct channel_state *state, int stream, size_t count, uint32_t rate, int channels)
{
	int16_t *samples = state->samples[stream];
	size_t i;

	for (i = 0; i < count; i++) {
		samples[i] = state->interleaved[2 * i + stream];
	}
	count = mix_channels(samples, count, channels);
	if (stream == EARWIG_STREAM_TX) {
		fill_tx_gap(state, count, rate);
	} else {
		fill_rx_gap(state);
	}
	write_samples(state, stream, samples, count, rate);
}

/* Passes the bug's buffers to the library. */
static void read_bug(struct channel_state *state, switch_media_bug_t *bug)
{
	switch_codec_implementation_t codec = { 0 };

	if (switch_mutex_trylock(state->media_mutex) != SWITCH_STATUS_SUCCESS) {
		return;
	}
	switch_core_session_get_read_impl(state->session, &codec);
	for (;;) {
		switch_frame_t frame = { 0 };
		const int streamed[2] = { 1, switch_core_media_bug_test_flag(bug, SMBF_WRITE_STREAM) };
		switch_size_t buffered[2] = { 0, 0 };
		size_t count;
		int stream;

		frame.data = state->interleaved;
		frame.buflen = sizeof(state->interleaved);
		switch_core_media_bug_inuse(bug, &buffered[EARWIG_STREAM_RX], &buffered[EARWIG_STREAM_TX]);
		if ((!buffered[0] && !buffered[1]) || switch_core_media_bug_read(bug, &frame, SWITCH_FALSE) != SWITCH_STATUS_SUCCESS) {
			break;
		}
		count = frame.datalen / (2 * sizeof(int16_t));
		if (!count || !frame.rate) {
			break;
		}
		for (stream = 0; stream < 2; stream++) {
			if (stream == EARWIG_STREAM_RX && squelch_is_on(&state->squelch)) {
				/* on_read_replace() has taken it, before the squelch. */
				continue;
			}
			/* The core fills up an empty buffer; but its frame may also have arrived just now. */
			if (buffered[stream] || (streamed[stream] && !is_stream_filler(state, stream, count))) {
				read_stream(state, stream, count, frame.rate, codec.number_of_channels);
			}
		}
	}
	switch_mutex_unlock(state->media_mutex);
}

/*
 * Switches TX from the stream to single frames when their length differs from that of RX. The core reads a bug in frames of RX's
 * length: it drops written frames that are more than twice as long, and reads nothing while a shorter one is left over. It encodes
 * such frames again anyway, so that taking them one by one costs nothing.
 */
static void replace_odd_frames(struct channel_state *state, switch_media_bug_t *bug)
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

static void on_write_replace(struct channel_state *state, switch_media_bug_t *bug)
{
	switch_frame_t *frame = switch_core_media_bug_get_write_replace_frame(bug);
	switch_codec_implementation_t codec = { 0 };
	size_t count = frame ? frame->datalen / sizeof(int16_t) : 0;
	int16_t *samples = state->samples[EARWIG_STREAM_TX];

	switch_core_session_get_write_impl(state->session, &codec);
	if (!count || count > sizeof(state->samples[0]) / sizeof(int16_t) || !codec.actual_samples_per_second) {
		return;
	}
	switch_mutex_lock(state->media_mutex);
	memcpy(samples, frame->data, frame->datalen);
	count = mix_channels(samples, count, codec.number_of_channels);
	fill_tx_gap(state, count, codec.actual_samples_per_second);
	write_samples(state, EARWIG_STREAM_TX, samples, count, codec.actual_samples_per_second);
	switch_mutex_unlock(state->media_mutex);
}

/* Takes the frame before the squelch changes it. */
static void on_read_replace(struct channel_state *state, switch_media_bug_t *bug)
{
	switch_frame_t *frame = switch_core_media_bug_get_read_replace_frame(bug);
	switch_codec_implementation_t codec = { 0 };
	size_t count = frame ? frame->datalen / sizeof(int16_t) : 0;
	int16_t *samples = state->samples[EARWIG_STREAM_RX];

	switch_core_session_get_read_impl(state->session, &codec);
	if (!squelch_is_on(&state->squelch) || !count || count > sizeof(state->samples[0]) / sizeof(int16_t)
			|| !codec.actual_samples_per_second) {
		return;
	}
	switch_mutex_lock(state->media_mutex);
	memcpy(samples, frame->data, frame->datalen);
	fill_rx_gap(state);
	write_samples(state, EARWIG_STREAM_RX, samples, mix_channels(samples, count, codec.number_of_channels),
		codec.actual_samples_per_second);
	switch_mutex_unlock(state->media_mutex);
	squelch_frame(&state->squelch, frame->data, count, codec.actual_samples_per_second * codec.number_of_channels);
}

static switch_bool_t on_media_bug(switch_media_bug_t *bug, void *user, switch_abc_type_t type)
{
	struct channel_state *state = user;

	if (!state->answered && switch_channel_test_flag(state->channel, CF_ANSWERED)) {
		channel_state_answer(state);
	}
	switch (type) {
	case SWITCH_ABC_TYPE_READ:
		read_bug(state, bug);
		break;
	case SWITCH_ABC_TYPE_WRITE:
		replace_odd_frames(state, bug);
		read_bug(state, bug);
		break;
	case SWITCH_ABC_TYPE_READ_REPLACE:
		on_read_replace(state, bug);
		break;
	case SWITCH_ABC_TYPE_WRITE_REPLACE:
		on_write_replace(state, bug);
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
	/* The core creates the buffer of TX only here; the flag is cleared below until a job uses it. */
	const switch_media_bug_flag_t flags = SMBF_READ_STREAM | SMBF_WRITE_STREAM | SMBF_STEREO;
	switch_media_bug_t *bug = NULL;

	if (switch_core_media_bug_add(state->session, "earwig", switch_core_session_get_uuid(state->session), on_media_bug, state,
			0, flags, &bug) != SWITCH_STATUS_SUCCESS) {
		return -1;
	}
	if (!state->tx_users) {
		switch_core_media_bug_clear_flag(bug, SMBF_WRITE_STREAM);
	}
	if (squelch_is_on(&state->squelch)) {
		switch_core_media_bug_set_flag(bug, SMBF_READ_REPLACE);
	}
	__atomic_store_n(&state->bug, bug, __ATOMIC_RELEASE);
	return 0;
}

void media_set_squelch(struct channel_state *state, int on)
{
	switch_media_bug_t *bug;

	switch_mutex_lock(state->bug_mutex);
	bug = __atomic_load_n(&state->bug, __ATOMIC_ACQUIRE);
	squelch_set(&state->squelch, on);
	if (bug && on) {
		switch_core_media_bug_set_flag(bug, SMBF_READ_REPLACE);
	} else if (bug) {
		switch_core_media_bug_clear_flag(bug, SMBF_READ_REPLACE);
	}
	switch_mutex_unlock(state->bug_mutex);
}

void media_tx_enable(struct channel_state *state)
{
	switch_media_bug_t *bug;

	switch_mutex_lock(state->bug_mutex);
	bug = __atomic_load_n(&state->bug, __ATOMIC_ACQUIRE);
	if (!state->tx_users++) {
		switch_mutex_lock(state->media_mutex);
		state->stream[EARWIG_STREAM_TX].next_due = switch_micro_time_now();
		if (bug) {
			switch_core_media_bug_flush(bug);
		}
		switch_mutex_unlock(state->media_mutex);
		if (bug) {
			switch_core_media_bug_set_flag(bug, SMBF_WRITE_STREAM);
		}
	}
	switch_mutex_unlock(state->bug_mutex);
}

void media_tx_disable(struct channel_state *state)
{
	switch_media_bug_t *bug;

	switch_mutex_lock(state->bug_mutex);
	bug = __atomic_load_n(&state->bug, __ATOMIC_ACQUIRE);
	if (!--state->tx_users && bug) {
		switch_core_media_bug_clear_flag(bug, SMBF_WRITE_STREAM);
		switch_core_media_bug_clear_flag(bug, SMBF_WRITE_REPLACE);
	}
	switch_mutex_unlock(state->bug_mutex);
}

void media_free(struct channel_state *state)
{
	int stream;

	for (stream = 0; stream < 2; stream++) {
		if (state->stream[stream].resampler) {
			switch_resample_destroy(&state->stream[stream].resampler);
		}
	}
}
