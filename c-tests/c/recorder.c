/* The recorder: options, names and states. */
#include "recorder.h"

/* ---- options and names ---- */

TEST(the_recorders_defaults_are_those_of_the_documentation)
{
    earwig_recorder_options options;
    int i;

    memset(&options, 0xAA, sizeof options);
    OK(earwig_recorder_options_init(&options));
    CHECK_INT(options.struct_size, sizeof options);
    CHECK_INT(options.file_format, EARWIG_RECORDER_FORMAT_ALAW);
    CHECK_INT(options.rate_hz, 8000);
    CHECK_INT(options.timeout_ms, EARWIG_DEFAULT);
    CHECK_INT(options.max_bytes, 1920000);
    CHECK_INT(options.max_silence_ms, 10000);
    CHECK_INT(options.initial_silence_ms, 0);
    CHECK_INT(options.barge_in, 0);
    CHECK_INT(options.source, EARWIG_RECORDER_SOURCE_RX);
    CHECK(options.silence_dbm0 == 0);
    CHECK_INT(options.squelch_dtmf, 0);
    CHECK_INT(options.overwrite, 0);
    CHECK_INT(options.append, 0);
    CHECK_INT(options.key_bytes, 0);
    CHECK_INT(options.iv_bytes, 0);
    for (i = 0; i < 32; i++)
        CHECK_INT(options.key[i], 0);
    for (i = 0; i < 16; i++)
        CHECK_INT(options.iv[i], 0);
    CHECK_INT(options.file_mode, 0640);
    CHECK_INT(options.cipher_mac, 0);
}

TEST(the_recorders_names_are_those_of_the_contract)
{
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_NONE), "NONE");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_ERROR), "ERROR");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_BARGEIN), "BARGEIN");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_SILENCE), "SILENCE");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_SIZE), "SIZE");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_ABORTED), "ABORTED");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_HANGUP), "HANGUP");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_TIMEOUT), "TIMEOUT");
    CHECK_TEXT(earwig_recorder_cause_str(8), "UNKNOWN");
    CHECK_TEXT(earwig_recorder_cause_str(-1), "UNKNOWN");
    CHECK_TEXT(earwig_recorder_state_str(EARWIG_RECORDER_STATE_IDLE), "IDLE");
    CHECK_TEXT(earwig_recorder_state_str(EARWIG_RECORDER_STATE_RECORDING), "RECORDING");
    CHECK_TEXT(earwig_recorder_state_str(EARWIG_RECORDER_STATE_ERROR), "ERROR");
    CHECK_TEXT(earwig_recorder_state_str(3), "UNKNOWN");
    CHECK_TEXT(earwig_recorder_format_str(EARWIG_RECORDER_FORMAT_ALAW), "alaw");
    CHECK_TEXT(earwig_recorder_format_str(EARWIG_RECORDER_FORMAT_ULAW), "ulaw");
    CHECK_TEXT(earwig_recorder_format_str(EARWIG_RECORDER_FORMAT_OKI), "oki");
    CHECK_TEXT(earwig_recorder_format_str(EARWIG_RECORDER_FORMAT_IMA), "ima");
    CHECK_TEXT(earwig_recorder_format_str(EARWIG_RECORDER_FORMAT_S16BIT), "s16bit");
    CHECK_TEXT(earwig_recorder_format_str(EARWIG_RECORDER_FORMAT_U8BIT), "u8bit");
    CHECK(earwig_recorder_format_str(6) != NULL);
    CHECK_TEXT(earwig_recorder_source_str(EARWIG_RECORDER_SOURCE_RX), "rx");
    CHECK_TEXT(earwig_recorder_source_str(EARWIG_RECORDER_SOURCE_TX), "tx");
    CHECK_TEXT(earwig_recorder_source_str(EARWIG_RECORDER_SOURCE_MIXED), "mixed");
    CHECK_TEXT(earwig_recorder_source_str(EARWIG_RECORDER_SOURCE_BOTH), "both");
    CHECK(earwig_recorder_source_str(-1) != NULL);
}

/* ---- states ---- */

TEST(before_the_first_recording_there_is_no_cause_and_no_result)
{
    struct call call = call_answered();
    earwig_recorder_result result;

    OK(earwig_recorder_result_init(&result));
    CHECK_INT(state_of(call.channel), EARWIG_RECORDER_STATE_IDLE);
    CHECK_INT(cause_of(call.channel), EARWIG_RECORDER_CAUSE_NONE);
    CHECK_INT(audio_of(call.channel), -1);
    CHECK_INT(earwig_recorder_get_result(call.channel, &result), EARWIG_ERR_AGAIN);
    result.cause = EARWIG_RECORDER_CAUSE_ERROR;
    result.state = EARWIG_RECORDER_STATE_ERROR;
    result.audio_detected = 1;
    OK(earwig_recorder_wait(call.channel, EARWIG_FOREVER, &result));
    CHECK_INT(result.cause, EARWIG_RECORDER_CAUSE_NONE);
    CHECK_INT(result.state, EARWIG_RECORDER_STATE_IDLE);
    CHECK_INT(result.audio_detected, -1);
    CHECK_TEXT(result.error, "");
    OK(earwig_recorder_stop(call.channel, LONG_MS));
    call_close(&call);
}

TEST(while_it_records_the_state_is_recording_and_the_cause_none)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;

    start(fixture.channel, fixture.file, &options);
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
    CHECK_INT(cause_of(fixture.channel), EARWIG_RECORDER_CAUSE_NONE);
    write_voice(fixture.channel, 500);
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
    CHECK_INT(cause_of(fixture.channel), EARWIG_RECORDER_CAUSE_NONE);
    CHECK_INT(audio_of(fixture.channel), -1);
    OK(earwig_recorder_result_init(&result));
    CHECK_INT(earwig_recorder_get_result(fixture.channel, &result), EARWIG_ERR_AGAIN);
    CHECK(!exists(fixture.file));
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    CHECK(exists(fixture.file));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 500);
    fixture_close(&fixture);
}

TEST(a_second_start_is_busy_and_changes_nothing)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;

    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 200);
    OK(earwig_recorder_result_init(&result));
    CHECK_INT(earwig_recorder_start(fixture.channel, path_in(&fixture.folder, "b.wav"), &options), EARWIG_ERR_BUSY);
    CHECK_INT(earwig_recorder_record(fixture.channel, path_in(&fixture.folder, "b.wav"), &options, &result), EARWIG_ERR_BUSY);
    write_voice(fixture.channel, 200);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 400);
    fixture_close(&fixture);
}

TEST(an_idle_call_returns_hangup_and_a_ringing_call_state)
{
    struct fixture fixture = fixture_of(call_idle(NULL));
    earwig_recorder_options options = linear();
    earwig_recorder_result result;
    int answered;

    OK(earwig_recorder_result_init(&result));
    for (answered = 0; answered < 2; answered++) {
        CHECK_INT(earwig_recorder_start(fixture.channel, fixture.file, &options), EARWIG_ERR_HANGUP);
        CHECK_INT(earwig_recorder_record(fixture.channel, fixture.file, &options, &result), EARWIG_ERR_HANGUP);
        CHECK_INT(earwig_recorder_stop(fixture.channel, LONG_MS), EARWIG_ERR_HANGUP);
        CHECK_INT(earwig_recorder_wait(fixture.channel, LONG_MS, &result), EARWIG_ERR_HANGUP);
        OK(earwig_channel_ringing(fixture.channel));
        CHECK_INT(earwig_recorder_start(fixture.channel, fixture.file, &options), EARWIG_ERR_STATE);
        CHECK_INT(earwig_recorder_record(fixture.channel, fixture.file, &options, &result), EARWIG_ERR_STATE);
        CHECK_INT(earwig_recorder_stop(fixture.channel, LONG_MS), EARWIG_ERR_STATE);
        CHECK_INT(earwig_recorder_wait(fixture.channel, LONG_MS, &result), EARWIG_ERR_STATE);
        CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_IDLE);
        OK(earwig_channel_answer(fixture.channel));
        OK(earwig_channel_hangup(fixture.channel));
    }
    fixture_close_empty(&fixture);
}

TEST(with_early_media_a_call_that_rings_can_be_recorded)
{
    earwig_channel_options early = call_options();
    earwig_recorder_options options = linear();
    struct fixture fixture;

    early.early_media = 1;
    fixture = fixture_of(call_idle(&early));
    OK(earwig_channel_ringing(fixture.channel));
    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 200);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 200);
    fixture_close(&fixture);
}

TEST(pause_and_mask_need_a_recording)
{
    struct call call = call_answered();
    CHECK_INT(earwig_recorder_pause(call.channel), EARWIG_ERR_STATE);
    CHECK_INT(earwig_recorder_resume(call.channel), EARWIG_ERR_STATE);
    CHECK_INT(earwig_recorder_mask(call.channel), EARWIG_ERR_STATE);
    CHECK_INT(earwig_recorder_unmask(call.channel), EARWIG_ERR_STATE);
    call_close(&call);
}
