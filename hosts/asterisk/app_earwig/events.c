/*
 * The manager events. app_earwig-en_US.xml documents them.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/manager.h"
#include "asterisk/module.h"
#include "asterisk/stasis_channels.h"

/* A digit, the progress of a detection or a beep after it, on its way to the event thread. */
struct progress_event {
	struct call_context *context;
	earwig_event event;
};

struct ast_channel_snapshot *channel_snapshot(struct ast_channel *chan)
{
	SCOPED_CHANNELLOCK(lock, chan);

	return ast_channel_snapshot_create(chan);
}

/* The channel's headers: those of `now`, or of `before` if the channel has gone or has no identity. NULL if neither has any. */
static struct ast_str *channel_headers(struct ast_channel_snapshot *now, struct ast_channel_snapshot *before)
{
	struct ast_str *text = now ? ast_manager_build_channel_state_string(now) : NULL;

	return text || !before ? text : ast_manager_build_channel_state_string(before);
}

static struct ast_str *context_headers(struct call_context *context)
{
	struct ast_channel_snapshot *before, *now;
	struct ast_str *text;

	ao2_lock(context);
	before = ao2_bump(context->snapshot);
	ao2_unlock(context);
	now = before ? ast_channel_snapshot_get_latest(before->base->uniqueid) : NULL;
	text = channel_headers(now, before);
	ao2_cleanup(now);
	ao2_cleanup(before);
	return text;
}

/* Frees `text`, which holds the headers of the channel and of the event. */
static void send_event(int class, const char *name, struct ast_str *text, const char *error)
{
	if (*error) {
		add_header(&text, "error", error);
	}
	manager_event(class, name, "%s", ast_str_buffer(text));
	ast_free(text);
}

/* Frees `text`. */
static void send_dtmf_end(struct ast_str *text, const char *variable, const earwig_dtmf_result *result, const char *error)
{
	if (text) {
		add_header(&text, "variable", variable);
		earwig_dtmf_result_foreach_field(result, EARWIG_FIELD_SET_FIELDS, add_header, &text);
		send_event(EVENT_FLAG_CALL, "EarwigDtmfEnd", text, error);
	}
}

void event_dtmf_end(struct ast_channel *chan, struct ast_channel_snapshot *before, const char *variable,
	const earwig_dtmf_result *result, const char *error)
{
	struct ast_channel_snapshot *now = channel_snapshot(chan);

	send_dtmf_end(channel_headers(now, before), variable, result, error);
	ao2_cleanup(now);
}

void event_dtmf_end_background(struct call_context *context, const char *variable, const earwig_dtmf_result *result)
{
	send_dtmf_end(context_headers(context), variable, result, "");
}

void event_record_start(struct call_context *context, const char *file)
{
	struct ast_str *text = context_headers(context);

	if (text) {
		add_header(&text, "file", file);
		send_event(EVENT_FLAG_CALL, "EarwigRecordStart", text, "");
	}
}

void event_record_end(struct call_context *context, const char *file, const earwig_recorder_result *result)
{
	struct ast_str *text = context_headers(context);

	if (text) {
		add_header(&text, "file", file);
		earwig_recorder_result_foreach_field(result, EARWIG_FIELD_SET_FIELDS, add_header, &text);
		send_event(EVENT_FLAG_CALL, "EarwigRecordEnd", text, "");
	}
}

void event_machine_finished(struct call_context *context, const earwig_machine_result *detected, const char *error)
{
	struct ast_str *text = context_headers(context);
	char at[24];

	if (text) {
		snprintf(at, sizeof(at), "%lld", (long long) detected->ended_ms);
		add_header(&text, "machine_event", earwig_machine_event_str(EARWIG_MACHINE_EVENT_FINISHED));
		add_header(&text, "at_ms", at);
		earwig_machine_result_foreach_field(detected, EARWIG_FIELD_SET_FIELDS, add_header, &text);
		send_event(EVENT_FLAG_CALL, "EarwigMachine", text, error);
	}
}

static int send_progress(void *data)
{
	struct progress_event *progress = data;
	struct ast_str *text = context_headers(progress->context);
	const char *name = "EarwigMachine";
	int class = EVENT_FLAG_CALL;

	if (progress->event.type == EARWIG_EVENT_TYPE_DIGIT) {
		/* The class of Asterisk's own DTMF events, so that only those see digits who may. */
		class = EVENT_FLAG_DTMF;
		name = "EarwigDigit";
	} else if (progress->event.type == EARWIG_EVENT_TYPE_MACHINE_BEEP) {
		name = "EarwigMachineBeep";
	}
	if (text) {
		earwig_event_foreach_field(&progress->event, add_header, &text);
		send_event(class, name, text, "");
	}
	ao2_ref(progress->context, -1);
	ast_free(progress);
	ast_module_unref(AST_MODULE_SELF);
	return 0;
}

static int are_digit_events_on(void)
{
	RAII_VAR(struct settings *, settings, config_get(), ao2_cleanup);

	return settings && settings->digit_events;
}

void event_progress(struct call_context *context, const earwig_event *event)
{
	struct progress_event *progress;

	if (event->type == EARWIG_EVENT_TYPE_DIGIT && !are_digit_events_on()) {
		return;
	}
	progress = ast_malloc(sizeof(*progress));
	if (progress) {
		ast_module_ref(AST_MODULE_SELF);
		progress->context = ao2_bump(context);
		progress->event = *event;
		event_thread_push(send_progress, progress);
	}
}
