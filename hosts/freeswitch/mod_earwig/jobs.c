/*
 * A job, from its start until its last event is sent. It keeps the call, so that it has an ending after the hang-up.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

struct job_run {
	enum job job;
	struct call_context *context;
	earwig_channel *call;
	struct job_run *next;	/* of its context's */
	char *text;	/* the variable for the digits, the recording's file */
	int number;	/* which run of this job it is in its call */
	int foreground;
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

static void job_free(struct job_run *run)
{
	earwig_channel_unref(run->call);
	call_context_unref(run->context);
	switch_safe_free(run->text);
	free(run);
	module_unref();
}

static void unlink_job(struct job_run *run)
{
	struct job_run **at;

	for (at = &run->context->first[run->job]; *at; at = &(*at)->next) {
		if (*at == run) {
			*at = run->next;
			break;
		}
	}
}

static void each_pair(const struct job_run *run, earwig_names names, earwig_pair_fn fn, void *user)
{
	switch (run->job) {
	case JOB_DTMF:
		earwig_dtmf_result_each(&run->result.digits, names, fn, user);
		break;
	case JOB_RECORDER:
		earwig_recorder_result_each(&run->result.record, names, fn, user);
		break;
	default:
		earwig_machine_outcome_each(&run->result.machine, names, fn, user);
	}
}

static void set_variables(const struct job_run *run, switch_channel_t *channel)
{
	if (run->job == JOB_DTMF) {
		set_digits_variables(channel, run->text, run->result.digits.digits);
	} else if (run->job == JOB_RECORDER) {
		set_variable(channel, "earwig_record_file", run->text);
	}
	each_pair(run, EARWIG_NAMES_VARIABLES, set_variable_background, channel);
}

static int is_last(struct job_run *run)
{
	int last;

	switch_mutex_lock(run->context->mutex);
	last = run->number == run->context->begun[run->job];
	switch_mutex_unlock(run->context->mutex);
	return last;
}

/* What the end of a job changes on its channel, if that is still there. */
static void leave_channel(struct job_run *run)
{
	switch_core_session_t *session = switch_core_session_force_locate(run->context->uuid);
	switch_channel_t *channel;

	if (!session) {
		return;
	}
	channel = switch_core_session_get_channel(session);
	if (run->with_tx) {
		media_tx_disable(channel_state_find(session));
	}
	if (run->foreground) {
		/* A read may be waiting for a packet, up to five seconds long without a timer. */
		switch_core_media_break(session, SWITCH_MEDIA_TYPE_AUDIO);
	}
	/* Unless there is a later one, whose they are then. */
	if (!run->foreground && is_last(run)) {
		set_variables(run, channel);
	}
	switch_core_session_rwunlock(session);
}

static void send_start_event(void *data)
{
	struct job_run *run = data;
	switch_event_t *event = event_create(run->context, event_names[run->job]);

	if (event) {
		add_header(event, "action", "start");
		add_header(event, "file", run->text);
		event_send(run->context, event_names[run->job], event);
	}
}

static void add_headers(const struct job_run *run, switch_event_t *event)
{
	char at[24];

	add_header(event, "action", "end");
	switch (run->job) {
	case JOB_DTMF:
		add_header(event, "variable", switch_str_nil(run->text));
		break;
	case JOB_RECORDER:
		add_header(event, "file", run->text);
		break;
	default:
		switch_snprintf(at, sizeof(at), "%lld", (long long) run->result.machine.ended_ms);
		add_header(event, "machine_event", earwig_machine_event_str(EARWIG_MACHINE_EVENT_FINISHED));
		add_header(event, "at_ms", at);
		if (*run->error) {
			add_header(event, "error", run->error);
		}
	}
	each_pair(run, EARWIG_NAMES_FIELDS, add_header, event);
}

static void finish_job(void *data)
{
	struct job_run *run = data;
	struct call_context *context = run->context;
	switch_event_t *event;

	leave_channel(run);
	if ((event = event_create(context, event_names[run->job]))) {
		add_headers(run, event);
		event_send(context, event_names[run->job], event);
	}
	switch_mutex_lock(context->mutex);
	context->open--;
	switch_mutex_unlock(context->mutex);
	job_free(run);
}

static earwig_status begin(struct job_run *run, const void *options)
{
	switch (run->job) {
	case JOB_DTMF:
		return earwig_dtmf_start(run->call, options);
	case JOB_RECORDER:
		return earwig_recorder_start(run->call, run->text, options);
	default:
		return earwig_machine_start(run->call, options);
	}
}

/* It runs: what is to be seen of that before its end. */
static void note_begun(struct job_run *run)
{
	struct call_context *context = run->context;

	run->started = 1;
	if (run->job == JOB_RECORDER) {
		switch_safe_free(context->file);
		context->file = strdup(run->text);
		event_thread_push(send_start_event, run);
	}
	if (run->ended) {
		event_thread_push(finish_job, run);
	}
}

earwig_status job_start(struct channel_state *state, const struct start *start)
{
	struct call_context *context = state->context;
	const enum job job = start->job;
	struct job_run *run, **at;
	earwig_status status;

	switch_zmalloc(run, sizeof(*run));
	module_ref();
	run->job = job;
	run->context = call_context_ref(context);
	run->call = earwig_channel_ref(state->call);
	run->text = start->text ? strdup(start->text) : NULL;
	run->foreground = start->foreground;
	run->with_tx = job == JOB_RECORDER
		&& ((const earwig_recorder_options *) start->options)->source != EARWIG_RECORD_SOURCE_RX;
	call_context_snapshot(context, state->channel);
	if (job == JOB_MACHINE) {
		earwig_machine_outcome_init(&run->result.machine);
		set_variables(run, state->channel);
	}
	/* Before it starts: it may have ended when that returns. */
	switch_mutex_lock(context->mutex);
	run->number = ++context->begun[job];
	context->open++;
	for (at = &context->first[job]; *at; at = &(*at)->next) {
	}
	*at = run;
	switch_mutex_unlock(context->mutex);
	if (run->with_tx) {
		media_tx_enable(state);
	}
	/* Not under the lock: a slow disk must not hold up the library's thread. */
	status = begin(run, start->options);
	switch_mutex_lock(context->mutex);
	if (status) {
		context->begun[job]--;
		context->open--;
		unlink_job(run);
	} else {
		note_begun(run);
	}
	switch_mutex_unlock(context->mutex);
	if (status) {
		if (run->with_tx) {
			media_tx_disable(state);
		}
		job_free(run);
	}
	return status;
}

static void keep_digits(struct job_run *run, const earwig_event *event)
{
	earwig_dtmf_result *result = &run->result.digits;

	earwig_dtmf_result_init(result);
	result->cause = event->cause;
	switch_copy_string(result->digits, event->digits, sizeof(result->digits));
	result->started_ms = event->start_ms;
	result->ended_ms = event->at_ms;
}

/* The event has not all: the rest is the last result's, unless the next job has ended already. */
static void keep_record(struct job_run *run, const earwig_event *event)
{
	earwig_recorder_result *result = &run->result.record;

	earwig_recorder_result_init(result);
	if (earwig_recorder_get_result(run->call, result) || result->cause != event->cause) {
		earwig_recorder_result_init(result);
		result->cause = event->cause;
	}
	result->audio_detected = event->audio_detected;
	result->duration_ms = event->duration_ms;
	result->bytes = event->bytes;
}

static void keep_machine(struct job_run *run, const earwig_event *event)
{
	earwig_machine_outcome *outcome = &run->result.machine;

	earwig_machine_outcome_init(outcome);
	if (!earwig_machine_get_outcome(run->call, outcome) && outcome->ended_ms == event->at_ms) {
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

/* One of a job runs at a time, but the next may have begun before this one's ending is heard of. */
void job_ended(struct call_context *context, earwig_channel *call, const earwig_event *event)
{
	const enum job job = event->type == EARWIG_EVENT_TYPE_DTMF_ENDED ? JOB_DTMF
		: event->type == EARWIG_EVENT_TYPE_RECORD_ENDED ? JOB_RECORDER : JOB_MACHINE;
	struct job_run *run;

	switch_mutex_lock(context->mutex);
	run = context->first[job];
	if (run) {
		unlink_job(run);
		switch (job) {
		case JOB_DTMF:
			keep_digits(run, event);
			break;
		case JOB_RECORDER:
			keep_record(run, event);
			break;
		default:
			keep_machine(run, event);
			if (run->result.machine.result == EARWIG_MACHINE_RESULT_ERROR) {
				earwig_channel_get_error(run->call, run->error, sizeof(run->error));
			}
		}
		run->ended = 1;
		if (run->started) {
			event_thread_push(finish_job, run);
		}
	}
	switch_mutex_unlock(context->mutex);
}
