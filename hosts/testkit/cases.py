"""Options that both hosts try: the name of an extension, and the options of its application."""

# Recordings.
RECORD = {
    "size": "file_format=ulaw,max_bytes=8000",
    "silence": "file_format=ulaw,milliseconds_max_silence=500",
    "quiet": "seconds_timeout=1",
    "barge": "file_format=ulaw,barge_in=true",
    "hangup": "file_format=ulaw",
    "full": "file_format=s16bit,rate=48000,source=both",
    "json": '{"file_format":"s16bit","max_bytes":8000}',
    "bad-format": "file_format=mp3",
    "bad-key": "file_fromat=alaw",
    "bad-rate": "rate=9000",
    "over": "file_format=ulaw,overwrite=true,max_bytes=8000",
}

# Detections.
DETECT = {
    "defaults": "",
    "silent": "initial_timeout=1.5",
    "long": "timeout=1,initial_timeout=3",
    "late-fax": "initial_timeout=1,fax_timeout=3",
    "cng": "tone=CED,CNG",
    "end": "detect_message_end=true",
    "ready-on-beep": "detect_message_end=true,ready_on=beep",
    "ready-on-silence": "detect_message_end=true,ready_on=silence",
    "interrupted": "detect_message_end=true,detect_interruptions=true",
    "json": '{"detect_machine":{"detectors":"amd","machine_words_threshold":3,"end_silence_timeout":0.5}}',
    "fax": "detectors=fax,timeout=2.5",
    "adaptive": "strategy=adaptive",
    "provisional": "strategy=adaptive,provisional=true",
    "max-ms": "strategy=adaptive,sensitivity=60,max_ms=600,revise=true,listen_on=0.5",
    "after-machine": "strategy=adaptive,after_machine=true,timeout=6",
    "busy": "initial_timeout=2.5",
    "bad-words": "machine_words_threshold=0",
    "bad-sensitivity": "sensitivity=101",
    "bad-detector": "detectors=amd,dog",
    "bad-time": "initial_timeout=soon",
    "bad-key": "detecters=amd",
    "bad-url": "status_url=ftp://127.0.0.1/",
}
