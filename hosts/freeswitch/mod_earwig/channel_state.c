/*
 * The state of a channel, in its session's memory: created by the first job, kept until the session ends.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

#define PRIVATE "earwig"

/* FreeSWITCH counts a digit's length in samples of 8 kHz, whatever the codec. */
#define DIGIT_SAMPLES_PER_MS 8

/* Guards the creation of states: two commands may come for one channel at once. */
static switch_mutex_t *create_mutex;

struct channel_state *channel_state_find(switch_core_session_t *session)
{
	return switch_channel_get_private(switch_core_session_get_channel(session), PRIVATE);
}

/* RFC 2833 and SIP INFO; the library detects tones in the audio. */
static switch_status_t on_recv_dtmf(switch_core_session_t *session, const switch_dtmf_t *dtmf, switch_dtmf_direction_t direction)
{
	struct channel_state *state = channel_state_find(session);

	if (state && direction == SWITCH_DTMF_RECV) {
		earwig_dtmf_inject(state->call, switch_toupper(dtmf->digit), dtmf->duration / DIGIT_SAMPLES_PER_MS);
		if (squelch_is_on(&state->squelch)) {
			/* The core drops it. */
			return SWITCH_STATUS_FALSE;
		}
	}
	return SWITCH_STATUS_SUCCESS;
}

static switch_status_t on_read_frame(switch_core_session_t *session, switch_frame_t **frame, switch_io_flag_t flags, int stream)
{
	struct channel_state *state = channel_state_find(session);

	if (state && *frame) {
		media_note_rtp_time(state, *frame);
	}
	return SWITCH_STATUS_SUCCESS;
}

/* Reports a hang-up at once: the session's thread may be waiting for a packet. */
static switch_status_t on_signal(switch_core_session_t *session, int signal)
{
	struct channel_state *state = channel_state_find(session);

	if (state && signal == SWITCH_SIG_KILL && switch_channel_down_nosig(state->channel)) {
		earwig_channel_hangup(state->call);
	}
	return SWITCH_STATUS_SUCCESS;
}

/* Runs after the bug's CLOSE, and waits for the ends of all jobs, so that the call's reports have them. */
static switch_status_t on_hangup(switch_core_session_t *session)
{
	struct channel_state *state = channel_state_find(session);

	if (state) {
		earwig_channel_hangup(state->call);
		call_context_snapshot(state->context, state->channel);
		if (call_context_wait_jobs(state->context, FILE_TIMEOUT_MS)) {
			switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_WARNING,
				"earwig's jobs have not ended after %d ms: the disk is slow\n", FILE_TIMEOUT_MS);
		}
	}
	return SWITCH_STATUS_SUCCESS;
}

static switch_status_t on_destroy(switch_core_session_t *session)
{
	struct channel_state *state = channel_state_find(session);

	if (state) {
		switch_channel_set_private(state->channel, PRIVATE, NULL);
		earwig_channel_hangup(state->call);
		earwig_channel_unref(state->call);
		call_context_detach(state->context);
		call_context_unref(state->context);
		media_free(state);
		module_unref();
	}
	return SWITCH_STATUS_SUCCESS;
}

static const switch_state_handler_table_t handlers = {
	.on_hangup = on_hangup,
	.on_destroy = on_destroy,
	.flags = SSH_FLAG_STICKY,
};

/* The lowest of the library's rates that loses nothing. */
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

void channel_state_answer(struct channel_state *state)
{
	if (!__atomic_exchange_n(&state->answered, 1, __ATOMIC_RELAXED)) {
		earwig_channel_answer(state->call);
	}
}

/* Creates the library's channel. */
static earwig_status open_call(struct channel_state *state, const struct settings *settings)
{
	earwig_channel_options options;
	earwig_status status;

	earwig_channel_options_init(&options);
	options.name = switch_channel_get_name(state->channel);
	options.stall_ms = STALL_MS;
	options.rx_rate_hz = options.tx_rate_hz = (int32_t) state->rate;
	options.early_media = 1;	/* app_session.c decides, channel by channel */
	status = earwig_channel_create(module_engine, &options, &state->call);
	if (!status) {
		status = call_context_subscribe(state->context, state->call);
	}
	if (!status) {
		status = earwig_dtmf_set_limits(state->call, &settings->limits);
	}
	return status;
}

static struct channel_state *channel_state_create(switch_core_session_t *session)
{
	switch_memory_pool_t *pool = switch_core_session_get_pool(session);
	struct channel_state *state = switch_core_session_alloc(session, sizeof(*state));
	const struct settings settings = config_get();
	earwig_status status = EARWIG_ERR_SYSTEM;

	state->session = session;
	state->channel = switch_core_session_get_channel(session);
	state->rate = rate_for(session);
	switch_mutex_init(&state->bug_mutex, SWITCH_MUTEX_NESTED, pool);
	switch_mutex_init(&state->media_mutex, SWITCH_MUTEX_UNNESTED, pool);
	squelch_init(&state->squelch, pool);
	squelch_set(&state->squelch, settings.squelch_dtmf);
	state->context = call_context_create(session);
	if (state->context) {
		status = open_call(state, &settings);
	}
	if (!status && switch_channel_add_state_handler(state->channel, &handlers) < 0) {
		status = EARWIG_ERR_SYSTEM;
	}
	if (status) {
		switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR, "earwig: %s\n", earwig_status_str(status));
		earwig_channel_unref(state->call);
		if (state->context) {
			call_context_unref(state->context);
		}
		return NULL;
	}
	module_ref();
	state->context->state = state;
	switch_channel_set_private(state->channel, PRIVATE, state);
	switch_core_event_hook_add_recv_dtmf(session, on_recv_dtmf);
	switch_core_event_hook_add_read_frame(session, on_read_frame);
	switch_core_event_hook_add_kill_channel(session, on_signal);
	if (switch_channel_test_flag(state->channel, CF_ANSWERED)) {
		channel_state_answer(state);
	} else {
		earwig_channel_ringing(state->call);
	}
	return state;
}

struct channel_state *channel_state_attach(switch_core_session_t *session, const char **error)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);
	struct channel_state *state;
	int failed;

	*error = "the channel has no media";
	if (!switch_channel_media_ready(channel) && switch_channel_pre_answer(channel) != SWITCH_STATUS_SUCCESS) {
		return NULL;
	}
	switch_mutex_lock(create_mutex);
	state = channel_state_find(session);
	if (!state) {
		state = channel_state_create(session);
	}
	switch_mutex_unlock(create_mutex);
	if (!state) {
		*error = "the audio of the channel cannot be tapped";
		return NULL;
	}
	switch_mutex_lock(state->bug_mutex);
	/* Somebody may have removed the bug: then there is a new one. */
	failed = !__atomic_load_n(&state->bug, __ATOMIC_ACQUIRE) && media_attach(state);
	switch_mutex_unlock(state->bug_mutex);
	return failed ? NULL : state;
}

struct channel_state *channel_state_listen(switch_core_session_t *session, const char *options, const char **error)
{
	const char key[] = "squelch_dtmf=";
	struct channel_state *state;

	if (app_session_phase(session) == CALL_OVER) {
		*error = call_phase_error(CALL_OVER);
		return NULL;
	}
	state = channel_state_attach(session, error);

	options += strspn(options, " ");
	if (!state || !*options) {
		return state;
	}
	if (strncasecmp(options, key, sizeof(key) - 1)) {
		*error = "the only option is squelch_dtmf";
		return NULL;
	}
	media_set_squelch(state, switch_true(options + sizeof(key) - 1));
	return state;
}

void channel_state_init(switch_memory_pool_t *pool)
{
	switch_mutex_init(&create_mutex, SWITCH_MUTEX_NESTED, pool);
}
