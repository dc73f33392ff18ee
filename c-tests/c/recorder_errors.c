/* Calls that the recorder refuses: their statuses, and that they change nothing and leave no file. */
#include "recorder.h"
#include <math.h>

TEST(null_is_refused_by_every_recorder_call)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;
    const char *file = path_in(&folder, "a.wav");
    int32_t value = 77;
    char text[64];

    OK(earwig_recorder_result_init(&result));
    CHECK_INT(earwig_recorder_options_init(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_result_init(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_options_parse(NULL, &options, text, sizeof text), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_options_parse("rate=8000", NULL, text, sizeof text), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_record(NULL, file, &options, &result), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_record(call.channel, NULL, &options, &result), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_record(call.channel, file, &options, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_start(NULL, file, &options), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_start(call.channel, NULL, &options), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_stop(NULL, 0), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_wait(NULL, 0, &result), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_wait(call.channel, 0, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_get_result(NULL, &result), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_get_result(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_get_state(NULL, &value), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_get_state(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_get_cause(NULL, &value), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_get_cause(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_get_audio_detected(NULL, &value), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_get_audio_detected(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_pause(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_resume(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_mask(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_recorder_unmask(NULL), EARWIG_ERR_NULL);
    CHECK_INT(value, 77);
    CHECK_INT(state_of(call.channel), EARWIG_RECORDER_STATE_IDLE);
    /* NULL options are the defaults. */
    start(call.channel, file, NULL);
    write_voice(call.channel, 100);
    OK(earwig_recorder_stop(call.channel, LONG_MS));
    check_ended(call.channel, EARWIG_RECORDER_CAUSE_ABORTED, 100);
    call_close(&call);
    folder_close(&folder, "a.wav");
}

/* Checks that invalid options start no recording and create or change no file. */
static void refused(void (*make_invalid)(earwig_recorder_options *), earwig_status status)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;
    char text[256] = "";

    OK(earwig_recorder_result_init(&result));
    file_write(path_in(&folder, "b.wav"), "precious", 8);
    make_invalid(&options);
    CHECK_INT(earwig_recorder_start(call.channel, path_in(&folder, "a.wav"), &options), status);
    OK(earwig_channel_get_error(call.channel, text, sizeof text));
    CHECK(text[0] != '\0');
    CHECK_INT(earwig_recorder_record(call.channel, path_in(&folder, "a.wav"), &options, &result), status);
    if (status == EARWIG_ERR_INVALID && !options.overwrite && !options.append) {
        options.overwrite = 1;
        CHECK_INT(earwig_recorder_start(call.channel, path_in(&folder, "b.wav"), &options), status);
    }
    CHECK(file_is(path_in(&folder, "b.wav"), "precious", 8));
    CHECK_INT(state_of(call.channel), EARWIG_RECORDER_STATE_IDLE);
    CHECK_INT(cause_of(call.channel), EARWIG_RECORDER_CAUSE_NONE);
    CHECK_INT(earwig_recorder_get_result(call.channel, &result), EARWIG_ERR_AGAIN);
    /* The same after a hang-up, whether the state or the options are checked first. */
    OK(earwig_channel_hangup(call.channel));
    CHECK(earwig_recorder_start(call.channel, path_in(&folder, "a.wav"), &options) < 0);
    call_close(&call);
    folder_close(&folder, "b.wav");
}

static void set_cipher(earwig_recorder_options *options, int key_bytes, int iv_bytes)
{
    options->key_bytes = key_bytes;
    options->iv_bytes = iv_bytes;
    memset(options->key, 7, sizeof options->key);
    memset(options->iv, 8, sizeof options->iv);
}

#define REFUSED(name, change, status) INVALID_OPTION(earwig_recorder_options, name, change, status)

REFUSED(a_file_format_of_99_is_refused, options->file_format = 99, EARWIG_ERR_INVALID)
REFUSED(a_file_format_of_6_is_refused, options->file_format = 6, EARWIG_ERR_INVALID)
REFUSED(a_file_format_of_minus_1_is_refused, options->file_format = -1, EARWIG_ERR_INVALID)
REFUSED(a_rate_of_44100_is_refused, options->rate_hz = 44100, EARWIG_ERR_INVALID)
REFUSED(a_rate_of_minus_8000_is_refused, options->rate_hz = -8000, EARWIG_ERR_INVALID)
REFUSED(a_rate_of_8001_is_refused, options->rate_hz = 8001, EARWIG_ERR_INVALID)
REFUSED(a_recording_of_a_timeout_below_the_default_is_refused, options->timeout_ms = -3, EARWIG_ERR_INVALID)
REFUSED(a_recording_of_the_lowest_timeout_is_refused, options->timeout_ms = INT64_MIN, EARWIG_ERR_INVALID)
REFUSED(negative_max_bytes_are_refused, options->max_bytes = -1, EARWIG_ERR_INVALID)
REFUSED(the_lowest_max_bytes_are_refused, options->max_bytes = INT64_MIN, EARWIG_ERR_INVALID)
REFUSED(a_negative_max_silence_is_refused, options->max_silence_ms = -5, EARWIG_ERR_INVALID)
REFUSED(a_negative_initial_silence_is_refused, options->initial_silence_ms = -5, EARWIG_ERR_INVALID)
REFUSED(barge_in_is_0_or_1, options->barge_in = 2, EARWIG_ERR_INVALID)
REFUSED(barge_in_is_not_minus_1, options->barge_in = -1, EARWIG_ERR_INVALID)
REFUSED(a_source_of_7_is_refused, options->source = 7, EARWIG_ERR_INVALID)
REFUSED(a_source_of_minus_1_is_refused, options->source = -1, EARWIG_ERR_INVALID)
REFUSED(a_threshold_of_minus_200_dbm0_is_refused, options->silence_dbm0 = -200, EARWIG_ERR_INVALID)
REFUSED(a_threshold_above_minus_10_dbm0_is_refused, options->silence_dbm0 = -9.9f, EARWIG_ERR_INVALID)
REFUSED(a_threshold_below_minus_60_dbm0_is_refused, options->silence_dbm0 = -60.1f, EARWIG_ERR_INVALID)
REFUSED(a_threshold_above_0_is_refused, options->silence_dbm0 = 5, EARWIG_ERR_INVALID)
REFUSED(a_threshold_that_is_no_number_is_refused, options->silence_dbm0 = NAN, EARWIG_ERR_INVALID)
REFUSED(an_infinite_threshold_is_refused, options->silence_dbm0 = -INFINITY, EARWIG_ERR_INVALID)
REFUSED(squelch_dtmf_is_0_or_1, options->squelch_dtmf = 2, EARWIG_ERR_INVALID)
REFUSED(overwrite_is_0_or_1, options->overwrite = 2, EARWIG_ERR_INVALID)
REFUSED(append_is_0_or_1, options->append = -1, EARWIG_ERR_INVALID)
REFUSED(overwrite_and_append_exclude_each_other, options->overwrite = options->append = 1, EARWIG_ERR_INVALID)
REFUSED(a_file_mode_without_write_for_the_owner_is_refused, options->file_mode = 0440, EARWIG_ERR_INVALID)
REFUSED(a_file_mode_without_read_for_the_owner_is_refused, options->file_mode = 0200, EARWIG_ERR_INVALID)
REFUSED(a_file_mode_with_other_bits_is_refused, options->file_mode = 04640, EARWIG_ERR_INVALID)
REFUSED(cipher_mac_is_0_or_1, options->cipher_mac = 2, EARWIG_ERR_INVALID)
REFUSED(cipher_mac_without_a_key_is_refused, options->cipher_mac = 1, EARWIG_ERR_INVALID)
REFUSED(a_key_of_5_bytes_is_refused, set_cipher(options, 5, 16), EARWIG_ERR_INVALID)
REFUSED(a_key_of_33_bytes_is_refused, set_cipher(options, 33, 16), EARWIG_ERR_INVALID)
REFUSED(a_key_of_minus_16_bytes_is_refused, set_cipher(options, -16, 16), EARWIG_ERR_INVALID)
REFUSED(a_key_without_an_iv_is_refused, set_cipher(options, 32, 0), EARWIG_ERR_INVALID)
REFUSED(an_iv_without_a_key_is_refused, set_cipher(options, 0, 16), EARWIG_ERR_INVALID)
REFUSED(an_iv_of_15_bytes_is_refused, set_cipher(options, 16, 15), EARWIG_ERR_INVALID)
REFUSED(an_iv_of_17_bytes_is_refused, set_cipher(options, 16, 17), EARWIG_ERR_INVALID)
REFUSED(recorder_options_of_size_0_are_refused, options->struct_size = 0, EARWIG_ERR_SIZE)
REFUSED(recorder_options_shorter_than_their_size_are_refused, options->struct_size = 7, EARWIG_ERR_SIZE)
REFUSED(recorder_options_of_an_absurd_size_are_refused, options->struct_size = SIZE_MAX, EARWIG_ERR_SIZE)

TEST(the_largest_times_and_sizes_are_refused_or_no_limit)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();

    options.timeout_ms = options.max_bytes = options.max_silence_ms = INT64_MAX;
    if (earwig_recorder_start(call.channel, path_in(&folder, "a.wav"), &options) == EARWIG_OK) {
        write_voice(call.channel, 100);
        OK(earwig_recorder_stop(call.channel, LONG_MS));
        check_ended(call.channel, EARWIG_RECORDER_CAUSE_ABORTED, 100);
        remove(path_in(&folder, "a.wav"));
    }
    options = linear();
    options.initial_silence_ms = INT64_MAX;
    if (earwig_recorder_start(call.channel, path_in(&folder, "a.wav"), &options) == EARWIG_OK) {
        write_silence(call.channel, 100);
        OK(earwig_recorder_stop(call.channel, LONG_MS));
        check_ended(call.channel, EARWIG_RECORDER_CAUSE_ABORTED, 0);
        remove(path_in(&folder, "a.wav"));
    }
    call_close(&call);
    folder_close(&folder, "");
}

TEST(short_recorder_options_are_extended_by_zeros)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    static int16_t samples[800];

    /* Fields beyond `struct_size` are not read. */
    noise(samples, 800, 1);
    options.source = 99;
    options.key_bytes = 5;
    options.struct_size = offsetof(earwig_recorder_options, source);
    start(call.channel, path_in(&folder, "a.wav"), &options);
    write_rx(call.channel, samples, 800);
    OK(earwig_recorder_stop(call.channel, LONG_MS));
    wav_is(path_in(&folder, "a.wav"), samples, 800);
    call_close(&call);
    folder_close(&folder, "a.wav");
}

TEST(longer_recorder_options_must_end_in_zeros)
{
    struct {
        earwig_recorder_options known;
        char tail[24];
    } options;
    struct call call = call_answered();
    struct folder folder = folder_make();

    memset(&options, 0, sizeof options);
    options.known = linear();
    options.known.struct_size = sizeof options;
    options.tail[7] = 1;
    CHECK_INT(earwig_recorder_start(call.channel, path_in(&folder, "a.wav"), (earwig_recorder_options *)&options), EARWIG_ERR_SIZE);
    options.tail[7] = 0;
    OK(earwig_recorder_start(call.channel, path_in(&folder, "a.wav"), (earwig_recorder_options *)&options));
    OK(earwig_recorder_stop(call.channel, LONG_MS));
    call_close(&call);
    folder_close(&folder, "a.wav");
}

TEST(a_recorder_result_of_a_wrong_size_is_refused_before_anything_starts)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;

    OK(earwig_recorder_result_init(&result));
    CHECK_INT(result.struct_size, sizeof result);
    result.struct_size = 7;
    CHECK_INT(earwig_recorder_record(call.channel, path_in(&folder, "a.wav"), &options, &result), EARWIG_ERR_SIZE);
    CHECK_TEXT(names(&folder), "");
    start(call.channel, path_in(&folder, "a.wav"), &options);
    write_voice(call.channel, 100);
    CHECK_INT(earwig_recorder_wait(call.channel, 0, &result), EARWIG_ERR_SIZE);
    OK(earwig_recorder_stop(call.channel, LONG_MS));
    CHECK_INT(earwig_recorder_wait(call.channel, 0, &result), EARWIG_ERR_SIZE);
    result.struct_size = 0;
    CHECK_INT(earwig_recorder_get_result(call.channel, &result), EARWIG_ERR_SIZE);
    /* A shorter result of an older host is filled up to its size. */
    memset(&result, 0x55, sizeof result);
    result.struct_size = offsetof(earwig_recorder_result, duration_ms);
    OK(earwig_recorder_get_result(call.channel, &result));
    CHECK_INT(result.cause, EARWIG_RECORDER_CAUSE_ABORTED);
    CHECK(result.duration_ms == INT64_C(0x5555555555555555));
    check_ended(call.channel, EARWIG_RECORDER_CAUSE_ABORTED, 100);
    call_close(&call);
    folder_close(&folder, "a.wav");
}

/* ---- options as text ---- */

static void parse(const char *text, earwig_recorder_options *options)
{
    char error[200] = "unset";
    earwig_status status = earwig_recorder_options_parse(text, options, error, sizeof error);
    CHECK_INT(status, EARWIG_OK);
    CHECK_TEXT(error, "");
    if (status != EARWIG_OK)
        printf("%s\n", text);
}

TEST(recorder_options_can_be_given_as_text)
{
    earwig_recorder_options options = linear();

    parse("file_format=ulaw,rate=11025,seconds_timeout=1.5,max_bytes=0,milliseconds_max_silence=2000,barge_in=True", &options);
    CHECK_INT(options.file_format, EARWIG_RECORDER_FORMAT_ULAW);
    CHECK_INT(options.rate_hz, 11025);
    CHECK_INT(options.timeout_ms, 1500);
    CHECK_INT(options.max_bytes, 0);
    CHECK_INT(options.max_silence_ms, 2000);
    CHECK_INT(options.barge_in, 1);
    CHECK_INT(options.initial_silence_ms, 0);
    CHECK_INT(options.struct_size, sizeof options);
    parse("milliseconds_initial_silence=700,source=both,silence_dbm0=-35.5,squelch_dtmf=1,overwrite=yes", &options);
    CHECK_INT(options.initial_silence_ms, 700);
    CHECK_INT(options.source, EARWIG_RECORDER_SOURCE_BOTH);
    CHECK(options.silence_dbm0 == -35.5f);
    CHECK_INT(options.squelch_dtmf, 1);
    CHECK_INT(options.overwrite, 1);
    CHECK_INT(options.append, 0);
    /* Options that the text does not name stay. */
    CHECK_INT(options.rate_hz, 11025);
    parse("", &options);
    parse("seconds_timeout=None,overwrite=0,append=1", &options);
    CHECK_INT(options.timeout_ms, EARWIG_FOREVER);
    CHECK_INT(options.overwrite, 0);
    CHECK_INT(options.append, 1);
    parse("file_mode=0660", &options);
    CHECK_INT(options.file_mode, 0660);
    parse("{\"file_mode\":\"600\"}", &options);
    CHECK_INT(options.file_mode, 0600);
    parse("cipher_mac=yes", &options);
    CHECK_INT(options.cipher_mac, 1);
    parse("cipher=000102030405060708090a0B0C0D0E0f:f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", &options);
    CHECK_INT(options.key_bytes, 16);
    CHECK_INT(options.iv_bytes, 16);
    CHECK_INT(options.key[11], 11);
    CHECK_INT(options.key[15], 15);
    CHECK_INT(options.iv[0], 0xF0);
    CHECK_INT(options.iv[15], 0xFF);
}

TEST(recorder_options_can_be_given_as_json)
{
    earwig_recorder_options options = linear();

    parse("{\"file_format\":\"oki\",\"rate\":6000,\"seconds_timeout\":null,\"milliseconds_max_silence\":0,\"barge_in\":true,"
          "\"source\":\"mixed\",\"silence_dbm0\":-40}",
          &options);
    CHECK_INT(options.file_format, EARWIG_RECORDER_FORMAT_OKI);
    CHECK_INT(options.rate_hz, 6000);
    CHECK_INT(options.timeout_ms, EARWIG_FOREVER);
    CHECK_INT(options.max_silence_ms, 0);
    CHECK_INT(options.barge_in, 1);
    CHECK_INT(options.source, EARWIG_RECORDER_SOURCE_MIXED);
    CHECK(options.silence_dbm0 == -40);
}

TEST(malformed_recorder_options_are_refused_and_change_nothing)
{
    static const char *const wrong[] = {
        "file_format", "file_format=", "file_format=mp3", "file_format=0x", "FILE_FORMAT=alaw", "rate=44100", "rate=-8000",
        "rate=8000.5", "rate=x", "rate=99999999999999999999", "seconds_timeout=-1", "seconds_timeout=nan",
        "seconds_timeout=1e300", "max_bytes=-1", "max_bytes=x", "max_bytes=1.5", "milliseconds_max_silence=-1",
        "milliseconds_max_silence=abc", "milliseconds_initial_silence=-1", "barge_in=maybe", "barge_in=2", "source=7",
        "source=left", "silence_dbm0=-200", "silence_dbm0=nan", "silence_dbm0=5", "squelch_dtmf=x", "overwrite=2",
        "append=x", "overwrite=1,append=1", "file_mode=", "file_mode=0", "file_mode=0440", "file_mode=1640", "file_mode=689",
        "file_mode=rw", "file_mode=+640", "file_mode=None", "{\"file_mode\":416}", "cipher=", "cipher=00", "cipher=:", "cipher=0001020304:00",
        "cipher=000102030405060708090a0b0c0d0e0f", "cipher=000102030405060708090a0b0c0d0e0f:",
        "cipher=000102030405060708090a0b0c0d0e0f:f0f1f2f3f4f5f6f7f8f9fafbfcfdfe",
        "cipher=000102030405060708090a0b0c0d0e0:f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        "cipher=000102030405060708090a0b0c0d0e0g:f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        "cipher=000102030405060708090a0b0c0d0e0f:f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff:00",
        "cipher=:f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", "kind=1", "=", "rate=8000,rate=8000", "rate=8000 source=rx", "{", "{}x", "[]",
        "null", "{\"rate\":}", "{\"rate\":44100}", "{\"rate\":\"x\"}", "{\"file_format\":99}", "{\"barge_in\":7}",
        "{\"silence_dbm0\":1e400}", "{\"kind\":1}", "{\"cipher\":\"00\"}", "\xFF\xFE", "source=\xC3\x28",
    };
    size_t i;
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        earwig_recorder_options options = linear(), before;
        char error[200] = "";
        options.max_bytes = 9;
        before = options;
        if (earwig_recorder_options_parse(wrong[i], &options, error, sizeof error) != EARWIG_ERR_INVALID || !*error) {
            printf("malformed_recorder_options_are_refused: %s\n", wrong[i]);
            CHECK(0);
        }
        /* The text of an error may be logged, so it must not contain the key. */
        CHECK(strstr(error, "0001020304") == NULL);
        CHECK(memcmp(&options, &before, sizeof options) == 0);
        CHECK_INT(earwig_recorder_options_parse(wrong[i], &options, NULL, 0), EARWIG_ERR_INVALID);
    }
}

TEST(the_text_of_a_recorder_parse_error_is_cut_to_the_size_of_its_buffer)
{
    earwig_recorder_options options = linear();
    char error[64];
    size_t size;

    for (size = 1; size < 40; size++) {
        memset(error, '!', sizeof error);
        CHECK_INT(earwig_recorder_options_parse("file_format=mp3", &options, error, size), EARWIG_ERR_INVALID);
        CHECK(strlen(error) < size);
        CHECK_INT(error[size], '!');
    }
    options.struct_size = 0;
    CHECK_INT(earwig_recorder_options_parse("rate=6000", &options, NULL, 0), EARWIG_ERR_SIZE);
    CHECK_INT(options.rate_hz, 8000);
}
