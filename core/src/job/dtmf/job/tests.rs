//! The rules of `get_digits`, in media time.

use super::*;
use crate::job::options::parse_dtmf;
use crate::time::{Timeout, from_ms, to_ms};
use DtmfCause::{Count, End, Hangup, None as NoCause, Timeout as TimedOut};

/// A collection under test. Times are in milliseconds.
struct Bench {
    buffer: DigitBuffer,
    job: Option<DtmfJob>,
    result: Option<DtmfResult>,
}

fn buffer(digits: &str) -> DigitBuffer {
    let mut buffer = DigitBuffer::default();
    for d in digits.bytes() {
        assert!(buffer.push(d));
    }
    buffer
}

fn start(options: &str, at_ms: u64, buffered: &str) -> Bench {
    let mut buffer = buffer(buffered);
    let options = parse_dtmf(options, DtmfOptions::default()).unwrap();
    match DtmfJob::start(options, from_ms(at_ms), &mut buffer) {
        Ok(job) => Bench {
            buffer,
            job: Some(job),
            result: None,
        },
        Err(result) => Bench {
            buffer,
            job: None,
            result: Some(result),
        },
    }
}

impl Bench {
    fn keep(&mut self, result: Option<DtmfResult>) {
        if result.is_some() {
            self.job = None;
            self.result = result;
        }
    }

    /// A key is pressed.
    fn press(mut self, digit: char, at_ms: u64) -> Self {
        if let Some(mut job) = self.job.take() {
            let result = job.expire_before(from_ms(at_ms), &mut self.buffer);
            self.job = Some(job);
            self.keep(result);
        }
        self.buffer.push(digit as u8);
        if let Some(mut job) = self.job.take() {
            let result = job.digit(from_ms(at_ms), &mut self.buffer);
            self.job = Some(job);
            self.keep(result);
        }
        self
    }

    fn until(mut self, at_ms: u64) -> Self {
        if let Some(mut job) = self.job.take() {
            let result = job.expire_until(from_ms(at_ms), &mut self.buffer);
            self.job = Some(job);
            self.keep(result);
        }
        self
    }

    fn hangup(mut self, at_ms: u64) -> Self {
        if let Some(job) = self.job.take() {
            self.result = Some(job.hangup(from_ms(at_ms), &mut self.buffer));
        }
        self
    }

    #[track_caller]
    fn runs(self) -> Self {
        assert!(self.result.is_none(), "ended: {:?}", self.result);
        self
    }

    #[track_caller]
    fn ends(self, cause: DtmfCause, digits: &str, at_ms: u64) -> Self {
        let result = self.result.as_ref().expect("the collection still runs");
        assert_eq!(
            (result.cause, result.digits.as_str(), to_ms(result.ended)),
            (cause, digits, at_ms)
        );
        self
    }

    #[track_caller]
    fn leaves(self, digits: &str) {
        assert_eq!(
            self.buffer.iter().map(char::from).collect::<String>(),
            digits
        );
    }
}

#[test]
fn the_default_returns_the_buffered_digits_with_none() {
    start("", 7, "").ends(NoCause, "", 7);
    start("", 7, "123").ends(NoCause, "123", 7).leaves("");
}

#[test]
fn five_digits_with_a_30_s_predigits_and_a_1_s_interdigit_timeout() {
    let options = "count=5,seconds_predigits_timeout=30,seconds_interdigit_timeout=1";
    let two = || {
        start(options, 0, "")
            .until(29_000)
            .runs()
            .press('1', 29_500)
            .press('2', 30_200)
    };
    two()
        .press('3', 31_000)
        .press('4', 31_500)
        .press('5', 32_000)
        .ends(Count, "12345", 32_000)
        .leaves("");
    two()
        .until(31_199)
        .runs()
        .until(31_200)
        .ends(TimedOut, "12", 31_200);
    start(options, 0, "")
        .until(29_999)
        .runs()
        .until(30_000)
        .ends(TimedOut, "", 30_000);
}

#[test]
fn clear_empties_the_buffer_before_waiting_for_the_first_digit() {
    start("clear=true", 0, "123")
        .ends(NoCause, "", 0)
        .leaves("");
    start("clear=true,count=1,seconds_predigits_timeout=5", 0, "9")
        .runs()
        .press('1', 100)
        .ends(Count, "1", 100);
    start("count=1,seconds_predigits_timeout=5", 0, "9").ends(Count, "9", 0);
}

#[test]
fn buffered_digits_are_examined_before_the_first_wait() {
    start("count=2,seconds_predigits_timeout=None", 0, "12345")
        .ends(Count, "12", 0)
        .leaves("345");
    start("end=#,seconds_predigits_timeout=None", 0, "12#45")
        .ends(End, "12#", 0)
        .leaves("45");
    start("count=4,seconds_predigits_timeout=None", 0, "12")
        .runs()
        .press('3', 100)
        .press('4', 200)
        .ends(Count, "1234", 200);
}

#[test]
fn a_zero_predigits_timeout_returns_from_the_buffer_at_once() {
    start("count=4", 0, "12").ends(NoCause, "12", 0);
    start("count=2", 0, "12").ends(Count, "12", 0);
    start("end=#", 0, "1#2").ends(End, "1#", 0).leaves("2");
    start("seconds_predigits_timeout=0,seconds_timeout=9", 0, "").ends(NoCause, "", 0);
}

#[test]
fn without_predigits_timeout_the_wait_has_no_limit() {
    start("seconds_predigits_timeout=None,count=1", 0, "")
        .until(1_000_000_000)
        .runs()
        .press('1', 1_000_000_001)
        .ends(Count, "1", 1_000_000_001);
}

#[test]
fn the_predigits_timeout_stops_at_the_first_digit() {
    start(
        "seconds_predigits_timeout=1,seconds_interdigit_timeout=10,count=2",
        0,
        "",
    )
    .press('1', 900)
    .until(5000)
    .runs()
    .press('2', 6000)
    .ends(Count, "12", 6000);
    start(
        "seconds_predigits_timeout=1,seconds_interdigit_timeout=10,count=2",
        0,
        "1",
    )
    .until(5000)
    .runs();
}

#[test]
fn the_interdigit_timeout_restarts_at_every_digit() {
    let mut bench = start(
        "seconds_predigits_timeout=5,seconds_interdigit_timeout=1",
        0,
        "",
    );
    for i in 0..10 {
        bench = bench.press('5', 1000 + 900 * i).runs();
    }
    bench
        .until(10_099)
        .runs()
        .until(10_100)
        .ends(TimedOut, "5555555555", 10_100)
        .leaves("");
}

#[test]
fn the_interdigit_timeout_runs_from_the_start_after_buffered_digits() {
    start(
        "seconds_predigits_timeout=9,seconds_interdigit_timeout=2,count=3",
        1000,
        "12",
    )
    .until(2999)
    .runs()
    .until(3000)
    .ends(TimedOut, "12", 3000);
}

#[test]
fn a_zero_interdigit_timeout_returns_at_once_after_the_first_digit() {
    start(
        "seconds_predigits_timeout=5,seconds_interdigit_timeout=0,count=3",
        0,
        "",
    )
    .press('1', 700)
    .ends(NoCause, "1", 700);
    start(
        "seconds_predigits_timeout=5,seconds_interdigit_timeout=0,count=3",
        0,
        "12",
    )
    .ends(NoCause, "12", 0);
    start(
        "seconds_predigits_timeout=5,seconds_interdigit_timeout=0,count=1",
        0,
        "",
    )
    .press('1', 700)
    .ends(Count, "1", 700);
}

#[test]
fn without_interdigit_timeout_the_wait_has_no_limit() {
    start(
        "seconds_predigits_timeout=1,seconds_interdigit_timeout=None,count=2",
        0,
        "",
    )
    .press('1', 500)
    .until(1_000_000_000)
    .runs();
}

#[test]
fn the_overall_timeout_runs_independent_of_digits() {
    let options = "seconds_predigits_timeout=None,seconds_interdigit_timeout=2,seconds_timeout=3";
    start(options, 500, "")
        .press('1', 1000)
        .press('2', 2500)
        .until(3499)
        .runs()
        .until(3500)
        .ends(TimedOut, "12", 3500);
    start(options, 500, "").until(3500).ends(TimedOut, "", 3500);
    start(options, 500, "")
        .press('1', 3400)
        .until(3500)
        .ends(TimedOut, "1", 3500);
    start("seconds_predigits_timeout=None,seconds_timeout=0", 500, "")
        .runs()
        .until(500)
        .ends(TimedOut, "", 500);
}

#[test]
fn the_earlier_of_two_timeouts_ends_the_collection() {
    start("seconds_predigits_timeout=2,seconds_timeout=1", 0, "")
        .until(9999)
        .ends(TimedOut, "", 1000);
    start("seconds_predigits_timeout=1,seconds_timeout=2", 0, "")
        .until(9999)
        .ends(TimedOut, "", 1000);
}

#[test]
fn an_end_digit_is_the_last_digit_of_the_result() {
    start("end=*#,seconds_predigits_timeout=5", 0, "")
        .press('1', 100)
        .press('*', 200)
        .ends(End, "1*", 200)
        .leaves("");
    start("end=*#,seconds_predigits_timeout=5", 0, "")
        .press('#', 100)
        .ends(End, "#", 100);
    start("end=AD,seconds_predigits_timeout=5", 0, "")
        .press('#', 100)
        .press('D', 200)
        .ends(End, "#D", 200);
}

#[test]
fn end_wins_a_tie_with_count() {
    start("count=3,end=#,seconds_predigits_timeout=5", 0, "")
        .press('1', 100)
        .press('2', 200)
        .press('#', 300)
        .ends(End, "12#", 300);
    start("count=3,end=#", 0, "12#").ends(End, "12#", 0);
}

#[test]
fn the_first_condition_met_ends_the_collection() {
    start("count=3,end=#", 0, "123#")
        .ends(Count, "123", 0)
        .leaves("#");
    start("count=3,end=#", 0, "1#23")
        .ends(End, "1#", 0)
        .leaves("23");
}

#[test]
fn a_digit_wins_a_tie_with_a_timeout() {
    let options = "count=2,seconds_predigits_timeout=1,seconds_interdigit_timeout=1";
    start(options, 0, "")
        .press('1', 1000)
        .runs()
        .press('2', 2000)
        .ends(Count, "12", 2000);
    start(options, 0, "")
        .press('1', 1001)
        .ends(TimedOut, "", 1000)
        .leaves("1");
    start(options, 0, "")
        .press('1', 500)
        .press('2', 1501)
        .ends(TimedOut, "1", 1500)
        .leaves("2");
}

#[test]
fn a_count_of_zero_ends_at_32_digits_with_count() {
    let mut bench = start("seconds_predigits_timeout=5", 0, "");
    for i in 0..32 {
        bench = bench.runs().press('7', 100 * (i + 1));
    }
    bench.ends(Count, &"7".repeat(32), 3200).leaves("");
    start("", 0, &"8".repeat(32)).ends(Count, &"8".repeat(32), 0);
    start("count=32", 0, &"8".repeat(32)).ends(Count, &"8".repeat(32), 0);
}

#[test]
fn a_hangup_returns_the_digits_so_far() {
    start("count=5,seconds_predigits_timeout=9", 0, "")
        .press('1', 100)
        .press('2', 300)
        .hangup(777)
        .ends(Hangup, "12", 777);
    start("count=5,seconds_predigits_timeout=9", 0, "")
        .hangup(5)
        .ends(Hangup, "", 5)
        .leaves("");
}

#[test]
fn a_stop_returns_the_digits_so_far_with_none() {
    let mut bench = start("count=5,seconds_predigits_timeout=9", 0, "").press('1', 100);
    let result = bench
        .job
        .take()
        .unwrap()
        .stop(from_ms(400), &mut bench.buffer);
    assert_eq!(
        (result.cause, result.digits.as_str(), to_ms(result.ended)),
        (NoCause, "1", 400)
    );
    bench.leaves("");
}

#[test]
fn a_timeout_noticed_late_ends_at_its_own_time() {
    start("seconds_predigits_timeout=1", 0, "")
        .until(3_600_000)
        .ends(TimedOut, "", 1000);
}

#[test]
fn extreme_times_do_not_overflow() {
    let options = DtmfOptions {
        predigits_timeout: Timeout::ms(u64::MAX),
        ..DtmfOptions::default()
    };
    let mut buffer = DigitBuffer::default();
    let mut job = DtmfJob::start(options, u64::MAX - 1, &mut buffer).unwrap();
    assert_eq!(job.expire_before(u64::MAX, &mut buffer), Option::None);
}
