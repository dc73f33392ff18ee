/*
 * One application while it runs on a channel: it answers, waits and leaves.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

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

static int is_early_media_allowed(struct ast_channel *chan)
{
	SCOPED_CHANNELLOCK(lock, chan);
	RAII_VAR(struct settings *, settings, config_get(), ao2_cleanup);
	const char *value = pbx_builtin_getvar_helper(chan, "EARWIG_EARLY_MEDIA");

	return ast_strlen_zero(value) ? settings && settings->early_media : ast_true(value);
}

static enum open_result app_session_attach(struct app_session *session, struct ast_channel *chan, const char **error)
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
		*error = "the audio of the channel cannot be tapped";
	}
	return state ? OPENED : OPEN_FAILED;
}

/* Not those that take a living call out of its application. */
static int hangup_flags(struct ast_channel *chan)
{
	SCOPED_CHANNELLOCK(lock, chan);

	return ast_channel_softhangup_internal_flag(chan) & ~(AST_SOFTHANGUP_ASYNCGOTO | AST_SOFTHANGUP_TIMEOUT);
}

enum call_phase app_session_phase(struct ast_channel *chan)
{
	if (ast_check_hangup(chan) && hangup_flags(chan)) {
		return CALL_OVER;
	}
	return ast_channel_state(chan) == AST_STATE_UP || is_early_media_allowed(chan) ? CALL_UP : CALL_RINGS;
}

/* Opens a session on a call that has hung up: the library refuses jobs from then on, and still has their results. */
static enum open_result open_after_hangup(struct app_session *session, struct ast_channel *chan)
{
	if (app_session_open_existing(session, chan)) {
		return OPEN_AFTER_HANGUP;
	}
	earwig_channel_hangup(session->call);
	return OPENED;
}

enum open_result app_session_open(struct app_session *session, struct ast_channel *chan, const char **error)
{
	enum call_phase phase = app_session_phase(chan);

	if (phase == CALL_RINGS) {
		ast_answer(chan);
		/* An outbound channel is answered by the far party alone. */
		phase = app_session_phase(chan);
	}
	*error = call_phase_error(phase);
	switch (phase) {
	case CALL_UP:
		return app_session_attach(session, chan, error);
	case CALL_OVER:
		return open_after_hangup(session, chan);
	default:
		return OPEN_FAILED;
	}
}

int app_session_open_for_command(struct app_session *session, struct ast_channel *chan, const char **error)
{
	*error = call_phase_error(app_session_phase(chan));
	return *error || app_session_attach(session, chan, error) ? -1 : 0;
}

int app_session_is_transferred(const struct app_session *session)
{
	const int transfer = AST_SOFTHANGUP_ASYNCGOTO | AST_SOFTHANGUP_TIMEOUT;
	const struct channel_state *state;
	int flags;

	ast_channel_lock(session->chan);
	flags = ast_channel_softhangup_internal_flag(session->chan);
	state = channel_state_find(session->chan);
	ast_channel_unlock(session->chan);
	return state != session->state || (flags & transfer && !(flags & ~transfer));
}

int app_session_is_hung_up(const struct app_session *session)
{
	return ast_check_hangup(session->chan) && !app_session_is_transferred(session);
}

enum wait_result app_session_wait(struct app_session *session, enum job job, void *result, int64_t ms)
{
	struct timeval began = ast_tvnow();
	int fd = ast_alertpipe_readfd(session->context->alert_pipe);

	while (channel_job_get_result(session->call, job, result) == EARWIG_ERR_AGAIN) {
		struct ast_frame *frame;
		int ready = -1, detected = -1, wait = 1000;

		if (ms >= 0) {
			int64_t left = ms - ast_tvdiff_ms(ast_tvnow(), began);

			if (left <= 0) {
				return WAIT_TIMEOUT;
			}
			wait = MIN(left, wait);
		}
		if (ast_waitfor_nandfds(&session->chan, 1, &fd, 1, &detected, &ready, &wait)) {
			if ((frame = ast_read(session->chan))) {
				ast_frfree(frame);
				continue;
			}
		} else if (ready == fd) {
			ast_alertpipe_flush(session->context->alert_pipe);
			continue;
		} else if (!ast_check_hangup(session->chan)) {
			continue;
		}
		return app_session_is_transferred(session) ? WAIT_TRANSFERRED : WAIT_HANGUP;
	}
	return WAIT_ENDED;
}

int app_session_wait_without_reading(const struct app_session *session, enum job job, void *result, int64_t ms)
{
	struct timeval began = ast_tvnow();

	while (channel_job_get_result(session->call, job, result) == EARWIG_ERR_AGAIN) {
		int64_t left = ms - ast_tvdiff_ms(ast_tvnow(), began);

		if (left <= 0) {
			return -1;
		}
		if (ast_wait_for_input(ast_alertpipe_readfd(session->context->alert_pipe), left) > 0) {
			ast_alertpipe_flush(session->context->alert_pipe);
		}
	}
	return 0;
}

const char *app_session_error(const struct app_session *session, earwig_status status, char *text, size_t size)
{
	return channel_error(session->call, status, text, size);
}
