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

static struct channel_state *attach(switch_core_session_t *session, const char **error)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);
	struct channel_state *state = channel_state_find(session);

	/* After a hang-up an application can still ask for results. */
	if (!state || !switch_channel_down_nosig(channel)) {
		state = channel_state_attach(session, error);
	}
	if (state && is_answered(channel)) {
		channel_state_answer(state);
	}
	return state;
}

struct channel_state *app_session_open(switch_core_session_t *session, const char **error)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);

	if (!is_answered(channel) && !is_early_media_allowed(channel)) {
		/* An outbound channel is answered by the far party alone. */
		if (switch_channel_direction(channel) == SWITCH_CALL_DIRECTION_INBOUND) {
			switch_channel_answer(channel);
		}
		if (!is_answered(channel)) {
			*error = "the call is not answered";
			return NULL;
		}
	}
	return attach(session, error);
}

struct channel_state *app_session_open_for_command(switch_core_session_t *session, const char **error)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);

	if (!is_answered(channel) && !is_early_media_allowed(channel)) {
		*error = "the call is not answered";
		return NULL;
	}
	return attach(session, error);
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
