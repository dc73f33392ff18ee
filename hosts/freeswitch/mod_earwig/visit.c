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

static struct listener *listen_if_ready(switch_core_session_t *session, const char **error)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);
	struct listener *listener = listener_of(session);

	/* After a hang-up the endings can still be asked for. */
	if (!listener || !switch_channel_down_nosig(channel)) {
		listener = listen_to(session, error);
	}
	if (listener && is_answered(channel)) {
		listener_answer(listener);
	}
	return listener;
}

struct listener *visit(switch_core_session_t *session, const char **error)
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

struct listener *visit_from_outside(switch_core_session_t *session, const char **error)
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

enum served visit_serve(struct listener *listener, result_fn get_result, void *result, int64_t ms, int take_digits)
{
	const switch_time_t began = switch_micro_time_now();
	switch_channel_t *channel = listener->channel;
	earwig_status status;

	while ((status = get_result(listener->call, result)) == EARWIG_ERR_AGAIN) {
		switch_frame_t *frame;

		if (ms >= 0 && (switch_micro_time_now() - began) / 1000 >= ms) {
			return SERVED_TIMEOUT;
		}
		if (!switch_channel_ready(channel)) {
			return switch_channel_down_nosig(channel) ? SERVED_HANGUP : SERVED_ELSEWHERE;
		}
		switch_ivr_parse_all_events(listener->session);
		if (take_digits) {
			drop_digits(channel);
		}
		if (!SWITCH_READ_ACCEPTABLE(switch_core_session_read_frame(listener->session, &frame, SWITCH_IO_FLAG_NONE, 0))) {
			return switch_channel_down(channel) ? SERVED_HANGUP : SERVED_ELSEWHERE;
		}
	}
	if (take_digits) {
		drop_digits(channel);
	}
	return SERVED_ENDED;
}

int visit_await(struct listener *listener, result_fn get_result, void *result, int64_t ms)
{
	const switch_time_t began = switch_micro_time_now();

	while (get_result(listener->call, result) == EARWIG_ERR_AGAIN) {
		if ((switch_micro_time_now() - began) / 1000 >= ms) {
			return -1;
		}
		switch_yield(5000);
	}
	return 0;
}

const char *visit_error(struct listener *listener, earwig_status status, char *text, size_t size)
{
	earwig_channel_get_error(listener->call, text, size);
	return zstr(text) ? earwig_status_str(status) : text;
}

int64_t milliseconds(const char *text)
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

char *cut_word(char **rest)
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
