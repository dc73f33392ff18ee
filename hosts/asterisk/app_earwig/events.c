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

struct ast_channel_snapshot *event_snapshot(struct ast_channel *chan)
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

static struct ast_str *headers_of(struct desk *desk)
{
	struct ast_channel_snapshot *seen, *now;
	struct ast_str *text;

	ao2_lock(desk);
	seen = ao2_bump(desk->seen);
	ao2_unlock(desk);
	now = seen ? ast_channel_snapshot_get_latest(seen->base->uniqueid) : NULL;
	text = headers(now, seen);
	ao2_cleanup(now);
	ao2_cleanup(seen);
	return text;
}

/* Frees `text`, the channel's headers. */
static void __attribute__((format(printf, 4, 5))) send_event(const char *name, struct ast_str *text, const char *error,
	const char *format, ...)
{
	va_list fields;

	if (!text) {
		return;
	}
	va_start(fields, format);
	ast_str_append_va(&text, 0, format, fields);
	va_end(fields);
	if (*error) {
		ast_str_append(&text, 0, "Error: %s\r\n", error);
	}
	manager_event(EVENT_FLAG_CALL, name, "%s", ast_str_buffer(text));
	ast_free(text);
}

void event_dtmf_end(struct ast_channel *chan, struct ast_channel_snapshot *before, const char *variable,
	const earwig_dtmf_result *result, const char *error)
{
	struct ast_channel_snapshot *now = event_snapshot(chan);

	send_event("EarwigDtmfEnd", headers(now, before), error,
		"Variable: %s\r\n"
		"Cause: %s\r\n"
		"Digits: %s\r\n"
		"StartedMs: %lld\r\n"
		"EndedMs: %lld\r\n",
		variable, earwig_dtmf_cause_str(result->cause), result->digits, (long long) result->started_ms,
		(long long) result->ended_ms);
	ao2_cleanup(now);
}

void event_record_start(struct desk *desk, const char *file)
{
	send_event("EarwigRecordStart", headers_of(desk), "", "File: %s\r\n", file);
}

void event_record_end(struct desk *desk, const char *file, const earwig_recorder_result *result)
{
	send_event("EarwigRecordEnd", headers_of(desk), result->error,
		"File: %s\r\n"
		"Cause: %s\r\n"
		"AudioDetected: %s\r\n"
		"DurationMs: %lld\r\n"
		"Bytes: %lld\r\n",
		file, earwig_recorder_cause_str(result->cause), yes_or_no(result->audio_detected),
		(long long) result->duration_ms, (long long) result->bytes);
}

void event_machine(struct desk *desk, const earwig_event *event)
{
	const int provisional = event->type == EARWIG_EVENT_TYPE_MACHINE_PROVISIONAL;

	send_event("EarwigMachine", headers_of(desk), "",
		"MachineEvent: %s\r\n"
		"Beep: %s\r\n"
		"Confidence: %.2f\r\n"
		"AtMs: %lld\r\n"
		"%s%s%s",
		provisional ? "PROVISIONAL" : earwig_machine_event_str(event->machine_event), true_or_false(event->beep),
		event->confidence, (long long) event->at_ms, provisional ? "Result: " : "",
		provisional ? earwig_machine_result_str(event->machine_result) : "", provisional ? "\r\n" : "");
}

void event_machine_finished(struct desk *desk, const earwig_machine_outcome *outcome, const char *error)
{
	send_event("EarwigMachine", headers_of(desk), error,
		"MachineEvent: %s\r\n"
		"Beep: %s\r\n"
		"Confidence: %.2f\r\n"
		"AtMs: %lld\r\n"
		"Result: %s\r\n"
		"Cause: %s\r\n"
		"DetectMs: %lld\r\n"
		"OnsetMs: %lld\r\n",
		earwig_machine_event_str(EARWIG_MACHINE_EVENT_FINISHED), true_or_false(outcome->beep), outcome->confidence,
		(long long) outcome->ended_ms, earwig_machine_result_str(outcome->result), verdict_cause(outcome),
		(long long) outcome->detect_ms, (long long) outcome->onset_ms);
}

const char *true_or_false(int32_t flag)
{
	return flag > 0 ? "true" : "false";
}

const char *yes_or_no(int32_t flag)
{
	return flag < 0 ? "" : flag ? "yes" : "no";
}
