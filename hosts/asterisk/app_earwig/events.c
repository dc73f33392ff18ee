/*
 * The manager events. They are documented in app_earwig-en_US.xml.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/manager.h"
#include "asterisk/stasis_channels.h"

struct ast_channel_snapshot *channel_snapshot(struct ast_channel *chan)
{
	SCOPED_CHANNELLOCK(lock, chan);

	return ast_channel_snapshot_create(chan);
}

/* The channel's headers as they are now or, of one that is no more or nobody's, as they were. NULL if there are none. */
static struct ast_str *headers(struct ast_channel_snapshot *now, struct ast_channel_snapshot *before)
{
	struct ast_str *text = now ? ast_manager_build_channel_state_string(now) : NULL;

	return text || !before ? text : ast_manager_build_channel_state_string(before);
}

static struct ast_str *headers_of(struct call_context *context)
{
	struct ast_channel_snapshot *seen, *now;
	struct ast_str *text;

	ao2_lock(context);
	seen = ao2_bump(context->seen);
	ao2_unlock(context);
	now = seen ? ast_channel_snapshot_get_latest(seen->base->uniqueid) : NULL;
	text = headers(now, seen);
	ao2_cleanup(now);
	ao2_cleanup(seen);
	return text;
}

/* Frees `text`, the channel's headers and the event's own. */
static void send_event(int class, const char *name, struct ast_str *text, const char *error)
{
	if (*error) {
		add_header(&text, "error", error);
	}
	manager_event(class, name, "%s", ast_str_buffer(text));
	ast_free(text);
}

/* Like Asterisk's own events of digits, for those who may see them. */
void event_digit(struct call_context *context, const earwig_event *event)
{
	struct ast_str *text = headers_of(context);

	if (text) {
		earwig_event_each(event, add_header, &text);
		send_event(EVENT_FLAG_DTMF, "EarwigDigit", text, "");
	}
}

/* Frees `text`. */
static void send_dtmf_end(struct ast_str *text, const char *variable, const earwig_dtmf_result *result, const char *error)
{
	if (text) {
		add_header(&text, "variable", variable);
		earwig_dtmf_result_each(result, EARWIG_NAMES_FIELDS, add_header, &text);
		send_event(EVENT_FLAG_CALL, "EarwigDtmfEnd", text, error);
	}
}

void event_dtmf_end(struct ast_channel *chan, struct ast_channel_snapshot *before, const char *variable,
	const earwig_dtmf_result *result, const char *error)
{
	struct ast_channel_snapshot *now = channel_snapshot(chan);

	send_dtmf_end(headers(now, before), variable, result, error);
	ao2_cleanup(now);
}

void event_dtmf_end_background(struct call_context *context, const char *variable, const earwig_dtmf_result *result)
{
	send_dtmf_end(headers_of(context), variable, result, "");
}

void event_record_start(struct call_context *context, const char *file)
{
	struct ast_str *text = headers_of(context);

	if (text) {
		add_header(&text, "file", file);
		send_event(EVENT_FLAG_CALL, "EarwigRecordStart", text, "");
	}
}

void event_record_end(struct call_context *context, const char *file, const earwig_recorder_result *result)
{
	struct ast_str *text = headers_of(context);

	if (text) {
		add_header(&text, "file", file);
		earwig_recorder_result_each(result, EARWIG_NAMES_FIELDS, add_header, &text);
		send_event(EVENT_FLAG_CALL, "EarwigRecordEnd", text, "");
	}
}

void event_machine(struct call_context *context, const earwig_event *event)
{
	struct ast_str *text = headers_of(context);

	if (text) {
		earwig_event_each(event, add_header, &text);
		send_event(EVENT_FLAG_CALL, "EarwigMachine", text, "");
	}
}

void event_machine_finished(struct call_context *context, const earwig_machine_outcome *outcome, const char *error)
{
	struct ast_str *text = headers_of(context);
	char at[24];

	if (text) {
		snprintf(at, sizeof(at), "%lld", (long long) outcome->ended_ms);
		add_header(&text, "machine_event", earwig_machine_event_str(EARWIG_MACHINE_EVENT_FINISHED));
		add_header(&text, "at_ms", at);
		earwig_machine_outcome_each(outcome, EARWIG_NAMES_FIELDS, add_header, &text);
		send_event(EVENT_FLAG_CALL, "EarwigMachine", text, error);
	}
}
