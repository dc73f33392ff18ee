/*
 * A job from its start until its last event is sent. It holds the call, so that it still ends after the hang-up.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

struct channel_job {
	struct job_run run;	/* the first member */
	int with_tx;	/* a recording that uses TX */
};

static const char *const event_names[] = { "dtmf", "record", "machine" };

static void channel_job_free(struct channel_job *job)
{
	job_run_clear(&job->run);
	call_context_unref(job->run.context);
	free(job);
	module_unref();
}

static void set_variables(const struct job_run *run, switch_channel_t *channel)
{
	if (run->job == JOB_DTMF) {
		set_digits_variables(channel, run->text, run->result.dtmf.digits);
	} else if (run->job == JOB_RECORDER) {
		set_variable(channel, "earwig_record_file", run->text);
	}
	job_result_foreach_field(run->job, &run->result, EARWIG_FIELD_SET_VARIABLES, set_variable_background, channel);
}

static int is_latest(const struct job_run *run)
{
	int latest;

	switch_mutex_lock(run->context->mutex);
	latest = job_list_is_latest(&run->context->jobs, run);
	switch_mutex_unlock(run->context->mutex);
	return latest;
}

/* Releases what the job holds of its channel and sets its variables, if the channel is still there. */
static void leave_channel(struct channel_job *job)
{
	switch_core_session_t *session = switch_core_session_force_locate(job->run.context->uuid);

	if (!session) {
		return;
	}
	if (job->with_tx) {
		media_tx_disable(channel_state_find(session));
	}
	if (job->run.foreground) {
		/* The application may be reading: without a timer it can wait for a packet for up to five seconds. */
		switch_core_media_break(session, SWITCH_MEDIA_TYPE_AUDIO);
	} else if (is_latest(&job->run)) {
		/* If a later run has started, the variables are that one's. */
		set_variables(&job->run, switch_core_session_get_channel(session));
	}
	switch_core_session_rwunlock(session);
}

static void send_start_event(void *data)
{
	const struct channel_job *job = data;
	const char *const name = event_names[job->run.job];
	switch_event_t *event = event_create(job->run.context, name);

	if (event) {
		add_header(event, "action", "start");
		add_header(event, "file", job->run.text);
		event_send(job->run.context, name, event);
	}
}

static void send_end_event(const struct job_run *run)
{
	const char *const name = event_names[run->job];
	switch_event_t *event = event_create(run->context, name);
	char at[24];

	if (!event) {
		return;
	}
	add_header(event, "action", "end");
	switch (run->job) {
	case JOB_DTMF:
		add_header(event, "variable", run->text);
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
	job_result_foreach_field(run->job, &run->result, EARWIG_FIELD_SET_FIELDS, add_header, event);
	event_send(run->context, name, event);
}

static void finish_job(void *data)
{
	struct channel_job *job = data;
	struct call_context *context = job->run.context;

	leave_channel(job);
	send_end_event(&job->run);
	switch_mutex_lock(context->mutex);
	context->jobs.unfinished--;
	switch_mutex_unlock(context->mutex);
	channel_job_free(job);
}

/* The context is locked. */
static void job_started(struct channel_job *job)
{
	struct call_context *context = job->run.context;

	job->run.started = 1;
	if (job->run.job == JOB_RECORDER) {
		switch_safe_free(context->last_file);
		context->last_file = strdup(job->run.text);
		event_thread_push(send_start_event, job);
	}
	if (job->run.ended) {
		event_thread_push(finish_job, job);
	}
}

static struct channel_job *channel_job_create(struct channel_state *state, enum job which, const char *text, int foreground)
{
	struct channel_job *job;

	switch_zmalloc(job, sizeof(*job));
	if (job_run_init(&job->run, which, state->call, text, foreground)) {
		free(job);
		return NULL;
	}
	module_ref();
	job->run.context = call_context_ref(state->context);
	return job;
}

earwig_status job_start(struct channel_state *state, enum job which, const void *options, const char *text, int foreground)
{
	struct call_context *context = state->context;
	struct channel_job *job = channel_job_create(state, which, text, foreground);
	earwig_status status;

	if (!job) {
		return EARWIG_ERR_SYSTEM;
	}
	job->with_tx = which == JOB_RECORDER
		&& ((const earwig_recorder_options *) options)->source != EARWIG_RECORDER_SOURCE_RX;
	call_context_snapshot(context, state->channel);
	if (which == JOB_MACHINE) {
		machine_result_set(&job->run.result.machine, EARWIG_MACHINE_VERDICT_DETECTING, "");
		set_variables(&job->run, state->channel);
	}
	switch_mutex_lock(context->mutex);
	job_list_add(&context->jobs, &job->run);
	switch_mutex_unlock(context->mutex);
	if (job->with_tx) {
		media_tx_enable(state);
	}
	/* Without the context's mutex: a slow disk must not block the library's thread. */
	status = channel_job_start(state->call, which, options, text);
	switch_mutex_lock(context->mutex);
	if (status) {
		job_list_cancel(&context->jobs, &job->run);
	} else {
		job_started(job);
	}
	switch_mutex_unlock(context->mutex);
	if (status) {
		if (job->with_tx) {
			media_tx_disable(state);
		}
		channel_job_free(job);
	}
	return status;
}

int jobs_started(struct call_context *context, enum job job)
{
	int started;

	switch_mutex_lock(context->mutex);
	started = context->jobs.started[job];
	switch_mutex_unlock(context->mutex);
	return started;
}

void job_ended(struct call_context *context, earwig_channel *call, const earwig_event *event)
{
	union job_result result;
	struct job_run *run;

	job_result_from_event(&result, call, event);
	switch_mutex_lock(context->mutex);
	run = job_list_end(&context->jobs, call, event, &result);
	if (run && run->started) {
		event_thread_push(finish_job, run);
	}
	switch_mutex_unlock(context->mutex);
}
