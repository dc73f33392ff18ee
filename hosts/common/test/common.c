/*
 * Tests of hosts/common, which need the library but no PBX.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/args.h"
#include "common/call_events.h"
#include "common/call_ids.h"
#include "common/job.h"
#include "common/job_list.h"
#include "common/squelch_line.h"
#include "common/text.h"

#include "check.h"

int failures;

static earwig_engine *engine;

static void times_are_seconds_or_none(void)
{
	const struct {
		const char *text;
		int64_t ms;
	} times[] = {
		{ "0", 0 }, { "0.3", 300 }, { "120", 120000 }, { "2 ", 2000 }, { "None", -1 }, { "null", -1 }, { "forever", -1 },
		{ "", -2 }, { "soon", -2 }, { "3x", -2 }, { "-1", -2 }, { "nan", -2 }, { "1e10", -2 },
	};
	size_t i;

	for (i = 0; i < COUNT(times); i++) {
		CHECK(seconds_to_ms(times[i].text) == times[i].ms);
	}
}

static void fields_become_headers(void)
{
	char header[16];

	field_to_header(header, sizeof(header), "detect_ms", "");
	CHECK(!strcmp(header, "DetectMs"));
	field_to_header(header, sizeof(header), "detect_ms", "-");
	CHECK(!strcmp(header, "Detect-Ms"));
	field_to_header(header, 5, "detect_ms", "");
	CHECK(!strcmp(header, "Dete"));
	CHECK(is_application_variable("earwig_cause") && is_application_variable("earwig_error"));
	CHECK(!is_application_variable("detect_cause"));
}

static void count_fields(void *user, const char *name, const char *value)
{
	CHECK(*name && *value);
	++*(int *) user;
}

static void counters_are_all_given(void)
{
	int count = 0;

	engine_counters_foreach(engine, count_fields, &count);
	CHECK(count == 10);
}

static void names_are_found_in_any_case(void)
{
	CHECK(job_by_name("get_digits") == JOB_DTMF && job_by_name("Record") == JOB_RECORDER);
	CHECK(job_by_name("detect_machine") == JOB_MACHINE && job_by_name("listen") == -1 && job_by_name("") == -1);
	CHECK(channel_action_by_name("pause") == earwig_recorder_pause && channel_action_by_name("CLEAR") == earwig_dtmf_clear);
	CHECK(!channel_action_by_name("stop"));
}

static void variables_hold_keys_that_options_lack(void)
{
	static const char cipher[] = "00112233445566778899aabbccddeeff:0102030405060708090a0b0c0d0e0f10";
	earwig_recorder_options recorder;
	earwig_machine_options machine;
	char error[256] = "", secret[4096];

	earwig_recorder_options_init(&recorder);
	CHECK(!recorder_options_set_cipher(&recorder, NULL, "CIPHER", error, sizeof(error)) && !recorder.key_bytes);
	CHECK(recorder_options_set_cipher(&recorder, "0011", "CIPHER", error, sizeof(error)));
	CHECK(strstr(error, "CIPHER") && !strstr(error, "0011"));
	CHECK(!recorder_options_set_cipher(&recorder, cipher, "CIPHER", error, sizeof(error)) && recorder.key_bytes == 16);
	CHECK(!recorder_options_set_cipher(&recorder, "0011", "CIPHER", error, sizeof(error)) && recorder.key_bytes == 16);

	earwig_machine_options_init(&machine);
	memset(secret, 'x', sizeof(secret) - 1);
	secret[sizeof(secret) - 1] = '\0';
	CHECK(machine_options_set_secret(&machine, secret, "SECRET", error, sizeof(error)) && strstr(error, "SECRET is longer"));
	CHECK(!machine_options_set_secret(&machine, "first", "SECRET", error, sizeof(error)));
	CHECK(!machine_options_set_secret(&machine, "second", "SECRET", error, sizeof(error)));
	CHECK(!strcmp(machine.status_secret, "first"));
}

static void jobs_end_in_the_order_of_their_start(void)
{
	struct job_list list = { { NULL }, { 0 }, 0 };
	struct job_run first = { 0 }, second = { 0 }, refused = { 0 };
	union job_result result;
	earwig_channel *call = NULL;
	earwig_event event;

	CHECK(!earwig_channel_create(engine, NULL, &call));
	CHECK(!job_run_init(&first, JOB_DTMF, call, "D", 0) && !job_run_init(&second, JOB_DTMF, call, NULL, 1)
		&& !job_run_init(&refused, JOB_DTMF, call, NULL, 1));
	job_list_add(&list, &first);
	job_list_add(&list, &second);
	job_list_add(&list, &refused);
	job_list_cancel(&list, &refused);
	CHECK(list.started[JOB_DTMF] == 2 && list.unfinished == 2 && !list.started[JOB_MACHINE]);
	CHECK(!job_list_is_latest(&list, &first) && job_list_is_latest(&list, &second));

	earwig_event_init(&event);
	event.type = EARWIG_EVENT_TYPE_DTMF_ENDED;
	event.cause = EARWIG_DTMF_CAUSE_COUNT;
	strcpy(event.digits, "42");
	job_result_from_event(&result, call, &event);
	CHECK(result.dtmf.count == 2 && result.dtmf.cause == EARWIG_DTMF_CAUSE_COUNT);
	CHECK(job_list_end(&list, call, &event, &result) == &first && first.ended && !strcmp(first.result.dtmf.digits, "42"));
	CHECK(job_list_end(&list, call, &event, &result) == &second);
	CHECK(!job_list_end(&list, call, &event, &result));
	job_run_clear(&first);
	job_run_clear(&second);
	job_run_clear(&refused);
	earwig_channel_unref(call);
}

static void options_are_told_from_a_first_argument(void)
{
	static const char *const options[] = { "count=5", " count = 5", "{\"count\":5}", "filename=/a/b.wav", "x1_=" };
	static const char *const others[] = { "", "D", "5", "D,count=5", "/a=b.wav", "./a=b.wav", "a b=c", "1x=2", "=5" };
	size_t i;

	for (i = 0; i < COUNT(options); i++) {
		CHECK(args_begin_with_option(options[i]));
	}
	for (i = 0; i < COUNT(others); i++) {
		CHECK(!args_begin_with_option(others[i]));
	}
}

static void an_argument_stands_first_or_is_named_anywhere(void)
{
	static const struct {
		const char *first, *options, *value, *rest;	/* no value: an error */
	} cases[] = {
		{ "a.wav", "rate=8000", "a.wav", "rate=8000" },
		{ "", "", "", "" },
		{ "", "rate=8000", "", "rate=8000" },
		{ "", "file=a.wav", "a.wav", "" },
		{ "", "file=a.wav,rate=8000", "a.wav", "rate=8000" },
		{ "", "rate=8000, File = a b.wav ,append=true", "a b.wav", "rate=8000,append=true" },
		{ "", "rate=8000,file=\"a, b.wav\"", "a, b.wav", "rate=8000" },
		{ "", "end=\"1,file=2\",file=c", "c", "end=\"1,file=2\"" },
		{ "", "file=a=b.wav", "a=b.wav", "" },
		{ "", "file=", "", "" },
		{ "", "file=a,file=b", "a", "file=b" },	/* the library refuses the second */
		{ "", "filename=a", "", "filename=a" },
		{ "", "{\"file\": \"a\", file=b}", "", "{\"file\": \"a\", file=b}" },
		{ "a.wav", "file=b.wav", NULL, NULL },
		{ "0123456789abcdef", "", NULL, NULL },
		{ "", "file=0123456789abcdef", NULL, NULL },
	};
	char options[64], value[16], error[64];
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		*error = '\0';
		strcpy(options, cases[i].options);
		if (cases[i].value) {
			CHECK(!args_choose(cases[i].first, options, "file", value, sizeof(value), error, sizeof(error)));
			CHECK(!strcmp(value, cases[i].value) && !strcmp(options, cases[i].rest));
		} else {
			CHECK(args_choose(cases[i].first, options, "file", value, sizeof(value), error, sizeof(error)) == -1);
			CHECK(!strncmp(error, "file: it is ", 12));
		}
	}
}

static void a_wait_has_seconds_with_or_without_their_name(void)
{
	char error[128] = "";

	CHECK(args_wait_ms("", 7, error, sizeof(error)) == 7 && args_wait_ms("0.5", 7, error, sizeof(error)) == 500);
	CHECK(args_wait_ms("seconds_timeout=2", 7, error, sizeof(error)) == 2000);
	CHECK(args_wait_ms("seconds_timeout = None", 7, error, sizeof(error)) == -1 && !*error);
	CHECK(args_wait_ms("timeout=2", 7, error, sizeof(error)) == -2 && strstr(error, "seconds"));
}

static void after_the_hang_up_the_digits_are_still_there_once(void)
{
	earwig_dtmf_options options;
	earwig_dtmf_result result;
	earwig_channel *call = NULL;
	const char *digit;

	earwig_dtmf_options_init(&options);
	CHECK(!earwig_channel_create(engine, NULL, &call) && !earwig_channel_answer(call));
	for (digit = "47"; *digit; digit++) {
		CHECK(!earwig_dtmf_inject(call, *digit, 100));
	}
	CHECK(!earwig_channel_hangup(call));
	dtmf_result_after_hangup(&result, call, &options);
	CHECK(result.cause == EARWIG_DTMF_CAUSE_HANGUP && result.count == 2 && !strcmp(result.digits, "47"));
	dtmf_result_after_hangup(&result, call, &options);
	CHECK(result.cause == EARWIG_DTMF_CAUSE_HANGUP && !result.count && !*result.digits);
	earwig_channel_unref(call);
}

static void without_a_recording_the_phase_gives_the_cause(void)
{
	earwig_recorder_result result;

	recorder_result_set_none(&result, CALL_UP);
	CHECK(result.cause == EARWIG_RECORDER_CAUSE_NONE && !*result.error && !call_phase_error(CALL_UP));
	recorder_result_set_none(&result, CALL_OVER);
	CHECK(result.cause == EARWIG_RECORDER_CAUSE_HANGUP && !*result.error);
	recorder_result_set_none(&result, CALL_RINGS);
	CHECK(result.cause == EARWIG_RECORDER_CAUSE_ERROR && !strcmp(result.error, call_phase_error(CALL_RINGS)));
}

/* The host's part of call_events.h: writes down what arrives. */
struct call_context {
	const earwig_event *event;
	char said[8];
};

static void say(struct call_context *context, const earwig_event *event, const char *said)
{
	CHECK(event == context->event);
	strcat(context->said, said);
}

void job_ended(struct call_context *context, earwig_channel *call, const earwig_event *event)
{
	CHECK(!call);
	say(context, event, "j");
}

void squelch_digit(struct call_context *context, const earwig_event *event)
{
	say(context, event, "s");
}

void event_progress(struct call_context *context, const earwig_event *event)
{
	say(context, event, "p");
}

static void events_reach_the_part_of_the_host_that_handles_them(void)
{
	static const struct {
		int32_t type;
		const char *said;
	} cases[] = {
		{ EARWIG_EVENT_TYPE_DTMF_ENDED, "j" }, { EARWIG_EVENT_TYPE_RECORDER_ENDED, "j" }, { EARWIG_EVENT_TYPE_MACHINE_ENDED, "j" },
		{ EARWIG_EVENT_TYPE_DIGIT, "sp" }, { EARWIG_EVENT_TYPE_DIGIT_END, "s" }, { EARWIG_EVENT_TYPE_MACHINE, "p" },
		{ EARWIG_EVENT_TYPE_MACHINE_PROVISIONAL, "p" }, { EARWIG_EVENT_TYPE_MACHINE_BEEP, "p" }, { -1, "" },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		earwig_event event;
		struct call_context context = { &event, "" };

		earwig_event_init(&event);
		event.type = cases[i].type;
		call_events_dispatch(&context, NULL, &event);
		CHECK(!strcmp(context.said, cases[i].said));
	}
}

static void ids_of_a_call_are_accepted(void)
{
	const struct call_ids ids = { .call_id = "1", .node_id = "pbx" };
	earwig_channel *call = NULL;
	char error[256] = "";

	CHECK(!earwig_channel_create(engine, NULL, &call));
	CHECK(!call_ids_apply(call, &ids, error, sizeof(error)));
	earwig_channel_unref(call);
}

/* Writes `ms` of a value at 8 kHz. Returns how many samples came out with another value than 0. */
static int write_line(struct squelch_line *line, int16_t value, int ms)
{
	int16_t samples[160];
	int audible = 0, at;
	size_t i;

	for (at = 0; at < ms; at += 20) {
		for (i = 0; i < COUNT(samples); i++) {
			samples[i] = value;
		}
		CHECK(!squelch_line_process(line, samples, COUNT(samples), 8000));
		for (i = 0; i < COUNT(samples); i++) {
			audible += samples[i] != 0;
		}
	}
	return audible;
}

static void the_squelch_line_delays_by_80_ms_and_mutes_digits(void)
{
	static struct squelch_line line;
	int16_t sample = 7;
	earwig_event event;

	squelch_line_reset(&line, 0);
	CHECK(write_line(&line, 1000, 80) == 0);
	CHECK(write_line(&line, 1000, 200) == 200 * 8);

	/* A digit that began 40 ms ago has not left the line yet. */
	earwig_event_init(&event);
	event.type = EARWIG_EVENT_TYPE_DIGIT;
	event.start_ms = 240;
	event.at_ms = 280;
	squelch_line_on_digit(&line, &event);
	CHECK(write_line(&line, 1000, 20) > 0);
	CHECK(write_line(&line, 1000, 200) == 0);
	event.type = EARWIG_EVENT_TYPE_DIGIT_END;
	event.end_ms = 480;
	event.at_ms = 500;
	squelch_line_on_digit(&line, &event);
	write_line(&line, 1000, 100);
	CHECK(write_line(&line, 1000, 100) == 100 * 8);

	CHECK(squelch_line_process(&line, &sample, 1, 96000) == -1 && sample == 7);
	CHECK(!squelch_line_process(&line, &sample, 1, 16000) && sample == 0 && line.written == 1);
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "times are seconds or none", times_are_seconds_or_none },
	{ "fields become headers", fields_become_headers },
	{ "counters are all given", counters_are_all_given },
	{ "names are found in any case", names_are_found_in_any_case },
	{ "settings are named with the host's separator", settings_are_named_with_the_hosts_separator },
	{ "a setting has the mode of recordings", a_setting_has_the_mode_of_recordings },
	{ "the library checks the settings", the_library_checks_the_settings },
	{ "options of the settings come first", options_of_the_settings_come_first },
	{ "variables hold keys that options lack", variables_hold_keys_that_options_lack },
	{ "jobs end in the order of their start", jobs_end_in_the_order_of_their_start },
	{ "options are told from a first argument", options_are_told_from_a_first_argument },
	{ "an argument stands first or is named anywhere", an_argument_stands_first_or_is_named_anywhere },
	{ "a wait has seconds with or without their name", a_wait_has_seconds_with_or_without_their_name },
	{ "patterns of listen are globs of a channel's name", patterns_of_listen_are_globs_of_a_channels_name },
	{ "after the hang-up the digits are still there, once", after_the_hang_up_the_digits_are_still_there_once },
	{ "without a recording the phase gives the cause", without_a_recording_the_phase_gives_the_cause },
	{ "events reach the part of the host that handles them", events_reach_the_part_of_the_host_that_handles_them },
	{ "ids of a call are accepted", ids_of_a_call_are_accepted },
	{ "the squelch line delays by 80 ms and mutes digits", the_squelch_line_delays_by_80_ms_and_mutes_digits },
};

int main(void)
{
	earwig_engine_options options;
	int failed = 0;
	size_t i;

	earwig_engine_options_init(&options);
	if (earwig_engine_create(&options, &engine)) {
		return 2;
	}
	for (i = 0; i < COUNT(tests); i++) {
		failures = 0;
		tests[i].run();
		printf("%s  %s\n", failures ? "FAIL" : "ok  ", tests[i].name);
		failed += failures > 0;
	}
	earwig_engine_unref(engine);
	printf("%d passed, %d failed\n", (int) COUNT(tests) - failed, failed);
	return failed ? 1 : 0;
}
