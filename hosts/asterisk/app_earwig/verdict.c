/*
 * What a detection has found, in the channel's variables.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/pbx.h"

void verdict_init(earwig_machine_outcome *outcome, earwig_machine_result result, const char *cause)
{
	earwig_machine_outcome_init(outcome);
	outcome->result = result;
	ast_copy_string(outcome->cause_text, cause, sizeof(outcome->cause_text));
}

const char *verdict_cause(const earwig_machine_outcome *outcome)
{
	return S_OR(outcome->cause_text, "NONE");
}

void verdict_set(struct ast_channel *chan, const earwig_machine_outcome *outcome)
{
	const char *const result = earwig_machine_result_str(outcome->result);
	const char *const beep = true_or_false(outcome->beep);
	char confidence[16];

	snprintf(confidence, sizeof(confidence), "%.2f", outcome->confidence);
	pbx_builtin_setvar_helper(chan, "DETECT_CAUSE", verdict_cause(outcome));
	pbx_builtin_setvar_helper(chan, "EARWIG_CONFIDENCE", confidence);
	set_number(chan, "EARWIG_ONSET_MS", outcome->onset_ms);
	/* Also as the seed spells them. The result is the last: who waits for it finds the others. */
	set_number(chan, "DETECT_MS", outcome->detect_ms);
	set_number(chan, "detect_ms", outcome->detect_ms);
	pbx_builtin_setvar_helper(chan, "DETECT_MACHINE_BEEP", beep);
	pbx_builtin_setvar_helper(chan, "detect_machine_beep", beep);
	pbx_builtin_setvar_helper(chan, "detect_result", result);
	pbx_builtin_setvar_helper(chan, "DETECT_RESULT", result);
}
