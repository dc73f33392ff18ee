/*
 * What a detection has found, in the channel's variables.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

void machine_result_init(earwig_machine_outcome *outcome, earwig_machine_result result, const char *cause)
{
	earwig_machine_outcome_init(outcome);
	outcome->result = result;
	ast_copy_string(outcome->cause_text, cause, sizeof(outcome->cause_text));
}

const char *machine_result_cause(const earwig_machine_outcome *outcome)
{
	return S_OR(outcome->cause_text, "NONE");
}

void machine_set_variables(struct ast_channel *chan, const earwig_machine_outcome *outcome)
{
	earwig_machine_outcome_each(outcome, EARWIG_NAMES_VARIABLES, set_variable, chan);
}
