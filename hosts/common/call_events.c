/*
 * The library's events of a call, on their way to the host.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "common/call_events.h"

void call_events_dispatch(void *context, earwig_channel *call, const earwig_event *event)
{
	switch (event->type) {
	case EARWIG_EVENT_TYPE_DTMF_ENDED:
	case EARWIG_EVENT_TYPE_RECORDER_ENDED:
	case EARWIG_EVENT_TYPE_MACHINE_ENDED:
		job_ended(context, call, event);
		break;
	case EARWIG_EVENT_TYPE_DIGIT:
		squelch_digit(context, event);
		event_progress(context, event);
		break;
	case EARWIG_EVENT_TYPE_DIGIT_END:
		squelch_digit(context, event);
		break;
	case EARWIG_EVENT_TYPE_MACHINE:
	case EARWIG_EVENT_TYPE_MACHINE_PROVISIONAL:
	case EARWIG_EVENT_TYPE_MACHINE_BEEP:
		event_progress(context, event);
		break;
	default:
		break;
	}
}
