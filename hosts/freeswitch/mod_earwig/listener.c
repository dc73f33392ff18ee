/*
 * What is kept for a channel, from the first job on it until its session is no more.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

#define PRIVATE "earwig"

/* FreeSWITCH counts a digit's length in samples of 8 kHz, whatever the codec. */
#define DIGIT_SAMPLES_PER_MS 8

/* The making of listeners: two commands may come for one channel at once. */
static switch_mutex_t *making;

struct listener *listener_of(switch_core_session_t *session)
{
	return switch_channel_get_private(switch_core_session_get_channel(session), PRIVATE);
}

/* RFC 2833 and SIP INFO. Tones in the audio are heard by the library. */
static switch_status_t got_digit(switch_core_session_t *session, const switch_dtmf_t *dtmf, switch_dtmf_direction_t direction)
{
	struct listener *listener = listener_of(session);

	if (listener && direction == SWITCH_DTMF_RECV) {
		earwig_dtmf_inject(listener->call, switch_toupper(dtmf->digit), dtmf->duration / DIGIT_SAMPLES_PER_MS);
		if (squelch_is_on(listener)) {
			/* The core drops it. */
			return SWITCH_STATUS_FALSE;
		}
	}
	return SWITCH_STATUS_SUCCESS;
}

static switch_status_t got_frame(switch_core_session_t *session, switch_frame_t **frame, switch_io_flag_t flags, int stream)
{
	struct listener *listener = listener_of(session);

	if (listener && *frame) {
		tap_note_time(listener, *frame);
	}
	return SWITCH_STATUS_SUCCESS;
}

/* A hang-up, as soon as it comes: whoever runs the channel may be waiting for a packet. */
static switch_status_t got_signal(switch_core_session_t *session, int signal)
{
	struct listener *listener = listener_of(session);

	if (listener && signal == SWITCH_SIG_KILL && switch_channel_down_nosig(listener->channel)) {
		earwig_channel_hangup(listener->call);
	}
	return SWITCH_STATUS_SUCCESS;
}

/* After the bug's CLOSE. What runs has its ending before the reports of the call are written. */
static switch_status_t on_hangup(switch_core_session_t *session)
{
	struct listener *listener = listener_of(session);

	if (listener) {
		earwig_channel_hangup(listener->call);
		desk_see(listener->desk, listener->channel);
		if (desk_await(listener->desk, FILE_TIMEOUT_MS)) {
			switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_WARNING, "the recording's disk is slow\n");
		}
	}
	return SWITCH_STATUS_SUCCESS;
}

static switch_status_t on_destroy(switch_core_session_t *session)
{
	struct listener *listener = listener_of(session);

	if (listener) {
		switch_channel_set_private(listener->channel, PRIVATE, NULL);
		earwig_channel_hangup(listener->call);
		earwig_channel_unref(listener->call);
		desk_leave(listener->desk);
		desk_unref(listener->desk);
		tap_free(listener);
		module_release();
	}
	return SWITCH_STATUS_SUCCESS;
}

static const switch_state_handler_table_t handlers = {
	.on_hangup = on_hangup,
	.on_destroy = on_destroy,
	.flags = SSH_FLAG_STICKY,
};

/* Of the rates that the library knows, the one that loses nothing. */
static uint32_t rate_for(switch_core_session_t *session)
{
	switch_codec_implementation_t codec = { 0 };

	switch_core_session_get_read_impl(session, &codec);
	switch (codec.actual_samples_per_second) {
	case 0:
	case 8000:
		return 8000;
	case 32000:
	case 48000:
		return codec.actual_samples_per_second;
	default:
		return codec.actual_samples_per_second > 32000 ? 48000 : codec.actual_samples_per_second > 16000 ? 32000 : 16000;
	}
}

void listener_answer(struct listener *listener)
{
	if (!__atomic_exchange_n(&listener->answered, 1, __ATOMIC_RELAXED)) {
		earwig_channel_answer(listener->call);
	}
}

static struct listener *listener_alloc(switch_core_session_t *session)
{
	switch_memory_pool_t *pool = switch_core_session_get_pool(session);
	struct listener *listener = switch_core_session_alloc(session, sizeof(*listener));
	const struct config config = config_now();
	earwig_channel_options options;
	earwig_status status = EARWIG_ERR_SYSTEM;

	listener->session = session;
	listener->channel = switch_core_session_get_channel(session);
	listener->rate = rate_for(session);
	switch_mutex_init(&listener->mutex, SWITCH_MUTEX_NESTED, pool);
	switch_mutex_init(&listener->media, SWITCH_MUTEX_UNNESTED, pool);
	squelch_init(listener, pool);
	squelch_set(listener, config.squelch_dtmf);
	listener->desk = desk_alloc(session);
	if (listener->desk) {
		earwig_channel_options_init(&options);
		options.name = switch_channel_get_name(listener->channel);
		options.stall_ms = STALL_MS;
		options.rx_rate_hz = options.tx_rate_hz = (int32_t) listener->rate;
		/* Who may listen before the answer is decided here, channel by channel. */
		options.early_media = 1;
		status = earwig_channel_create(module_engine, &options, &listener->call);
	}
	if (!status) {
		status = desk_attend(listener->desk, listener->call);
	}
	if (!status) {
		status = earwig_dtmf_set_limits(listener->call, &config.limits);
	}
	if (!status && switch_channel_add_state_handler(listener->channel, &handlers) < 0) {
		status = EARWIG_ERR_SYSTEM;
	}
	if (status) {
		switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR, "earwig: %s\n", earwig_status_str(status));
		earwig_channel_unref(listener->call);
		if (listener->desk) {
			desk_unref(listener->desk);
		}
		return NULL;
	}
	module_hold();
	listener->desk->listener = listener;
	switch_channel_set_private(listener->channel, PRIVATE, listener);
	switch_core_event_hook_add_recv_dtmf(session, got_digit);
	switch_core_event_hook_add_read_frame(session, got_frame);
	switch_core_event_hook_add_kill_channel(session, got_signal);
	if (switch_channel_test_flag(listener->channel, CF_ANSWERED)) {
		listener_answer(listener);
	} else {
		earwig_channel_ringing(listener->call);
	}
	return listener;
}

struct listener *listen_to(switch_core_session_t *session, const char **error)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);
	struct listener *listener;
	int failed;

	*error = "the channel has no media";
	if (!switch_channel_media_ready(channel) && switch_channel_pre_answer(channel) != SWITCH_STATUS_SUCCESS) {
		return NULL;
	}
	switch_mutex_lock(making);
	listener = listener_of(session);
	if (!listener) {
		listener = listener_alloc(session);
	}
	switch_mutex_unlock(making);
	if (!listener) {
		*error = "the channel cannot be listened to";
		return NULL;
	}
	switch_mutex_lock(listener->mutex);
	/* It may have been taken off: then it begins anew. */
	failed = !__atomic_load_n(&listener->bug, __ATOMIC_ACQUIRE) && tap_attach(listener);
	switch_mutex_unlock(listener->mutex);
	return failed ? NULL : listener;
}

int listener_options(struct listener *listener, const char *text, const char **error)
{
	const char key[] = "squelch_dtmf=";

	text += strspn(text, " ");
	if (!strncasecmp(text, key, sizeof(key) - 1)) {
		tap_squelch(listener, switch_true(text + sizeof(key) - 1));
	} else if (*text) {
		*error = "the only option is squelch_dtmf";
		return -1;
	}
	return 0;
}

void listeners_open(switch_memory_pool_t *pool)
{
	switch_mutex_init(&making, SWITCH_MUTEX_NESTED, pool);
}
