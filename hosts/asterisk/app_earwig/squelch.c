/*
 * Digits that others must not hear: the far side of a bridge, or an application.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 *
 * Tones in the audio go through a delay line. Signalled digits do not go on at all: a framehook drops them.
 */

#include "app_earwig.h"

#include "asterisk/astobj2.h"
#include "asterisk/framehook.h"
#include "asterisk/module.h"

/* An ao2 object. */
struct squelch {
	int on;
	int hooked;	/* the framehook is attached, and stays */
	struct squelch_line line;
};

struct squelch *squelch_alloc(void)
{
	return ao2_alloc(sizeof(struct squelch), NULL);
}

static int is_on(struct squelch *squelch)
{
	int on;

	ao2_lock(squelch);
	on = squelch->on;
	ao2_unlock(squelch);
	return on;
}

/* Drops signalled digits and passes them to the library. The channel is locked. */
static struct ast_frame *on_frame(struct ast_channel *chan, struct ast_frame *frame, enum ast_framehook_event event, void *data)
{
	struct channel_state *state;

	if (event != AST_FRAMEHOOK_EVENT_READ || !frame
			|| (frame->frametype != AST_FRAME_DTMF_BEGIN && frame->frametype != AST_FRAME_DTMF_END)) {
		return frame;
	}
	state = channel_state_find(chan);
	if (!state || !is_on(data)) {
		return frame;
	}
	if (frame->frametype == AST_FRAME_DTMF_END) {
		media_signalled_digit(state, frame);
	}
	ast_frfree(frame);
	return &ast_null_frame;
}

static int consumes(void *data, enum ast_frame_type type)
{
	return type == AST_FRAME_DTMF_BEGIN || type == AST_FRAME_DTMF_END;
}

static void on_framehook_destroyed(void *data)
{
	ao2_ref(data, -1);
	ast_module_unref(AST_MODULE_SELF);
}

static void attach_framehook(struct squelch *squelch, struct ast_channel *chan)
{
	struct ast_framehook_interface hook = {
		.version = AST_FRAMEHOOK_INTERFACE_VERSION,
		.event_cb = on_frame,
		.consume_cb = consumes,
		.destroy_cb = on_framehook_destroyed,
		.data = ao2_bump(squelch),
	};

	ast_module_ref(AST_MODULE_SELF);
	squelch->hooked = ast_framehook_attach(chan, &hook) >= 0;
	if (!squelch->hooked) {
		ast_log(LOG_WARNING, "%s: the framehook cannot be attached: signalled digits are not squelched\n",
			ast_channel_name(chan));
		on_framehook_destroyed(squelch);
	}
}

void squelch_set(struct squelch *squelch, struct ast_channel *chan, int on)
{
	if (on && !squelch->hooked) {
		attach_framehook(squelch, chan);
	}
	ao2_lock(squelch);
	if (on && !squelch->on) {
		squelch_line_reset(&squelch->line, 0);
	}
	squelch->on = on;
	ao2_unlock(squelch);
}

void squelch_on_digit(struct squelch *squelch, const earwig_event *event)
{
	ao2_lock(squelch);
	squelch_line_on_digit(&squelch->line, event);
	ao2_unlock(squelch);
}

int squelch_frame(struct squelch *squelch, struct ast_frame *frame)
{
	int unchanged = -1;

	ao2_lock(squelch);
	if (squelch->on) {
		unchanged = squelch_line_process(&squelch->line, frame->data.ptr, frame->samples,
			ast_format_get_sample_rate(frame->subclass.format));
	}
	ao2_unlock(squelch);
	return unchanged;
}
