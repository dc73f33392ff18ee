/*
 * A job, from its start until its last event is sent. It keeps the call, so that it has an ending after the hang-up.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

struct job {
	enum kind kind;
	struct desk *desk;
	earwig_channel *call;
	struct job *next;	/* of its desk's */
	char *text;	/* the variable for the digits, the recording's file */
	int number;	/* among those of its kind and call */
	int waited_for;
	int with_tx;
	int started;	/* the library's start has returned */
	int ended;
	char error[256];	/* of a detection */
	union {
		earwig_dtmf_result digits;
		earwig_recorder_result record;
		earwig_machine_outcome machine;
	} result;
};

static const char *const event_names[] = { "dtmf", "record", "machine" };

static void job_free(struct job *job)
{
	earwig_channel_unref(job->call);
	desk_unref(job->desk);
	switch_safe_free(job->text);
	free(job);
	module_release();
}

static void unlink_job(struct job *job)
{
	struct job **at;

	for (at = &job->desk->first[job->kind]; *at; at = &(*at)->next) {
		if (*at == job) {
			*at = job->next;
			break;
		}
	}
}

static void each_pair(const struct job *job, earwig_names names, earwig_pair_fn fn, void *user)
{
	switch (job->kind) {
	case KIND_DIGITS:
		earwig_dtmf_result_each(&job->result.digits, names, fn, user);
		break;
	case KIND_RECORD:
		earwig_recorder_result_each(&job->result.record, names, fn, user);
		break;
	default:
		earwig_machine_outcome_each(&job->result.machine, names, fn, user);
	}
}

static void set_variables(const struct job *job, switch_channel_t *channel)
{
	if (job->kind == KIND_DIGITS) {
		set_digits(channel, job->text, job->result.digits.digits);
	} else if (job->kind == KIND_RECORD) {
		set_variable(channel, "earwig_record_file", job->text);
	}
	each_pair(job, EARWIG_NAMES_VARIABLES, set_variable_behind, channel);
}

static int is_last(struct job *job)
{
	int last;

	switch_mutex_lock(job->desk->mutex);
	last = job->number == job->desk->begun[job->kind];
	switch_mutex_unlock(job->desk->mutex);
	return last;
}

/* What the end of a job changes on its channel, if that is still there. */
static void leave_channel(struct job *job)
{
	switch_core_session_t *session = switch_core_session_force_locate(job->desk->uuid);
	switch_channel_t *channel;

	if (!session) {
		return;
	}
	channel = switch_core_session_get_channel(session);
	if (job->with_tx) {
		tap_tx_off(listener_of(session));
	}
	if (job->waited_for) {
		/* A read may be waiting for a packet, up to five seconds long without a timer. */
		switch_core_media_break(session, SWITCH_MEDIA_TYPE_AUDIO);
	}
	/* Unless there is a later one, whose they are then. */
	if (!job->waited_for && is_last(job)) {
		set_variables(job, channel);
	}
	switch_core_session_rwunlock(session);
}

static void tell_start(void *data)
{
	struct job *job = data;
	switch_event_t *event = event_begin(job->desk, event_names[job->kind]);

	if (event) {
		add_header(event, "action", "start");
		add_header(event, "file", job->text);
		event_send(job->desk, event_names[job->kind], event);
	}
}

static void add_headers(const struct job *job, switch_event_t *event)
{
	char at[24];

	add_header(event, "action", "end");
	switch (job->kind) {
	case KIND_DIGITS:
		add_header(event, "variable", switch_str_nil(job->text));
		break;
	case KIND_RECORD:
		add_header(event, "file", job->text);
		break;
	default:
		switch_snprintf(at, sizeof(at), "%lld", (long long) job->result.machine.ended_ms);
		add_header(event, "machine_event", earwig_machine_event_str(EARWIG_MACHINE_EVENT_FINISHED));
		add_header(event, "at_ms", at);
		if (*job->error) {
			add_header(event, "error", job->error);
		}
	}
	each_pair(job, EARWIG_NAMES_FIELDS, add_header, event);
}

static void tell_end(void *data)
{
	struct job *job = data;
	struct desk *desk = job->desk;
	switch_event_t *event;

	leave_channel(job);
	if ((event = event_begin(desk, event_names[job->kind]))) {
		add_headers(job, event);
		event_send(desk, event_names[job->kind], event);
	}
	switch_mutex_lock(desk->mutex);
	desk->open--;
	switch_mutex_unlock(desk->mutex);
	job_free(job);
}

static earwig_status begin(struct job *job, const void *options)
{
	switch (job->kind) {
	case KIND_DIGITS:
		return earwig_dtmf_start(job->call, options);
	case KIND_RECORD:
		return earwig_recorder_start(job->call, job->text, options);
	default:
		return earwig_machine_start(job->call, options);
	}
}

/* It runs: what is to be seen of that before its end. */
static void note_begun(struct job *job)
{
	struct desk *desk = job->desk;

	job->started = 1;
	if (job->kind == KIND_RECORD) {
		switch_safe_free(desk->file);
		desk->file = strdup(job->text);
		teller_let(tell_start, job);
	}
	if (job->ended) {
		teller_let(tell_end, job);
	}
}

earwig_status job_start(struct listener *listener, const struct start *start)
{
	struct desk *desk = listener->desk;
	const enum kind kind = start->kind;
	struct job *job, **at;
	earwig_status status;

	switch_zmalloc(job, sizeof(*job));
	module_hold();
	job->kind = kind;
	job->desk = desk_ref(desk);
	job->call = earwig_channel_ref(listener->call);
	job->text = start->text ? strdup(start->text) : NULL;
	job->waited_for = start->waited_for;
	job->with_tx = kind == KIND_RECORD
		&& ((const earwig_recorder_options *) start->options)->source != EARWIG_RECORD_SOURCE_RX;
	desk_see(desk, listener->channel);
	if (kind == KIND_MACHINE) {
		earwig_machine_outcome_init(&job->result.machine);
		set_variables(job, listener->channel);
	}
	/* Before it starts: it may have ended when that returns. */
	switch_mutex_lock(desk->mutex);
	job->number = ++desk->begun[kind];
	desk->open++;
	for (at = &desk->first[kind]; *at; at = &(*at)->next) {
	}
	*at = job;
	switch_mutex_unlock(desk->mutex);
	if (job->with_tx) {
		tap_tx_on(listener);
	}
	/* Not under the lock: a slow disk must not hold up the library's thread. */
	status = begin(job, start->options);
	switch_mutex_lock(desk->mutex);
	if (status) {
		desk->begun[kind]--;
		desk->open--;
		unlink_job(job);
	} else {
		note_begun(job);
	}
	switch_mutex_unlock(desk->mutex);
	if (status) {
		if (job->with_tx) {
			tap_tx_off(listener);
		}
		job_free(job);
	}
	return status;
}

static void keep_digits(struct job *job, const earwig_event *event)
{
	earwig_dtmf_result *result = &job->result.digits;

	earwig_dtmf_result_init(result);
	result->cause = event->cause;
	switch_copy_string(result->digits, event->digits, sizeof(result->digits));
	result->started_ms = event->start_ms;
	result->ended_ms = event->at_ms;
}

/* The event has not all: the rest is the last result's, unless the next job has ended already. */
static void keep_record(struct job *job, const earwig_event *event)
{
	earwig_recorder_result *result = &job->result.record;

	earwig_recorder_result_init(result);
	if (earwig_recorder_get_result(job->call, result) || result->cause != event->cause) {
		earwig_recorder_result_init(result);
		result->cause = event->cause;
	}
	result->audio_detected = event->audio_detected;
	result->duration_ms = event->duration_ms;
	result->bytes = event->bytes;
}

static void keep_machine(struct job *job, const earwig_event *event)
{
	earwig_machine_outcome *outcome = &job->result.machine;

	earwig_machine_outcome_init(outcome);
	if (!earwig_machine_get_outcome(job->call, outcome) && outcome->ended_ms == event->at_ms) {
		return;
	}
	earwig_machine_outcome_init(outcome);
	outcome->result = event->machine_result;
	outcome->cause = event->cause;
	switch_copy_string(outcome->cause_text, event->cause_text, sizeof(outcome->cause_text));
	outcome->confidence = event->confidence;
	outcome->beep = event->beep;
	outcome->detect_ms = event->detect_ms;
	outcome->onset_ms = event->onset_ms;
	outcome->started_ms = event->start_ms;
	outcome->ended_ms = event->at_ms;
}

/* One of a kind runs at a time, but the next may have begun before this one's ending is heard of. */
void job_ended(struct desk *desk, earwig_channel *call, const earwig_event *event)
{
	const enum kind kind = event->type == EARWIG_EVENT_TYPE_DTMF_ENDED ? KIND_DIGITS
		: event->type == EARWIG_EVENT_TYPE_RECORD_ENDED ? KIND_RECORD : KIND_MACHINE;
	struct job *job;

	switch_mutex_lock(desk->mutex);
	job = desk->first[kind];
	if (job) {
		unlink_job(job);
		switch (kind) {
		case KIND_DIGITS:
			keep_digits(job, event);
			break;
		case KIND_RECORD:
			keep_record(job, event);
			break;
		default:
			keep_machine(job, event);
			if (job->result.machine.result == EARWIG_MACHINE_RESULT_ERROR) {
				earwig_channel_get_error(job->call, job->error, sizeof(job->error));
			}
		}
		job->ended = 1;
		if (job->started) {
			teller_let(tell_end, job);
		}
	}
	switch_mutex_unlock(desk->mutex);
}
