/*
 * An application and its channel, while it runs.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

static int early_media_will_do(switch_channel_t *channel)
{
	const char *const wish = switch_channel_get_variable(channel, "earwig_early_media");

	return wish ? (int) switch_true(wish) : config_now().early_media;
}

static int is_answered(switch_channel_t *channel)
{
	return switch_channel_test_flag(channel, CF_ANSWERED);
}

static struct channel_state *listen_if_ready(switch_core_session_t *session, const char **error)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);
	struct channel_state *state = channel_state_find(session);

	/* After a hang-up the endings can still be asked for. */
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

	if (!is_answered(channel) && !early_media_will_do(channel)) {
		/* A called channel answers when the far party does. */
		if (switch_channel_direction(channel) == SWITCH_CALL_DIRECTION_INBOUND) {
			switch_channel_answer(channel);
		}
		if (!is_answered(channel)) {
			*error = "the call is not answered";
			return NULL;
		}
	}
	return listen_if_ready(session, error);
}

struct channel_state *app_session_open_unanswered(switch_core_session_t *session, const char **error)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);

	if (!is_answered(channel) && !early_media_will_do(channel)) {
		*error = "the call is not answered";
		return NULL;
	}
	return listen_if_ready(session, error);
}

/* FreeSWITCH keeps signalled digits for whoever asks next; the one who collects them takes them from there too. */
static void drop_digits(switch_channel_t *channel)
{
	switch_dtmf_t dtmf;

	while (switch_channel_has_dtmf(channel) && switch_channel_dequeue_dtmf(channel, &dtmf) == SWITCH_STATUS_SUCCESS) {
	}
}

enum wait_result app_session_wait(struct channel_state *state, result_fn get_result, void *result, int64_t ms, int take_digits)
{
	const switch_time_t began = switch_micro_time_now();
	switch_channel_t *channel = state->channel;
	earwig_status status;

	while ((status = get_result(state->call, result)) == EARWIG_ERR_AGAIN) {
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

int app_session_wait_unread(struct channel_state *state, result_fn get_result, void *result, int64_t ms)
{
	const switch_time_t began = switch_micro_time_now();

	while (get_result(state->call, result) == EARWIG_ERR_AGAIN) {
		if ((switch_micro_time_now() - began) / 1000 >= ms) {
			return -1;
		}
		switch_yield(5000);
	}
	return 0;
}

const char *call_error(struct channel_state *state, earwig_status status, char *text, size_t size)
{
	earwig_channel_get_error(state->call, text, size);
	return zstr(text) ? earwig_status_str(status) : text;
}

int64_t seconds_to_ms(const char *text)
{
	char *end;
	double seconds;

	if (!strcasecmp(text, "none") || !strcasecmp(text, "null") || !strcasecmp(text, "forever")) {
		return -1;
	}
	seconds = strtod(text, &end);
	if (end == text || *end || !(seconds >= 0 && seconds <= 1e9)) {
		return -2;
	}
	return (int64_t) (seconds * 1000);
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
