/*
 * Results as names and values: variables are called so, and headers of events are made of them.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

static void number(pair_fn fn, void *user, const char *name, int64_t value)
{
	char text[24];

	switch_snprintf(text, sizeof(text), "%lld", (long long) value);
	fn(user, name, text);
}

static void fraction(pair_fn fn, void *user, const char *name, double value)
{
	char text[24];

	switch_snprintf(text, sizeof(text), "%.2f", value);
	fn(user, name, text);
}

static const char *true_or_false(int32_t flag)
{
	return flag > 0 ? "true" : "false";
}

void pairs_of_digits(const earwig_dtmf_result *result, pair_fn fn, void *user)
{
	fn(user, "earwig_digits", result->digits);
	number(fn, user, "earwig_started_ms", result->started_ms);
	number(fn, user, "earwig_ended_ms", result->ended_ms);
	fn(user, "earwig_cause", earwig_dtmf_cause_str(result->cause));
}

void pairs_of_record(const earwig_recorder_result *result, pair_fn fn, void *user)
{
	fn(user, "earwig_recorder_state", earwig_recorder_state_str(result->state));
	fn(user, "earwig_audio_detected", result->audio_detected < 0 ? "" : result->audio_detected ? "yes" : "no");
	number(fn, user, "earwig_record_ms", result->duration_ms);
	number(fn, user, "earwig_record_bytes", result->bytes);
	fn(user, "earwig_error", result->error);
	fn(user, "earwig_cause", earwig_recorder_cause_str(result->cause));
}

/* The result is the last: who waits for it finds the others. */
void pairs_of_machine(const earwig_machine_outcome *outcome, pair_fn fn, void *user)
{
	const char *const cause = zstr(outcome->cause_text) ? "NONE" : outcome->cause_text;

	fn(user, "detect_cause", cause);
	fn(user, "earwig_cause", cause);
	fraction(fn, user, "earwig_confidence", outcome->confidence);
	number(fn, user, "earwig_onset_ms", outcome->onset_ms);
	number(fn, user, "detect_ms", outcome->detect_ms);
	fn(user, "detect_machine_beep", true_or_false(outcome->beep));
	fn(user, "detect_result", earwig_machine_result_str(outcome->result));
}

void pairs_of_event(const earwig_event *event, pair_fn fn, void *user)
{
	const char digit[] = { (char) event->digit, '\0' };

	number(fn, user, "earwig_at_ms", event->at_ms);
	switch (event->type) {
	case EARWIG_EVENT_TYPE_DIGIT:
		fn(user, "earwig_digit", digit);
		fn(user, "earwig_source", event->source == EARWIG_DIGIT_SOURCE_INBAND ? "inband" : "signalling");
		number(fn, user, "earwig_start_ms", event->start_ms);
		fn(user, "earwig_stored", true_or_false(event->stored));
		break;
	case EARWIG_EVENT_TYPE_MACHINE_PROVISIONAL:
		fn(user, "earwig_event", "PROVISIONAL");
		fn(user, "detect_result", earwig_machine_result_str(event->machine_result));
		fraction(fn, user, "earwig_confidence", event->confidence);
		break;
	default:
		fn(user, "earwig_event", earwig_machine_event_str(event->machine_event));
		fn(user, "detect_machine_beep", true_or_false(event->beep));
		fraction(fn, user, "earwig_confidence", event->confidence);
	}
}

void pair_set(void *user, const char *name, const char *value)
{
	switch_channel_set_variable_var_check(user, name, value, SWITCH_FALSE);
}

void pair_set_behind(void *user, const char *name, const char *value)
{
	if (strcmp(name, "earwig_cause") && strcmp(name, "earwig_error")) {
		pair_set(user, name, value);
	}
}

void set_number(switch_channel_t *channel, const char *name, int64_t value)
{
	number(pair_set, channel, name, value);
}
