/*
 * An application and its channel, while it runs.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include <ctype.h>

#include "asterisk/alertpipe.h"
#include "asterisk/pbx.h"

/* The channel is locked. */
static void app_session_begin(struct app_session *session, struct ast_channel *chan, const struct channel_state *state)
{
	session->chan = chan;
	session->state = state;
	session->context = ao2_bump(state->context);
	session->call = earwig_channel_ref(state->call);
	call_context_snapshot(session->context, chan);
}

void app_session_close(struct app_session *session)
{
	ao2_ref(session->context, -1);
	earwig_channel_unref(session->call);
}

int app_session_open_existing(struct app_session *session, struct ast_channel *chan)
{
	SCOPED_CHANNELLOCK(lock, chan);
	const struct channel_state *state = channel_state_find(chan);

	if (!state) {
		return -1;
	}
	app_session_begin(session, chan, state);
	return 0;
}

static int early_media_will_do(struct ast_channel *chan)
{
	SCOPED_CHANNELLOCK(lock, chan);
	RAII_VAR(struct config *, config, config_get(), ao2_cleanup);
	const char *wish = pbx_builtin_getvar_helper(chan, "EARWIG_EARLY_MEDIA");

	return ast_strlen_zero(wish) ? config && config->early_media : ast_true(wish);
}

static int app_session_attach(struct app_session *session, struct ast_channel *chan, const char **error)
{
	struct channel_state *state;

	ast_channel_lock(chan);
	state = channel_state_attach(chan);
	if (state) {
		if (ast_channel_state(chan) == AST_STATE_UP) {
			channel_state_answer(state);
		}
		app_session_begin(session, chan, state);
	}
	ast_channel_unlock(chan);
	if (!state) {
		*error = "the channel cannot be listened to";
	}
	return state ? 0 : -1;
}

int app_session_open(struct app_session *session, struct ast_channel *chan, const char **error)
{
	*error = NULL;
	if (ast_channel_state(chan) != AST_STATE_UP && !early_media_will_do(chan)) {
		if (ast_answer(chan)) {
			return -1;
		}
		if (ast_channel_state(chan) != AST_STATE_UP) {
			/* A called channel answers when the far party does. */
			*error = "the call is not answered";
			return -1;
		}
	}
	return app_session_attach(session, chan, error);
}

int app_session_open_unanswered(struct app_session *session, struct ast_channel *chan, const char **error)
{
	if (ast_channel_state(chan) != AST_STATE_UP && !early_media_will_do(chan)) {
		*error = "the call is not answered";
		return -1;
	}
	return app_session_attach(session, chan, error);
}

int app_session_is_transferred(const struct app_session *session)
{
	const int elsewhere = AST_SOFTHANGUP_ASYNCGOTO | AST_SOFTHANGUP_TIMEOUT;
	const struct channel_state *state;
	int flags;

	ast_channel_lock(session->chan);
	flags = ast_channel_softhangup_internal_flag(session->chan);
	state = channel_state_find(session->chan);
	ast_channel_unlock(session->chan);
	return state != session->state || (flags & elsewhere && !(flags & ~elsewhere));
}

int app_session_is_hung_up(const struct app_session *session)
{
	return ast_check_hangup(session->chan) && !app_session_is_transferred(session);
}

enum wait_result app_session_wait(struct app_session *session, result_fn get_result, void *result, int64_t ms)
{
	struct timeval began = ast_tvnow();
	int fd = ast_alertpipe_readfd(session->context->alert);

	while (get_result(session->call, result) == EARWIG_ERR_AGAIN) {
		struct ast_frame *frame;
		int ready = -1, outcome = -1, wait = 1000;

		if (ms >= 0) {
			int64_t left = ms - ast_tvdiff_ms(ast_tvnow(), began);

			if (left <= 0) {
				return WAIT_TIMEOUT;
			}
			wait = MIN(left, wait);
		}
		if (ast_waitfor_nandfds(&session->chan, 1, &fd, 1, &outcome, &ready, &wait)) {
			if ((frame = ast_read(session->chan))) {
				ast_frfree(frame);
				continue;
			}
		} else if (ready == fd) {
			ast_alertpipe_flush(session->context->alert);
			continue;
		} else if (!ast_check_hangup(session->chan)) {
			continue;
		}
		return WAIT_INTERRUPTED;
	}
	return WAIT_ENDED;
}

int app_session_wait_unread(const struct app_session *session, result_fn get_result, void *result, int64_t ms)
{
	struct timeval began = ast_tvnow();

	while (get_result(session->call, result) == EARWIG_ERR_AGAIN) {
		int64_t left = ms - ast_tvdiff_ms(ast_tvnow(), began);

		if (left <= 0) {
			return -1;
		}
		if (ast_wait_for_input(ast_alertpipe_readfd(session->context->alert), left) > 0) {
			ast_alertpipe_flush(session->context->alert);
		}
	}
	return 0;
}

const char *call_error(const struct app_session *session, earwig_status status, char *text, size_t size)
{
	earwig_channel_get_error(session->call, text, size);
	return S_OR(text, earwig_status_str(status));
}

void log_error(struct ast_channel *chan, const char *app, const char *error)
{
	ast_log(LOG_ERROR, "%s: %s: %s\n", ast_channel_name(chan), app, error);
}

void set_error(struct ast_channel *chan, const char *app, const char *error)
{
	log_error(chan, app, error);
	pbx_builtin_setvar_helper(chan, "EARWIG_CAUSE", "ERROR");
	pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", error);
}

int64_t seconds_to_ms(const char *text)
{
	char *end;
	double seconds;

	if (!strcasecmp(text, "none") || !strcasecmp(text, "null") || !strcasecmp(text, "forever")) {
		return -1;
	}
	seconds = strtod(text, &end);
	if (end == text || *ast_skip_blanks(end) || !(seconds >= 0 && seconds <= 1e9)) {
		return -2;
	}
	return seconds * 1000;
}

void replace_control_characters(char *text)
{
	for (; *text; text++) {
		if (iscntrl((unsigned char) *text)) {
			*text = '?';
		}
	}
}
