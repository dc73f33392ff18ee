/*
 * The three jobs of a call, as a PBX module handles them: names, options, start, stop and result.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#ifndef EARWIG_HOSTS_JOB_H
#define EARWIG_HOSTS_JOB_H

#include "earwig.h"

/* Limit in ms on waiting for the disk once a recording has ended. */
#define FILE_TIMEOUT_MS 5000

/* Default timeout in ms of applications that record, or wait for a recording, in the foreground. */
#define RECORDER_TIMEOUT_MS 120000

/* A call runs at most one job of each at a time. */
enum job {
	JOB_DTMF,
	JOB_RECORDER,
	JOB_MACHINE,
	JOBS,
};

/* How waiting for the end of a job came out. */
enum wait_result {
	WAIT_ENDED,		/* the job has its result */
	WAIT_TIMEOUT,
	WAIT_HANGUP,
	WAIT_TRANSFERRED,	/* the call lives on, but not in this application */
};

/* Where a call is in its life, as far as jobs are concerned. */
enum call_phase {
	CALL_UP,	/* jobs may run: it is answered, or has early media and leave to use it */
	CALL_RINGS,
	CALL_OVER,	/* it has hung up */
};

union job_result {
	earwig_dtmf_result dtmf;
	earwig_recorder_result recorder;
	earwig_machine_result machine;
};

/* The jobs' names in commands and settings: get_digits, record, detect_machine. */
extern const char *const job_names[JOBS];

/* An `enum job`, or -1. */
int job_by_name(const char *name);

/* ---- options ---- */

/* `options` is the library's options struct of that job. */
void job_options_init(enum job job, void *options);
earwig_status job_options_parse(enum job job, const char *text, void *options, char *error, size_t size);

/* Whether `text` parses as options of that job. -1 and an error text if not. */
int job_options_check(enum job job, const char *text, char *error, size_t size);

/* Parses `count` (empty: not given), then `text`. -1 and an error text. */
int dtmf_options_parse(earwig_dtmf_options *options, const char *count, const char *text, char *error, size_t size);

/*
 * Takes the cipher or the secret from a channel variable, whose name is for the error text, unless the options have one already:
 * both hosts log the arguments of applications. NULL and "" are no value. -1 and an error text without the key.
 */
int recorder_options_set_cipher(earwig_recorder_options *options, const char *cipher, const char *variable, char *error,
	size_t size);
int machine_options_set_secret(earwig_machine_options *options, const char *secret, const char *variable, char *error, size_t size);

/* ---- the library's calls, by job ---- */

/* `file` is the recorder's alone. */
earwig_status channel_job_start(earwig_channel *call, enum job job, const void *options, const char *file);
earwig_status channel_job_stop(earwig_channel *call, enum job job, int64_t timeout_ms);

/* `result` is the library's result struct of that job. EARWIG_ERR_AGAIN while the job runs. */
earwig_status channel_job_get_result(earwig_channel *call, enum job job, void *result);

/* The library's own error text, written to `text`, or what `status` means. */
const char *channel_error(earwig_channel *call, earwig_status status, char *text, size_t size);

int channel_is_recording(earwig_channel *call);

/* pause, resume, mask, unmask, clear; NULL for any other name. */
typedef earwig_status (*channel_action)(earwig_channel *call);
channel_action channel_action_by_name(const char *name);

/* Why no job runs in that phase; NULL if jobs run. */
const char *call_phase_error(enum call_phase phase);

/* ---- results ---- */

/* The job that an ending event is about. */
enum job job_of_event(const earwig_event *event);

/* Completes the event of an ending with the library's result, unless a later job has replaced that. */
void job_result_from_event(union job_result *result, earwig_channel *call, const earwig_event *event);

void job_result_foreach_field(enum job job, const union job_result *result, earwig_field_set names, earwig_field_fn function,
	void *user);

/* The digits that are left in the buffer after the hang-up, with HANGUP. They leave it. */
void dtmf_result_after_hangup(earwig_dtmf_result *result, earwig_channel *call, const earwig_dtmf_options *options);

/* No recording, because the call is in that phase: ERROR, HANGUP, or NONE for a call that is up. */
void recorder_result_set_none(earwig_recorder_result *result, enum call_phase phase);

/* A recording that still runs, with the cause of the application that reports it. */
void recorder_result_set_running(earwig_recorder_result *result, earwig_recorder_cause cause);

/* A detection that did not start, or has only just started. */
void machine_result_set(earwig_machine_result *detected, earwig_machine_verdict verdict, const char *cause);

/* Never empty: "NONE" without a cause. */
const char *machine_result_cause(const earwig_machine_result *detected);

#endif
