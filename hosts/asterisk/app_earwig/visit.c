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
static void visit_begin(struct visit *visit, struct ast_channel *chan, const struct listener *listener)
{
	visit->chan = chan;
	visit->listener = listener;
	visit->desk = ao2_bump(listener->desk);
	visit->call = earwig_channel_ref(listener->call);
	desk_see(visit->desk, chan);
}

void visit_end(struct visit *visit)
{
	ao2_ref(visit->desk, -1);
	earwig_channel_unref(visit->call);
}

int visit_if_listened_to(struct visit *visit, struct ast_channel *chan)
{
	SCOPED_CHANNELLOCK(lock, chan);
	const struct listener *listener = listener_of(chan);

	if (!listener) {
		return -1;
	}
	visit_begin(visit, chan, listener);
	return 0;
}

static int early_media_will_do(struct ast_channel *chan)
{
	SCOPED_CHANNELLOCK(lock, chan);
	RAII_VAR(struct config *, config, config_get(), ao2_cleanup);
	const char *wish = pbx_builtin_getvar_helper(chan, "EARWIG_EARLY_MEDIA");

	return ast_strlen_zero(wish) ? config && config->early_media : ast_true(wish);
}

static int visit_anew(struct visit *visit, struct ast_channel *chan, const char **error)
{
	struct listener *listener;

	ast_channel_lock(chan);
	listener = listen_to(chan);
	if (listener) {
		if (ast_channel_state(chan) == AST_STATE_UP) {
			listener_answer(listener);
		}
		visit_begin(visit, chan, listener);
	}
	ast_channel_unlock(chan);
	if (!listener) {
		*error = "the channel cannot be listened to";
	}
	return listener ? 0 : -1;
}

int visit_answered(struct visit *visit, struct ast_channel *chan, const char **error)
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
	return visit_anew(visit, chan, error);
}

int visit_from_outside(struct visit *visit, struct ast_channel *chan, const char **error)
{
	if (ast_channel_state(chan) != AST_STATE_UP && !early_media_will_do(chan)) {
		*error = "the call is not answered";
		return -1;
	}
	return visit_anew(visit, chan, error);
}

int visit_call_goes_on(const struct visit *visit)
{
	const int elsewhere = AST_SOFTHANGUP_ASYNCGOTO | AST_SOFTHANGUP_TIMEOUT;
	const struct listener *listener;
	int flags;

	ast_channel_lock(visit->chan);
	flags = ast_channel_softhangup_internal_flag(visit->chan);
	listener = listener_of(visit->chan);
	ast_channel_unlock(visit->chan);
	return listener != visit->listener || (flags & elsewhere && !(flags & ~elsewhere));
}

int visit_call_is_over(const struct visit *visit)
{
	return ast_check_hangup(visit->chan) && !visit_call_goes_on(visit);
}

enum served visit_serve(struct visit *visit, result_fn get_result, void *result, int64_t ms)
{
	struct timeval began = ast_tvnow();
	int fd = ast_alertpipe_readfd(visit->desk->alert);

	while (get_result(visit->call, result) == EARWIG_ERR_AGAIN) {
		struct ast_frame *frame;
		int ready = -1, outcome = -1, wait = 1000;

		if (ms >= 0) {
			int64_t left = ms - ast_tvdiff_ms(ast_tvnow(), began);

			if (left <= 0) {
				return SERVED_TIMEOUT;
			}
			wait = MIN(left, wait);
		}
		if (ast_waitfor_nandfds(&visit->chan, 1, &fd, 1, &outcome, &ready, &wait)) {
			if ((frame = ast_read(visit->chan))) {
				ast_frfree(frame);
				continue;
			}
		} else if (ready == fd) {
			ast_alertpipe_flush(visit->desk->alert);
			continue;
		} else if (!ast_check_hangup(visit->chan)) {
			continue;
		}
		return SERVED_LEAVE;
	}
	return SERVED_ENDED;
}

int visit_await(const struct visit *visit, result_fn get_result, void *result, int64_t ms)
{
	struct timeval began = ast_tvnow();

	while (get_result(visit->call, result) == EARWIG_ERR_AGAIN) {
		int64_t left = ms - ast_tvdiff_ms(ast_tvnow(), began);

		if (left <= 0) {
			return -1;
		}
		if (ast_wait_for_input(ast_alertpipe_readfd(visit->desk->alert), left) > 0) {
			ast_alertpipe_flush(visit->desk->alert);
		}
	}
	return 0;
}

const char *visit_error(const struct visit *visit, earwig_status status, char *text, size_t size)
{
	earwig_channel_get_error(visit->call, text, size);
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

int64_t milliseconds(const char *text)
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

void make_printable(char *text)
{
	for (; *text; text++) {
		if (iscntrl((unsigned char) *text)) {
			*text = '?';
		}
	}
}
