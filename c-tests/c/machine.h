/* What the tests of detections share: who may answer a call, as sound. */
#ifndef MACHINE_H
#define MACHINE_H

#include "test.h"

/* The defaults. */
earwig_machine_options machine_options(void);
/* Starts a detection; NULL: with the defaults. */
void machine_start(earwig_channel *channel, const earwig_machine_options *options);
/* How the detection ended; waits for that. */
earwig_machine_result detected(earwig_channel *channel);
/* The same, for a test that knows it. */
void check_detected(earwig_channel *channel, earwig_machine_verdict verdict, earwig_machine_cause cause);

/* Writes as much of somebody who speaks, from the beginning each time; at most SPEECH_MS. All sound is flushed. */
void play_speech(earwig_channel *channel, int ms);
enum { SPEECH_MS = 3000 };
/* Writes a tone of one or two frequencies (0: none), each at -13 dBm0. */
void play_tones(earwig_channel *channel, double hz, double hz2, int ms);
/* Half a second of "hello", and silence after it: a human with the defaults. */
void play_human(earwig_channel *channel);

/* Takes all events that wait; those of detections by their names: "MACHINE MACHINE+beep READY+beep finished". Static text. */
const char *machine_events(earwig_channel *channel);

#endif
