//! Every public enum, once. The values are the C API's: they are never reused and never change.
#![forbid(unsafe_code)]

/// The names of an enum's values, and the check of an integer from outside.
macro_rules! names {
    ($name:ident $($variant:ident $text:literal,)+) => {
        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The value's name as results, options and the PBX's variables spell it.
            pub fn name(self) -> &'static str {
                self.text().to_str().unwrap_or_default()
            }

            /// The name for C: static, NUL-terminated.
            pub fn text(self) -> &'static std::ffi::CStr {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value of an integer that came from outside; `None` if it is no value of this enum.
            pub fn from_i32(value: i32) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| *v as i32 == value)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

mod call;
mod cause;
mod dtmf;
mod event;
mod machine;
mod recorder;
mod status;

pub use call::*;
pub use cause::*;
pub use dtmf::*;
pub use event::*;
pub use machine::*;
pub use recorder::*;
pub use status::*;
