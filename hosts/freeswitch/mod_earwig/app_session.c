/*
 * One application while it runs on a channel: it answers, waits and leaves.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

static int is_early_media_allowed(switch_channel_t *channel)
{
	const char *const value = switch_channel_get_variable(channel, "earwig_early_media");

	return value ? (int) switch_true(value) : config_get().early_media;
}

static int is_answered(switch_channel_t *channel)
{
	return switch_channel_test_flag(channel, CF_ANSWERED);
}

enum call_phase app_session_phase(switch_core_session_t *session)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);

	if (switch_channel_down_nosig(channel)) {
		return CALL_OVER;
	}
	return is_answered(channel) || is_early_media_allowed(channel) ? CALL_UP : CALL_RINGS;
}

static struct channel_state *attach(switch_core_session_t *session, const char **error)
{
	struct channel_state *state = channel_state_attach(session, error);

	if (state && is_answered(state->channel)) {
		channel_state_answer(state);
	}
	return state;
}

/* The library refuses jobs from then on, and still has their results. */
static struct channel_state *find_after_hangup(switch_core_session_t *session)
{
	struct channel_state *state = channel_state_find(session);

	if (state) {
		earwig_channel_hangup(state->call);
	}
	return state;
}

struct channel_state *app_session_open(switch_core_session_t *session, const char **error)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);
	enum call_phase phase = app_session_phase(session);

	/* An outbound channel is answered by the far party alone. */
	if (phase == CALL_RINGS && switch_channel_direction(channel) == SWITCH_CALL_DIRECTION_INBOUND) {
		switch_channel_answer(channel);
		phase = app_session_phase(session);
	}
	*error = call_phase_error(phase);
	switch (phase) {
	case CALL_UP:
		return attach(session, error);
	case CALL_OVER:
		return find_after_hangup(session);
	default:
		return NULL;
	}
}

struct channel_state *app_session_open_for_command(switch_core_session_t *session, const char **error)
{
	*error = call_phase_error(app_session_phase(session));
	return *error ? NULL : attach(session, error);
}

static void drop_digits(switch_channel_t *channel)
{
	switch_dtmf_t dtmf;

	while (switch_channel_has_dtmf(channel) && switch_channel_dequeue_dtmf(channel, &dtmf) == SWITCH_STATUS_SUCCESS) {
	}
}

enum wait_result app_session_wait(struct channel_state *state, enum job job, void *result, int64_t ms, int take_digits)
{
	const switch_time_t began = switch_micro_time_now();
	switch_channel_t *channel = state->channel;

	while (channel_job_get_result(state->call, job, result) == EARWIG_ERR_AGAIN) {
		switch_frame_t *frame;

		if (ms >= 0 && (switch_micro_time_now() - began) / 1000 >= ms) {
			return WAIT_TIMEOUT;
		}
		if (!switch_channel_ready(channel)) {
			return switch_channel_down_nosig(channel) ? WAIT_HANGUP : WAIT_TRANSFERRED;
		}
		switch_ivr_parse_all_events(state->session);
		if (take_digits) {
			drop_digits(channel);
		}
		if (!SWITCH_READ_ACCEPTABLE(switch_core_session_read_frame(state->session, &frame, SWITCH_IO_FLAG_NONE, 0))) {
			return switch_channel_down(channel) ? WAIT_HANGUP : WAIT_TRANSFERRED;
		}
	}
	if (take_digits) {
		drop_digits(channel);
	}
	return WAIT_ENDED;
}

int app_session_wait_without_reading(struct channel_state *state, enum job job, void *result, int64_t ms)
{
	const switch_time_t began = switch_micro_time_now();

	while (channel_job_get_result(state->call, job, result) == EARWIG_ERR_AGAIN) {
		if ((switch_micro_time_now() - began) / 1000 >= ms) {
			return -1;
		}
		switch_yield(5000);
	}
	return 0;
}

const char *app_session_error(struct channel_state *state, earwig_status status, char *text, size_t size)
{
	return channel_error(state->call, status, text, size);
}

char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " "), *end;

	if (*word == '\'' && (end = strchr(word + 1, '\''))) {
		word++;
	} else {
		end = word + strcspn(word, ", ");
	}
	*rest = end;
	if (*end) {
		*(*rest)++ = '\0';
		*rest += strspn(*rest, " ");
		/* "name , options" and "'name',options" */
		if (**rest == ',') {
			(*rest)++;
		}
	}
	return word;
}
