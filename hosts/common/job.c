/*
 * The library's calls of the three jobs, behind one function for all of them.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "common/job.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

const char *const job_names[JOBS] = { "get_digits", "record", "detect_machine" };

int job_by_name(const char *name)
{
	int job;

	for (job = 0; job < JOBS; job++) {
		if (!strcasecmp(name, job_names[job])) {
			return job;
		}
	}
	return -1;
}

void job_options_init(enum job job, void *options)
{
	switch (job) {
	case JOB_DTMF:
		earwig_dtmf_options_init(options);
		break;
	case JOB_RECORDER:
		earwig_recorder_options_init(options);
		break;
	default:
		earwig_machine_options_init(options);
	}
}

earwig_status job_options_parse(enum job job, const char *text, void *options, char *error, size_t size)
{
	switch (job) {
	case JOB_DTMF:
		return earwig_dtmf_options_parse(text, options, error, size);
	case JOB_RECORDER:
		return earwig_recorder_options_parse(text, options, error, size);
	default:
		return earwig_machine_options_parse(text, options, error, size);
	}
}

int job_options_check(enum job job, const char *text, char *error, size_t size)
{
	union {
		earwig_dtmf_options dtmf;
		earwig_recorder_options recorder;
		earwig_machine_options machine;
	} options;
	earwig_status status;

	job_options_init(job, &options);
	status = job_options_parse(job, text, &options, error, size);
	explicit_bzero(&options, sizeof(options));
	return status ? -1 : 0;
}

int dtmf_options_parse(earwig_dtmf_options *options, const char *count, const char *text, char *error, size_t size)
{
	char pair[32] = "";

	if (*count) {
		snprintf(pair, sizeof(pair), "count=%s", count);
	}
	return earwig_dtmf_options_parse(pair, options, error, size) || earwig_dtmf_options_parse(text, options, error, size) ? -1 : 0;
}

int recorder_options_set_cipher(earwig_recorder_options *options, const char *cipher, const char *variable, char *error,
	size_t size)
{
	/* The longest valid text has 104 characters: what does not fit is invalid anyway. */
	char text[128];
	earwig_status status;

	if (options->key_bytes || !cipher || !*cipher) {
		return 0;
	}
	snprintf(text, sizeof(text), "cipher=%s", cipher);
	status = earwig_recorder_options_parse(text, options, NULL, 0);
	explicit_bzero(text, sizeof(text));
	if (status) {
		snprintf(error, size, "%s is not KEYHEX:IVHEX", variable);
	}
	return status ? -1 : 0;
}

int machine_options_set_secret(earwig_machine_options *options, const char *secret, const char *variable, char *error, size_t size)
{
	if (*options->status_secret || !secret || !*secret) {
		return 0;
	}
	if (strlen(secret) >= sizeof(options->status_secret)) {
		snprintf(error, size, "%s is longer than %zu bytes", variable, sizeof(options->status_secret) - 1);
		return -1;
	}
	strcpy(options->status_secret, secret);
	return 0;
}

earwig_status channel_job_start(earwig_channel *call, enum job job, const void *options, const char *file)
{
	switch (job) {
	case JOB_DTMF:
		return earwig_dtmf_start(call, options);
	case JOB_RECORDER:
		return earwig_recorder_start(call, file, options);
	default:
		return earwig_machine_start(call, options);
	}
}

earwig_status channel_job_stop(earwig_channel *call, enum job job, int64_t timeout_ms)
{
	switch (job) {
	case JOB_DTMF:
		return earwig_dtmf_stop(call, 0);
	case JOB_RECORDER:
		return earwig_recorder_stop(call, timeout_ms);
	default:
		return earwig_machine_stop(call, timeout_ms);
	}
}

earwig_status channel_job_get_result(earwig_channel *call, enum job job, void *result)
{
	switch (job) {
	case JOB_DTMF:
		return earwig_dtmf_get_result(call, result);
	case JOB_RECORDER:
		return earwig_recorder_get_result(call, result);
	default:
		return earwig_machine_get_result(call, result);
	}
}

const char *channel_error(earwig_channel *call, earwig_status status, char *text, size_t size)
{
	earwig_channel_get_error(call, text, size);
	return *text ? text : earwig_status_str(status);
}

int channel_is_recording(earwig_channel *call)
{
	int32_t state = EARWIG_RECORDER_STATE_IDLE;

	earwig_recorder_get_state(call, &state);
	return state == EARWIG_RECORDER_STATE_RECORDING;
}

channel_action channel_action_by_name(const char *name)
{
	static const struct {
		const char *name;
		channel_action action;
	} actions[] = {
		{ "pause", earwig_recorder_pause },
		{ "resume", earwig_recorder_resume },
		{ "mask", earwig_recorder_mask },
		{ "unmask", earwig_recorder_unmask },
		{ "clear", earwig_dtmf_clear },
	};
	size_t i;

	for (i = 0; i < COUNT(actions); i++) {
		if (!strcasecmp(name, actions[i].name)) {
			return actions[i].action;
		}
	}
	return NULL;
}

const char *call_phase_error(enum call_phase phase)
{
	switch (phase) {
	case CALL_RINGS:
		return "the call is not answered";
	case CALL_OVER:
		return "the call has hung up";
	default:
		return NULL;
	}
}

enum job job_of_event(const earwig_event *event)
{
	switch (event->type) {
	case EARWIG_EVENT_TYPE_DTMF_ENDED:
		return JOB_DTMF;
	case EARWIG_EVENT_TYPE_RECORDER_ENDED:
		return JOB_RECORDER;
	default:
		return JOB_MACHINE;
	}
}

static void dtmf_result_from_event(earwig_dtmf_result *result, const earwig_event *event)
{
	earwig_dtmf_result_init(result);
	result->cause = event->cause;
	result->count = (int32_t) strlen(event->digits);
	memcpy(result->digits, event->digits, sizeof(result->digits));
	result->started_ms = event->start_ms;
	result->ended_ms = event->at_ms;
}

/* The event lacks the error and the state; the library's result has them, unless the next recording has ended already. */
static void recorder_result_from_event(earwig_recorder_result *result, earwig_channel *call, const earwig_event *event)
{
	earwig_recorder_result_init(result);
	if (earwig_recorder_get_result(call, result) || result->cause != event->cause) {
		earwig_recorder_result_init(result);
		result->cause = event->cause;
	}
	result->audio_detected = event->audio_detected;
	result->duration_ms = event->duration_ms;
	result->bytes = event->bytes;
}

static void machine_result_from_event(earwig_machine_result *detected, earwig_channel *call, const earwig_event *event)
{
	earwig_machine_result_init(detected);
	if (!earwig_machine_get_result(call, detected) && detected->ended_ms == event->at_ms) {
		return;
	}
	machine_result_set(detected, event->machine_verdict, event->cause_text);
	detected->cause = event->cause;
	detected->confidence = event->confidence;
	detected->kind = event->machine_kind;
	detected->kind_confidence = event->kind_confidence;
	detected->beep = event->beep;
	detected->detect_ms = event->detect_ms;
	detected->onset_ms = event->onset_ms;
	detected->started_ms = event->start_ms;
	detected->ended_ms = event->at_ms;
}

void job_result_from_event(union job_result *result, earwig_channel *call, const earwig_event *event)
{
	switch (job_of_event(event)) {
	case JOB_DTMF:
		dtmf_result_from_event(&result->dtmf, event);
		break;
	case JOB_RECORDER:
		recorder_result_from_event(&result->recorder, call, event);
		break;
	default:
		machine_result_from_event(&result->machine, call, event);
	}
}

void job_result_foreach_field(enum job job, const union job_result *result, earwig_field_set names, earwig_field_fn function,
	void *user)
{
	switch (job) {
	case JOB_DTMF:
		earwig_dtmf_result_foreach_field(&result->dtmf, names, function, user);
		break;
	case JOB_RECORDER:
		earwig_recorder_result_foreach_field(&result->recorder, names, function, user);
		break;
	default:
		earwig_machine_result_foreach_field(&result->machine, names, function, user);
	}
}

void dtmf_result_after_hangup(earwig_dtmf_result *result, earwig_channel *call, const earwig_dtmf_options *options)
{
	earwig_dtmf_result_init(result);
	result->cause = EARWIG_DTMF_CAUSE_HANGUP;
	if (!options->clear && !earwig_dtmf_get_digits(call, result->digits, sizeof(result->digits))) {
		result->count = (int32_t) strlen(result->digits);
	}
	earwig_dtmf_clear(call);
}

void recorder_result_set_none(earwig_recorder_result *result, enum call_phase phase)
{
	earwig_recorder_result_init(result);
	if (phase == CALL_OVER) {
		result->cause = EARWIG_RECORDER_CAUSE_HANGUP;
	} else if (phase == CALL_RINGS) {
		result->cause = EARWIG_RECORDER_CAUSE_ERROR;
		snprintf(result->error, sizeof(result->error), "%s", call_phase_error(phase));
	}
}

void recorder_result_set_running(earwig_recorder_result *result, earwig_recorder_cause cause)
{
	earwig_recorder_result_init(result);
	result->cause = cause;
	result->state = EARWIG_RECORDER_STATE_RECORDING;
}

void machine_result_set(earwig_machine_result *detected, earwig_machine_verdict verdict, const char *cause)
{
	earwig_machine_result_init(detected);
	detected->verdict = verdict;
	snprintf(detected->cause_text, sizeof(detected->cause_text), "%s", cause);
}

const char *machine_result_cause(const earwig_machine_result *detected)
{
	return *detected->cause_text ? detected->cause_text : "NONE";
}
