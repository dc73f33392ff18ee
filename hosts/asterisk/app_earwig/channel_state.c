/*
 * The state of a channel, in its datastore: created by the first application, freed with the channel.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/datastore.h"
#include "asterisk/format_cache.h"
#include "asterisk/module.h"

/* Frees a state, whether or not its audiohook was ever attached. */
static void channel_state_discard(struct channel_state *state)
{
	earwig_channel_unref(state->call);
	ao2_cleanup(state->context);
	ao2_cleanup(state->format);
	ast_free(state);
}

static void channel_state_free(void *data)
{
	struct channel_state *state = data;

	media_free(state);
	/* Running jobs hold references of their own, and so still get their results. */
	earwig_channel_hangup(state->call);
	channel_state_discard(state);
	ast_module_unref(AST_MODULE_SELF);
}

/* Removes the channel's state; its jobs end with the hang-up. The channel is locked. */
static void channel_state_remove(struct ast_channel *chan, struct ast_datastore *store)
{
	media_detach(store->data, chan);
	ast_channel_datastore_remove(chan, store);
	ast_datastore_free(store);
}

static const struct ast_datastore_info channel_state_info;

/*
 * A masquerade moves the datastore; the audiohook must follow. The state that the other channel had goes: its far party leaves with
 * the masquerade. Both channels are locked.
 */
static void channel_state_moved(void *data, struct ast_channel *from, struct ast_channel *to)
{
	struct ast_datastore *other = ast_channel_datastore_find(to, &channel_state_info, NULL);
	struct channel_state *state = data;

	if (other) {
		channel_state_remove(to, other);
	}
	media_move(from, to);
	/* The new channel has the call's identity already, but not yet the caller's number: the older snapshot is the better one. */
	if (!call_context_has_snapshot_of(state->context, to)) {
		call_context_snapshot(state->context, to);
	}
}

static const struct ast_datastore_info channel_state_info = {
	.type = "earwig",
	.destroy = channel_state_free,
	.chan_fixup = channel_state_moved,
};

static struct ast_format *format_for(struct ast_channel *chan)
{
	switch (ast_format_get_sample_rate(ast_channel_rawreadformat(chan))) {
	case 8000:
		return ao2_bump(ast_format_slin);
	case 32000:
		return ao2_bump(ast_format_slin32);
	case 44100:
	case 48000:
	case 96000:
	case 192000:
		return ao2_bump(ast_format_slin48);
	default:
		return ao2_bump(ast_format_slin16);
	}
}

/* The channel is locked. NULL after an error, which is logged. */
static struct channel_state *channel_state_create(struct ast_channel *chan)
{
	RAII_VAR(struct settings *, settings, config_get(), ao2_cleanup);
	struct channel_state *state = ast_calloc(1, sizeof(*state));
	earwig_channel_options options;
	earwig_status status = EARWIG_ERR_SYSTEM;

	if (!state) {
		return NULL;
	}
	state->format = format_for(chan);
	state->context = call_context_create();
	if (state->context) {
		earwig_channel_options_init(&options);
		options.name = ast_channel_name(chan);
		options.rx_rate_hz = options.tx_rate_hz = ast_format_get_sample_rate(state->format);
		options.early_media = 1;	/* app_session.c decides, channel by channel */
		status = earwig_channel_create(module_engine, &options, &state->call);
	}
	if (!status && settings) {
		status = earwig_dtmf_set_limits(state->call, &settings->limits);
	}
	if (!status) {
		status = call_context_subscribe(state->context, state->call);
	}
	if (status) {
		ast_log(LOG_ERROR, "%s: %s\n", ast_channel_name(chan), earwig_status_str(status));
		channel_state_discard(state);
		return NULL;
	}
	media_init(state);
	return state;
}

struct channel_state *channel_state_find(struct ast_channel *chan)
{
	struct ast_datastore *store = ast_channel_datastore_find(chan, &channel_state_info, NULL);

	return store ? store->data : NULL;
}

void channel_state_answer(struct channel_state *state)
{
	if (!state->answered) {
		state->answered = 1;
		earwig_channel_answer(state->call);
	}
}

static int is_squelch_default(void)
{
	RAII_VAR(struct settings *, settings, config_get(), ao2_cleanup);

	return settings && settings->squelch_dtmf;
}

struct channel_state *channel_state_attach(struct ast_channel *chan)
{
	SCOPED_CHANNELLOCK(lock, chan);
	struct ast_datastore *store = ast_channel_datastore_find(chan, &channel_state_info, NULL);
	struct channel_state *state;

	if (store) {
		state = store->data;
		if (media_is_attached(state)) {
			return state;
		}
		ast_log(LOG_WARNING, "%s: the audiohook was detached; it is attached again, and running jobs end\n",
			ast_channel_name(chan));
		channel_state_remove(chan, store);
	}
	if (ast_test_flag(ast_channel_flags(chan), AST_FLAG_ZOMBIE)) {
		/* It has hung up while a command was on its way, and would never detach its hooks. */
		return NULL;
	}
	if (!(store = ast_datastore_alloc(&channel_state_info, NULL))) {
		return NULL;
	}
	if (!(state = channel_state_create(chan))) {
		ast_datastore_free(store);
		return NULL;
	}
	/* From here on the datastore owns the state. */
	ast_module_ref(AST_MODULE_SELF);
	store->data = state;
	if (ast_channel_state(chan) == AST_STATE_UP) {
		channel_state_answer(state);
	} else {
		earwig_channel_ringing(state->call);
	}
	if (ast_audiohook_attach(chan, &state->hook)) {
		ast_log(LOG_ERROR, "%s: the audiohook cannot be attached\n", ast_channel_name(chan));
		ast_datastore_free(store);
		return NULL;
	}
	ast_channel_datastore_add(chan, store);
	if (is_squelch_default()) {
		squelch_set(state->context->squelch, chan, 1);
	}
	return state;
}

/* 1 or 0; -1 if the option is not given, -2 if it is invalid. */
static int parse_squelch(const char *options)
{
	static const char key[] = "squelch_dtmf=";

	options = ast_skip_blanks(options);
	if (!*options) {
		return -1;
	}
	if (strncasecmp(options, key, sizeof(key) - 1)) {
		return -2;
	}
	options += sizeof(key) - 1;
	return ast_true(options) ? 1 : ast_false(options) ? 0 : -2;
}

int channel_state_listen(struct ast_channel *chan, const char *options, char *error, size_t size)
{
	const int squelch = parse_squelch(options);
	struct channel_state *state;

	if (squelch == -2) {
		snprintf(error, size, "the only option is squelch_dtmf=true or false");
		return -1;
	}
	if (app_session_phase(chan) == CALL_OVER) {
		snprintf(error, size, "%s", call_phase_error(CALL_OVER));
		return -1;
	}
	ast_channel_lock(chan);
	state = channel_state_attach(chan);
	if (state) {
		call_context_snapshot(state->context, chan);
	}
	if (state && squelch >= 0) {
		squelch_set(state->context->squelch, chan, squelch);
	}
	ast_channel_unlock(chan);
	if (!state) {
		snprintf(error, size, "the audio of the channel cannot be tapped");
	}
	return state ? 0 : -1;
}
